import { assert, assertEquals, assertGreater, assertLessOrEqual } from "@std/assert";
import { Company, refusalOf } from "../support/company.ts";
import type { Peer, Said } from "../support/peer.ts";
import { TestServer } from "../support/server.ts";

const PASSWORD = "correct horse";

/** A protected room of ann's, in which she says one thing. */
async function openVault(company: Company, roomId = "vault"): Promise<Peer> {
  const ann = await company.connect("ann");
  await ann.ask({ type: "create", roomId, password: PASSWORD });
  await ann.join(roomId);
  await ann.ask({ type: "chat", roomId, content: "gold" });
  await ann.drained();
  return ann;
}

async function tryDoor(peer: Peer, password?: string, roomId = "vault"): Promise<unknown> {
  const { type, code } = await peer.ask({ type: "join", roomId, password });
  return code ?? type;
}

Deno.test("a room with a password opens for who knows it, to the letter", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const ann = await openVault(company);
  const bob = await company.connect("bob");
  const refusal = { type: "error", code: "wrong_password", message: "Wrong password", roomId: "vault" };
  assertEquals(refusalOf(await bob.ask({ type: "join", roomId: "vault" })), refusal, "none at all");
  for (const password of ["Correct horse", "correct horse ", "correct"]) {
    assertEquals(refusalOf(await bob.ask({ type: "join", roomId: "vault", password })), refusal);
  }
  assertEquals(await ann.drained(), []);
  assertEquals(await tryDoor(bob, PASSWORD), "joined");
  assertEquals((await ann.next("system")).message, "bob joined the room");
});

Deno.test("without the password nothing of the room can be read, but that there is one", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  await openVault(company);
  const bob = await company.connect("bob");
  assertEquals((await bob.ask({ type: "rooms" })).rooms, [
    { roomId: "vault", roomName: "vault", members: 1, protected: true, visibility: "public" },
  ]);
  for (
    const command of [
      { type: "history" },
      { type: "members" },
      { type: "search", query: "gold" },
      { type: "chat", content: "x" },
      { type: "receipt", seq: 1, status: "read" },
    ]
  ) {
    assertEquals((await bob.ask({ ...command, roomId: "vault" })).code, "not_a_member", command.type);
  }
  assertEquals((await bob.ask({ type: "search", query: "gold" })).results, []);
  assertEquals((await bob.ask({ type: "join", roomId: "vault", after: 0 })).code, "wrong_password");
  assertEquals(bob.frames.filter((frame) => frame.includes("gold")), []);
});

Deno.test("members need the password once: not again, not on another device, not after a break", async () => {
  await using server = await TestServer.start({ PRESENCE_GRACE_MS: "0" });
  await using company = new Company(server);
  const ann = await openVault(company);
  const bob = await company.connect("bob");
  assertEquals(await tryDoor(bob, PASSWORD), "joined");
  assertEquals(await tryDoor(bob), "joined");
  assertEquals(await tryDoor(await company.connect("bob")), "joined");
  await Company.part(bob);
  const back = await company.connect("bob");
  assertEquals((await back.ask({ type: "join", roomId: "vault", after: 0 })).type, "joined");
  await ann.ask({ type: "update", roomId: "vault", password: "new" });
  assertEquals(await tryDoor(back), "joined", "a new password is for newcomers");
  assertEquals(await tryDoor(back, "wrong"), "joined", "nobody looks at it");
});

Deno.test("the owner needs no password, and who has left needs it again", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const ann = await openVault(company);
  assertEquals(await tryDoor(ann), "joined");
  const bob = await company.connect("bob");
  await tryDoor(bob, PASSWORD);
  await bob.ask({ type: "leave", roomId: "vault" });
  assertEquals(await tryDoor(bob), "wrong_password");
  assertEquals(await tryDoor(bob, PASSWORD), "joined");
  await ann.ask({ type: "moderate", roomId: "vault", action: "kick", userId: "bob" });
  assertEquals(await tryDoor(bob), "wrong_password");
});

Deno.test("after five wrong tries even the right password has to wait, on every device", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  await openVault(company);
  const [desk, phone] = [await company.connect("bob"), await company.connect("bob")];
  for (let i = 0; i < 5; i++) {
    assertEquals(await tryDoor(i % 2 ? desk : phone, `guess ${i}`), "wrong_password");
  }
  for (const [peer, password] of [[desk, "guess"], [desk, PASSWORD], [phone, PASSWORD]] as const) {
    const { code, message, roomId, retryAfterMs } = await peer.ask({
      type: "join",
      roomId: "vault",
      password,
    });
    assertEquals([code, message, roomId], ["rate_limited", "Rate limit exceeded", "vault"]);
    assertGreater(Number(retryAfterMs), 0);
    assertLessOrEqual(Number(retryAfterMs), 60_000);
  }
  assertEquals(await tryDoor(await company.connect("carl"), PASSWORD), "joined", "others are not locked out");
});

Deno.test("guessing at many doors at once, or through many devices, is no way round", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  await openVault(company);
  await openVault(company, "safe");
  const devices = [];
  for (let i = 0; i < 8; i++) devices.push(await company.connect("bob"));
  const outcomes = await Promise.all(devices.map((peer, i) => tryDoor(peer, `guess ${i}`)));
  assertEquals(outcomes.filter((outcome) => outcome === "wrong_password").length, 5);
  assertEquals(outcomes.filter((outcome) => outcome === "rate_limited").length, 3);
  assertEquals(await tryDoor(devices[0], PASSWORD, "safe"), "joined", "another room is another lock");
});

Deno.test("a member is never locked out by having guessed before", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  await openVault(company);
  const bob = await company.connect("bob");
  for (let i = 0; i < 4; i++) await tryDoor(bob, "wrong");
  assertEquals(await tryDoor(bob, PASSWORD), "joined");
  for (let i = 0; i < 6; i++) assertEquals(await tryDoor(bob, "wrong"), "joined");
});

Deno.test("a password is set, changed and removed with update", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, bob] = await company.gather("hall", "ann", "bob");
  const isProtected = async (password: string | null) => {
    const updated = await ann.ask({ type: "update", roomId: "hall", password });
    const system = await bob.next("system");
    assertEquals([updated.type, system.event], ["updated", "update"]);
    assertEquals(updated.protected, system.protected);
    return updated.protected;
  };
  const newcomers = async (password?: string) => {
    const newcomer = await company.connect(crypto.randomUUID());
    return await tryDoor(newcomer, password, "hall");
  };
  assertEquals(await isProtected("first"), true);
  assertEquals([await newcomers(), await newcomers("first")], ["wrong_password", "joined"]);
  await bob.drained();
  assertEquals(await isProtected("second"), true);
  assertEquals([await newcomers("first"), await newcomers("second")], ["wrong_password", "joined"]);
  await bob.drained();
  const renamed = await ann.ask({ type: "update", roomId: "hall", roomName: "The Hall" });
  assertEquals(renamed.protected, true, "what is not named stays");
  await bob.drained();
  assertEquals(await isProtected(null), false);
  assertEquals([await newcomers(), await newcomers("whatever")], ["joined", "joined"]);
});

Deno.test("a password is a text of 1 to 256 characters", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const ann = await company.connect("ann");
  for (const password of ["", 5, "x".repeat(257), ["x"]]) {
    for (const type of ["create", "join"]) {
      const { code, message } = await ann.ask({ type, roomId: "vault", password });
      assertEquals(code, "bad_request", `${type} ${password}`);
      assert(String(message).startsWith("password "), String(message));
    }
  }
  assertEquals((await ann.ask({ type: "create", roomId: "vault", password: null })).code, "bad_request");
  const long = "密码".repeat(128);
  assertEquals((await ann.ask({ type: "create", roomId: "vault", password: long })).protected, true);
  assertEquals(await tryDoor(await company.connect("bob"), long), "joined");
});

Deno.test("nothing that the server says holds a password, or what is kept of it", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const ann = await openVault(company);
  const bob = await company.connect("bob");
  await tryDoor(bob, PASSWORD);
  await ann.ask({ type: "update", roomId: "vault", password: PASSWORD });
  for (const peer of [ann, bob]) {
    for (const type of ["rooms", "members", "history"]) await peer.ask({ type, roomId: "vault" });
    await peer.drained();
    for (const said of peer.frames.flatMap((frame) => frame.split("\n"))) {
      assert(!said.includes(PASSWORD) && !said.includes("scrypt") && !/hash/i.test(said), said);
      const { rooms } = JSON.parse(said) as { rooms?: Said[] };
      for (const room of rooms ?? []) assertEquals(room.password, undefined);
    }
  }
});
