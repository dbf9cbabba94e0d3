import { assert, assertEquals } from "@std/assert";
import { Company, contentsOf } from "../support/company.ts";
import type { Peer, Said } from "../support/peer.ts";
import { TestServer } from "../support/server.ts";

async function roomOf(peer: Peer, roomId: string): Promise<Said | undefined> {
  const { rooms } = await peer.ask({ type: "rooms" });
  return (rooms as Said[]).find((room) => room.roomId === roomId);
}

Deno.test("who creates a room owns it, before anybody is in it", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, bob] = [await company.connect("ann"), await company.connect("bob")];
  ann.send({ type: "create", id: "c", roomId: "hall", roomName: "The Hall" });
  const { epoch, ...created } = await ann.next();
  assertEquals(created as object, {
    ...{ type: "created", id: "c", roomId: "hall", roomName: "The Hall", visibility: "public" },
    ...{ protected: false, seq: 0 },
  });
  assert(typeof epoch === "string" && epoch !== "");
  assertEquals(await roomOf(bob, "hall") as object, {
    ...{ roomId: "hall", roomName: "The Hall", members: 0, protected: false, visibility: "public" },
  });
  const joined = await bob.join("hall", { roomName: "Bob's" });
  assertEquals([joined.role, joined.roomName, joined.epoch], ["member", "The Hall", epoch]);
  assertEquals((await ann.join("hall")).role, "owner");
});

Deno.test("a room is named by its id unless it is given a name", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const ann = await company.connect("ann");
  assertEquals((await ann.ask({ type: "create", roomId: "大厅" })).roomName, "大厅");
  assertEquals((await ann.join("attic")).role, "owner", "joining a room that is not there makes it, too");
});

Deno.test("a room that exists is not created again, and stays as it is", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, bob] = await company.gather("hall", "ann", "bob");
  for (const peer of [ann, bob]) {
    const { type, code, roomId } = await peer.ask({
      type: "create",
      roomId: "hall",
      roomName: "Mine",
      password: "x",
    });
    assertEquals([type, code, roomId], ["error", "room_exists", "hall"]);
  }
  const room = await roomOf(bob, "hall");
  assertEquals([room?.roomName, room?.protected], ["hall", false]);
  assertEquals((await bob.join("hall")).role, "member");
});

Deno.test("of many who create one room at once, one does", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const peers: Peer[] = [];
  for (let i = 0; i < 10; i++) peers.push(await company.connect(`user ${i}`));
  const answers = await Promise.all(peers.map((peer) => peer.ask({ type: "create", roomId: "hall" })));
  assertEquals(answers.filter(({ type }) => type === "created").length, 1);
  assertEquals(answers.filter(({ code }) => code === "room_exists").length, 9);
  const roles = await Promise.all(peers.map(async (peer) => (await peer.join("hall")).role));
  assertEquals(roles.filter((role) => role === "owner").length, 1);
  assertEquals(roles.indexOf("owner"), answers.findIndex(({ type }) => type === "created"));
});

Deno.test("names are compared byte for byte", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const ann = await company.connect("ann");
  for (const roomId of ["caf\u00e9", "cafe\u0301", "Hall", "hall", "hall "]) {
    assertEquals((await ann.ask({ type: "create", roomId })).type, "created", JSON.stringify(roomId));
  }
});

Deno.test("a room is changed by its owner and its admins, and everybody there is told", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, bob, carl] = await company.gather("hall", "ann", "bob", "carl");
  ann.send({ type: "update", id: "u", roomId: "hall", roomName: "The Hall" });
  const updated = await ann.next("updated");
  assertEquals(updated as object, {
    ...{ type: "updated", id: "u", roomId: "hall", roomName: "The Hall" },
    ...{ visibility: "public", protected: false },
  });
  for (const peer of [bob, carl]) {
    const { type, event, roomId, roomName, by } = await peer.next();
    assertEquals([type, event, roomId, roomName, by], ["system", "update", "hall", "The Hall", "ann"]);
  }
  assertEquals((await roomOf(carl, "hall"))?.roomName, "The Hall");
  assertEquals((await (await company.connect("dora")).join("hall")).roomName, "The Hall");
  await ann.ask({ type: "moderate", roomId: "hall", action: "promote", userId: "bob" });
  assertEquals((await bob.ask({ type: "update", roomId: "hall", roomName: "Bob's" })).type, "updated");
  assertEquals((await carl.ask({ type: "update", roomId: "hall", roomName: "Carl's" })).code, "forbidden");
  assertEquals((await roomOf(carl, "hall"))?.roomName, "Bob's");
  assertEquals((await ann.ask({ type: "update", roomId: "nowhere", roomName: "x" })).code, "room_not_found");
});

Deno.test("a room is changed while nobody is there", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const ann = await company.connect("ann");
  await ann.ask({ type: "create", roomId: "hall" });
  assertEquals((await ann.ask({ type: "update", roomId: "hall", roomName: "The Hall" })).type, "updated");
  assertEquals((await ann.join("hall")).roomName, "The Hall");
});

Deno.test("what makes no sense of a room is a bad request that names the field", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann] = await company.gather("hall", "ann");
  const wrong: [object, string][] = [
    [{ type: "create" }, "roomId"],
    [{ type: "create", roomId: "x".repeat(129) }, "roomId"],
    [{ type: "create", roomId: "a\nb" }, "roomId"],
    [{ type: "create", roomId: "x", visibility: "hidden" }, "visibility"],
    [{ type: "create", roomId: "x", roomName: "x".repeat(129) }, "roomName"],
    [{ type: "update", roomId: "hall", visibility: null }, "visibility"],
    [{ type: "update", roomId: "hall", roomName: "" }, "roomName"],
    [{ type: "invite", roomId: "hall" }, "userId"],
    [{ type: "moderate", roomId: "hall", userId: "bob" }, "action"],
    [{ type: "moderate", roomId: "hall", userId: "bob", action: "tickle" }, "action"],
    [{ type: "moderate", roomId: "hall", action: "kick" }, "userId"],
    [{ type: "moderate", roomId: "hall", action: "mute", userId: "bob", seconds: 0 }, "seconds"],
    [{ type: "moderate", roomId: "hall", action: "ban", userId: "bob", seconds: "60" }, "seconds"],
    [{ type: "moderate", roomId: "hall", action: "ban", userId: "bob", reason: 5 }, "reason"],
  ];
  for (const [command, field] of wrong) {
    const { code, message } = await ann.ask(command);
    assertEquals(code, "bad_request", JSON.stringify(command));
    assert(String(message).includes(field), String(message));
  }
});

Deno.test("where only administrators make rooms, others find none, neither by joining nor by creating", async () => {
  await using server = await TestServer.start({ ROOM_CREATION: "admin" });
  await using company = new Company(server);
  const ann = await company.connect("ann");
  const root = await company.connect("root", { role: "admin" });
  assertEquals((await ann.ask({ type: "join", roomId: "hall" })).code, "room_not_found");
  const refused = await ann.ask({ type: "create", roomId: "hall" });
  assert(["forbidden", "room_not_found"].includes(String(refused.code)), String(refused.code));
  assertEquals((await root.ask({ type: "rooms" })).rooms, []);
  assertEquals((await root.ask({ type: "create", roomId: "hall" })).type, "created");
  assertEquals((await ann.join("hall")).role, "member");
  assertEquals((await root.join("study")).role, "owner");
  assertEquals((await ann.join("study")).role, "member");
  assertEquals(
    (await ann.ask({ type: "dm", to: "bob", content: "x" })).type,
    "ack",
    "talking to one is no room",
  );
});

Deno.test("a token's list of rooms limits what it may join, create, read and search", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const whole = await company.connect("ann");
  for (const roomId of ["general", "team-red", "team-", "teams", "generals", "secret"]) {
    await whole.join(roomId);
    await whole.ask({ type: "chat", roomId, content: `a word in ${roomId}` });
  }
  await whole.ask({ type: "dm", to: "bob", content: "a word to bob" });
  const rooms = ["general", "team-*"];
  const part = await company.connect("ann", { rooms });
  const allowed = ["general", "team-", "team-red"];
  for (const roomId of allowed) {
    assertEquals((await part.ask({ type: "history", roomId })).type, "room_history", roomId);
    assertEquals((await part.ask({ type: "search", query: "word", roomId })).type, "search_results", roomId);
    assertEquals((await part.ask({ type: "join", roomId })).type, "joined", roomId);
  }
  for (const roomId of ["teams", "generals", "secret", "team", "General", "elsewhere", "dm:ann:bob"]) {
    for (
      const command of [
        { type: "join" },
        { type: "create" },
        { type: "history" },
        { type: "members" },
        { type: "search", query: "word" },
        { type: "chat", content: "x" },
        { type: "typing", isTyping: true },
        { type: "receipt", seq: 1, status: "read" },
        { type: "leave" },
        { type: "update", roomName: "x" },
        { type: "invite", userId: "bob" },
        { type: "moderate", action: "kick", userId: "bob" },
      ]
    ) {
      const { code, message } = await part.ask({ ...command, roomId });
      assertEquals([code, message], ["forbidden", "Not allowed"], `${JSON.stringify(command)} ${roomId}`);
    }
  }
  assertEquals((await part.ask({ type: "dm", to: "bob", content: "x" })).code, "forbidden");
  assertEquals((await part.ask({ type: "search", query: "in:secret word" })).code, "forbidden");
  const { results } = await part.ask({ type: "search", query: "word" });
  assertEquals(contentsOf(results as Said[]).sort(), allowed.map((roomId) => `a word in ${roomId}`));
  const named = (said: unknown) => (said as Said[]).map(({ roomId }) => roomId).sort();
  assertEquals(named((await part.ask({ type: "rooms" })).rooms), allowed);
  assertEquals(named((await company.welcome("ann", { rooms })).rooms), allowed);
  assertEquals((await part.ask({ type: "create", roomId: "team-blue" })).type, "created");
});

Deno.test("what comes by direct message reaches only devices whose token lists it", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, bob] = [await company.connect("ann"), await company.connect("bob")];
  const narrow = await company.connect("bob", { rooms: ["general"] });
  const wide = await company.connect("bob", { rooms: ["dm:*"] });
  await ann.ask({ type: "dm", to: "bob", content: "hello" });
  for (const peer of [bob, wide]) assertEquals((await peer.next("chat")).content, "hello");
  assertEquals(await narrow.drained(), []);
  assertEquals((await wide.ask({ type: "dm", to: "ann", content: "hello" })).type, "ack");
});

Deno.test("an empty list of rooms allows none", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const ann = await company.connect("ann", { rooms: [] });
  for (const type of ["join", "create"]) {
    assertEquals((await ann.ask({ type, roomId: "hall" })).code, "forbidden");
  }
});
