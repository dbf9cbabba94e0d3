import { assertEquals } from "@std/assert";
import { Company, contentsOf, refusalOf } from "../support/company.ts";
import type { Peer, Said } from "../support/peer.ts";
import { TestServer } from "../support/server.ts";

const CLUB = "club";

/** A private room of ann's, in which she says one thing. */
async function openClub(company: Company): Promise<Peer> {
  const ann = await company.connect("ann");
  await ann.ask({ type: "create", roomId: CLUB, roomName: "The Club", visibility: "private" });
  await ann.join(CLUB);
  await ann.ask({ type: "chat", roomId: CLUB, content: "the password is swordfish" });
  await ann.drained();
  return ann;
}

async function roomsOf(peer: Peer): Promise<unknown[]> {
  const { rooms } = await peer.ask({ type: "rooms" });
  return (rooms as Said[]).map(({ roomId, visibility }) => [roomId, visibility]);
}

Deno.test("a private room does not exist for who is no member, whatever they ask", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const ann = await openClub(company);
  const bob = await company.connect("bob");
  const commands = [
    { type: "leave" },
    { type: "chat", content: "knock" },
    { type: "typing", isTyping: true },
    { type: "receipt", seq: 1, status: "read" },
    { type: "receipt", seq: 99, status: "read" },
    { type: "history" },
    { type: "history", after: 0, limit: 1 },
    { type: "members" },
    { type: "search", query: "swordfish" },
    { type: "update", visibility: "public" },
    { type: "invite", userId: "bob" },
    ...["kick", "ban", "unban", "mute", "unmute", "promote", "demote"].map((action) => (
      { type: "moderate", action, userId: "ann" }
    )),
  ];
  for (const command of commands) {
    const [real, imagined] = [
      await bob.ask({ ...command, roomId: CLUB }),
      await bob.ask({ ...command, roomId: "nowhere" }),
    ];
    assertEquals([real.type, real.code], ["error", "room_not_found"], JSON.stringify(command));
    assertEquals(refusalOf({ ...real, roomId: "" }), refusalOf({ ...imagined, roomId: "" }));
  }
  for (const command of [{}, { password: "x" }, { after: 0 }, { roomName: "mine" }]) {
    const { code, message } = await bob.ask({ type: "join", roomId: CLUB, ...command });
    assertEquals([code, message], ["room_not_found", "Room not found"], JSON.stringify(command));
  }
  assertEquals(await roomsOf(bob), []);
  assertEquals((await bob.ask({ type: "search", query: "swordfish" })).results, []);
  assertEquals((await bob.ask({ type: "search", query: `in:${CLUB} swordfish` })).code, "room_not_found");
  assertEquals((await company.welcome("bob")).rooms, []);
  assertEquals(await ann.drained(), [], "and nobody inside notices");
  assertEquals(await roomsOf(ann), [[CLUB, "private"]]);
});

Deno.test("who is invited is notified on every device, and may come in", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const ann = await openClub(company);
  const [desk, phone, carl] = [
    await company.connect("bob"),
    await company.connect("bob"),
    await company.connect("carl"),
  ];
  ann.send({ type: "invite", roomId: CLUB, userId: "bob", id: "i" });
  assertEquals(await ann.next(), { type: "invited", id: "i", roomId: CLUB, userId: "bob" });
  for (const peer of [desk, phone]) {
    const { type, title, body, data } = await peer.next();
    assertEquals([type, typeof title, typeof body], ["notification", "string", "string"]);
    assertEquals([(data as Said).roomId, (data as Said).by], [CLUB, "ann"]);
  }
  assertEquals(await carl.drained(), [], "the invitation is bob's alone");
  assertEquals((await carl.ask({ type: "join", roomId: CLUB })).code, "room_not_found");
  const joined = await desk.join(CLUB);
  assertEquals([joined.roomName, joined.role, joined.members], ["The Club", "member", 2]);
  assertEquals((await ann.next("system")).message, "bob joined the room");
  assertEquals((await phone.join(CLUB)).type, "joined", "the other device, too");
  assertEquals(await roomsOf(desk), [[CLUB, "private"]]);
  const { results } = await desk.ask({ type: "search", query: "swordfish" });
  assertEquals(contentsOf(results as Said[]), ["the password is swordfish"]);
});

Deno.test("an invitation waits for who is not there, also for somebody who never was", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const ann = await openClub(company);
  assertEquals((await ann.ask({ type: "invite", roomId: CLUB, userId: "bob" })).type, "invited");
  assertEquals((await company.welcome("bob")).rooms, [], "who is invited is not a member yet");
  const bob = await company.connect("bob");
  assertEquals((await bob.join(CLUB)).role, "member");
});

Deno.test("an invitation is good for one stay: who left, or was removed, needs another", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const ann = await openClub(company);
  const bob = await company.connect("bob");
  const join = async () => (await bob.ask({ type: "join", roomId: CLUB })).code ?? "joined";
  await ann.ask({ type: "invite", roomId: CLUB, userId: "bob" });
  assertEquals(await join(), "joined");
  await Company.part(await company.connect("bob"));
  assertEquals(await join(), "joined", "members come and go as they like");
  await bob.ask({ type: "leave", roomId: CLUB });
  assertEquals(await join(), "room_not_found");
  await ann.ask({ type: "invite", roomId: CLUB, userId: "bob" });
  assertEquals(await join(), "joined");
  await ann.ask({ type: "moderate", roomId: CLUB, action: "kick", userId: "bob" });
  assertEquals(await join(), "room_not_found");
  assertEquals((await bob.ask({ type: "history", roomId: CLUB })).code, "room_not_found");
});

Deno.test("who is invited knows of the room, and may decline", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const ann = await openClub(company);
  const bob = await company.connect("bob");
  await ann.ask({ type: "invite", roomId: CLUB, userId: "bob" });
  for (const type of ["history", "members"]) {
    assertEquals((await bob.ask({ type, roomId: CLUB })).code, "not_a_member");
  }
  assertEquals((await bob.ask({ type: "search", query: "swordfish" })).results, []);
  assertEquals((await bob.ask({ type: "leave", roomId: CLUB })).type, "left");
  assertEquals((await bob.ask({ type: "join", roomId: CLUB })).code, "room_not_found");
  assertEquals(await ann.drained(), []);
});

Deno.test("inviting somebody who is in already changes nothing", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const ann = await openClub(company);
  await ann.ask({ type: "invite", roomId: CLUB, userId: "bob" });
  const bob = await company.connect("bob");
  await bob.join(CLUB);
  await ann.ask({ type: "moderate", roomId: CLUB, action: "promote", userId: "bob" });
  assertEquals((await ann.ask({ type: "invite", roomId: CLUB, userId: "bob" })).type, "invited");
  assertEquals((await bob.join(CLUB)).role, "admin");
});

Deno.test("a room that turns private keeps its members, and is gone for everybody else", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, bob] = await company.gather("hall", "ann", "bob");
  const carl = await company.connect("carl");
  assertEquals(await roomsOf(carl), [["hall", "public"]]);
  await ann.ask({ type: "update", roomId: "hall", visibility: "private" });
  assertEquals(await roomsOf(carl), []);
  assertEquals((await carl.ask({ type: "join", roomId: "hall" })).code, "room_not_found");
  await bob.drained();
  await ann.ask({ type: "chat", roomId: "hall", content: "still us" });
  assertEquals(contentsOf([await bob.next("chat")]), ["still us"]);
  await Company.part(bob);
  assertEquals((await (await company.connect("bob")).join("hall")).role, "member");
  await ann.ask({ type: "update", roomId: "hall", visibility: "public" });
  assertEquals(await roomsOf(carl), [["hall", "public"]]);
  assertEquals((await carl.join("hall")).role, "member");
});

Deno.test("a private room may have a password as well, which the invited have to know", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const ann = await openClub(company);
  await ann.ask({ type: "update", roomId: CLUB, password: "swordfish" });
  const bob = await company.connect("bob");
  const join = async (password?: string) => (await bob.ask({ type: "join", roomId: CLUB, password })).code;
  assertEquals(await join("swordfish"), "room_not_found");
  await ann.ask({ type: "invite", roomId: CLUB, userId: "bob" });
  assertEquals(await join(), "wrong_password");
  assertEquals(await join("wrong"), "wrong_password");
  assertEquals(await join("swordfish"), undefined);
});
