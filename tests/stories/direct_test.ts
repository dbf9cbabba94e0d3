import { assert, assertEquals, assertGreater } from "@std/assert";
import { Company, contentsOf, refusalOf } from "../support/company.ts";
import type { Said } from "../support/peer.ts";
import { TestServer } from "../support/server.ts";

const ROOM = "dm:ann:bob";

function dm(to: string, content = "hello"): object {
  return { type: "dm", to, content };
}

Deno.test("a direct message reaches every device of both, whatever rooms they are in", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, annsPhone, bob, bobsPhone] = [
    await company.connect("ann"),
    await company.connect("ann"),
    await company.connect("bob"),
    await company.connect("bob"),
  ];
  const carl = await company.connect("carl");
  ann.send({ ...dm("bob"), id: "d" });
  const ack = await ann.next("ack");
  assertEquals({ ...ack, timestamp: 0 } as object, {
    ...{ type: "ack", id: "d", roomId: ROOM, seq: 1, timestamp: 0 },
  });
  for (const peer of [annsPhone, bob, bobsPhone]) {
    assertEquals(await peer.next() as object, {
      ...{ type: "chat", id: "d", roomId: ROOM, seq: 1, userId: "ann", username: "ann" },
      ...{ content: "hello", timestamp: ack.timestamp },
    });
  }
  await bob.ask(dm("ann", "and to you"));
  for (const peer of [ann, annsPhone, bobsPhone]) {
    const { roomId, seq, userId, content } = await peer.next("chat", ({ seq }) => seq === 2);
    assertEquals(
      [roomId, seq, userId, content],
      [ROOM, 2, "bob", "and to you"],
      "the same room, the same log",
    );
  }
  assertEquals(await carl.drained(), []);
});

Deno.test("the room of two is named by their ids, sorted and percent-encoded, whoever begins", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const cases: [string, string, string][] = [
    ["zoe", "adam", "dm:adam:zoe"],
    ["a:b", "c", "dm:a%3Ab:c"],
    ["张三", "ann lee", "dm:ann%20lee:%E5%BC%A0%E4%B8%89"],
    ["x%3Ay", "x:y", "dm:x%253Ay:x%3Ay"],
    ["self", "self", "dm:self:self"],
  ];
  for (const [from, to, roomId] of cases) {
    const [one, other] = [await company.connect(from), await company.connect(to)];
    assertEquals((await one.ask(dm(to))).roomId, roomId);
    assertEquals((await other.ask(dm(from))).roomId, roomId);
  }
});

Deno.test("somebody is found by @ and a display name", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const ann = await company.connect("ann");
  const bob = await company.connect("u-17", { username: "Bob Stone" });
  assertEquals((await ann.ask(dm("@Bob Stone"))).roomId, "dm:ann:u-17");
  assertEquals((await bob.next("chat")).content, "hello");
  await Company.part(bob);
  assertEquals((await ann.ask(dm("@Bob Stone"))).seq, 2, "also while they are away");
});

Deno.test("a name that several people share, or nobody has, is user_not_found and says so", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const ann = await company.connect("ann");
  const twins = [
    await company.connect("u-1", { username: "Sam" }),
    await company.connect("u-2", { username: "Sam" }),
  ];
  const shared = await ann.ask(dm("@Sam"));
  assertEquals([shared.type, shared.code], ["error", "user_not_found"]);
  assert(/several|more than one|ambiguous/i.test(String(shared.message)), String(shared.message));
  const missing = await ann.ask(dm("@Nobody"));
  assertEquals([missing.type, missing.code], ["error", "user_not_found"]);
  assert(missing.message !== shared.message);
  for (const peer of twins) assertEquals(await peer.drained(), []);
  assertEquals((await ann.ask(dm("u-1"))).roomId, "dm:ann:u-1", "the id still tells them apart");
});

Deno.test("a message to somebody who was never here waits for them", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const ann = await company.connect("ann", { username: "Ann Lee" });
  assertEquals((await ann.ask(dm("bob", "one"))).seq, 1);
  assertEquals((await ann.ask(dm("bob", "two"))).seq, 2);
  const [room, ...others] = (await company.welcome("bob")).rooms as Said[];
  const { epoch, ...counts } = room;
  assertEquals(counts as object, { roomId: ROOM, roomName: "Ann Lee", seq: 2, read: 0, unread: 2 });
  assertEquals(others, []);
  const bob = await company.connect("bob");
  bob.send({ type: "join", roomId: ROOM, after: 0, epoch });
  const { history, recovered } = await bob.next("room_history");
  assertEquals([contentsOf(history as Said[]), recovered], [["one", "two"], true]);
  assertEquals((await bob.next("joined")).seq, 2);
  await bob.ask({ type: "receipt", roomId: ROOM, seq: 2, status: "read" });
  assertEquals((await ann.next("receipt")).seq, 2);
  assertEquals(((await company.welcome("bob")).rooms as Said[])[0].unread, 0);
});

Deno.test("two people with the longest ids there are have a room like any other", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [annsId, bobsId] = ["😀".repeat(128), "😁".repeat(128)];
  const [ann, bob] = [await company.connect(annsId), await company.connect(bobsId)];
  const { roomId } = await ann.ask(dm(bobsId, "one"));
  assertEquals((await bob.ask({ type: "history", roomId })).seq, 1);
  await bob.ask({ type: "join", roomId });
  assertEquals((await bob.ask({ type: "chat", roomId, content: "two" })).seq, 2);
});

Deno.test("what one wrote is not unread to oneself, and what came is", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, bob] = [await company.connect("ann"), await company.connect("bob")];
  await ann.ask(dm("bob"));
  const unread = async (userId: string) =>
    ((await company.welcome(userId)).rooms as Said[]).map(({ roomId, unread }) => [roomId, unread]);
  assertEquals(await unread("ann"), [[ROOM, 0]]);
  assertEquals(await unread("bob"), [[ROOM, 1]]);
  await bob.ask(dm("ann"));
  assertEquals(await unread("ann"), [[ROOM, 1]]);
});

Deno.test("the conversation goes on in its room like in any other", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, bob] = [await company.connect("ann"), await company.connect("bob")];
  await ann.ask(dm("bob"));
  for (const peer of [ann, bob]) assertEquals((await peer.join(ROOM)).members, 2);
  for (const peer of [ann, bob]) await peer.drained();
  await bob.ask({ type: "typing", roomId: ROOM, isTyping: true });
  assertEquals((await ann.next()).type, "typing");
  await bob.ask({ type: "chat", roomId: ROOM, content: "still there?" });
  assertEquals(contentsOf([await ann.next()]), ["still there?"]);
  const { history } = await ann.ask({ type: "history", roomId: ROOM });
  assertEquals(contentsOf(history as Said[]), ["hello", "still there?"]);
  const { results } = await bob.ask({ type: "search", query: "still" });
  assertEquals((results as Said[]).map(({ roomId }) => roomId), [ROOM]);
  const { members } = await bob.ask({ type: "members", roomId: ROOM });
  assertEquals((members as Said[]).map(({ userId }) => userId).sort(), ["ann", "bob"]);
});

Deno.test("nobody else finds anything of the room of two", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, bob] = [await company.connect("ann"), await company.connect("bob")];
  await ann.ask(dm("bob", "a secret"));
  await bob.ask(dm("ann", "a secret"));
  const others = [
    await company.connect("carl"),
    await company.connect("root", { role: "admin" }),
    await company.connect("ann:bob"),
    await company.connect("an"),
  ];
  for (const peer of [ann, bob]) await peer.drained();
  for (const peer of others) {
    const commands = [
      { type: "join" },
      { type: "join", after: 0 },
      { type: "history" },
      { type: "members" },
      { type: "search", query: "secret" },
      { type: "chat", content: "let me in" },
      { type: "typing", isTyping: true },
      { type: "receipt", seq: 1, status: "read" },
      { type: "leave" },
      { type: "update", roomName: "mine" },
      { type: "invite", userId: "carl" },
      { type: "moderate", action: "kick", userId: "ann" },
    ];
    for (const command of commands) {
      assertEquals(refusalOf(await peer.ask({ ...command, roomId: ROOM })), {
        ...{ type: "error", code: "room_not_found", message: "Room not found", roomId: ROOM },
      }, JSON.stringify(command));
    }
    const inQuery = await peer.ask({ type: "search", query: `in:${ROOM} secret` });
    assertEquals(inQuery.code, "room_not_found");
    assertEquals((await peer.ask({ type: "search", query: "secret" })).results, []);
    assertEquals((await peer.ask({ type: "rooms" })).rooms, []);
  }
  for (const peer of [ann, bob]) {
    assertEquals(await peer.drained(), []);
    assertEquals((await peer.ask({ type: "rooms" })).rooms, [], "it is no room to come by");
  }
});

Deno.test("nobody makes a room that looks like one of two, nor rules one", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, root] = [await company.connect("ann"), await company.connect("root", { role: "admin" })];
  for (const peer of [ann, root]) {
    for (const roomId of ["dm:", "dm:ann", "dm:ann:bob", "dm:ann:root", "dm:ann:ann", "dm:x:y"]) {
      const created = await peer.ask({ type: "create", roomId });
      assertEquals(created.type, "error", roomId);
      assert(["forbidden", "room_not_found"].includes(String(created.code)), String(created.code));
      assertEquals((await peer.ask({ type: "join", roomId })).code, "room_not_found", roomId);
    }
  }
  await ann.ask(dm("bob"));
  for (
    const command of [
      { type: "update", roomName: "ours" },
      { type: "update", visibility: "public" },
      { type: "invite", userId: "carl" },
      { type: "moderate", action: "ban", userId: "bob" },
    ]
  ) {
    assertEquals((await ann.ask({ ...command, roomId: ROOM })).code, "forbidden", JSON.stringify(command));
  }
});

Deno.test("direct messages spend the budget of chat", async () => {
  await using server = await TestServer.start({ RATE_CHAT: "3/10s" });
  await using company = new Company(server);
  const [ann] = await company.gather("hall", "ann");
  const phone = await company.connect("ann");
  const say = { type: "chat", roomId: "hall", content: "x" };
  assertEquals((await ann.ask(say)).type, "ack");
  assertEquals((await ann.ask(dm("bob"))).type, "ack");
  assertEquals((await phone.ask(dm("carl"))).type, "ack");
  for (const [peer, command] of [[ann, say], [ann, dm("bob")], [phone, dm("dora")]] as const) {
    const { code, retryAfterMs } = await peer.ask(command);
    assertEquals(code, "rate_limited");
    assertGreater(Number(retryAfterMs), 0);
  }
});

Deno.test("the same id again is the same message, also when both arrive at once", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, phone, bob] = [
    await company.connect("ann"),
    await company.connect("ann"),
    await company.connect("bob"),
  ];
  for (const peer of [ann, ann, phone]) peer.send({ ...dm("bob"), id: "d" });
  const acks = [await ann.next("ack"), await ann.next("ack"), await phone.next("ack")];
  assertEquals(acks.map(({ seq }) => seq), [1, 1, 1]);
  assertEquals(acks.filter(({ duplicate }) => duplicate === true).length, 2);
  await ann.ask(dm("bob", "next"));
  assertEquals([(await bob.next("chat")).seq, (await bob.next("chat")).seq], [1, 2]);
});

Deno.test("a direct message that says too little is a bad request", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const ann = await company.connect("ann");
  const wrong: [object, string][] = [
    [{ content: "x" }, "to"],
    [{ to: "", content: "x" }, "to"],
    [{ to: 5, content: "x" }, "to"],
    [{ to: "b".repeat(129), content: "x" }, "to"],
    [{ to: "bob" }, "content"],
    [{ to: "bob", content: "" }, "content"],
  ];
  for (const [fields, field] of wrong) {
    const { code, message } = await ann.ask({ type: "dm", ...fields });
    assertEquals(code, "bad_request", JSON.stringify(fields));
    assert(String(message).includes(field), String(message));
  }
  assertEquals((await ann.ask({ type: "dm", to: "😀".repeat(128), content: "x" })).type, "ack");
});

Deno.test("other people's messages never keep anybody from joining rooms", async () => {
  await using server = await TestServer.start({ MAX_ROOMS_PER_CONNECTION: "2" });
  await using company = new Company(server);
  const bob = await company.connect("bob");
  for (const name of ["ann", "carl", "dora"]) await (await company.connect(name)).ask(dm("bob"));
  for (const roomId of ["hall", "study"]) {
    assertEquals((await bob.ask({ type: "join", roomId })).type, "joined");
  }
  assertEquals((await bob.ask({ type: "join", roomId: "attic" })).code, "limit_exceeded");
});
