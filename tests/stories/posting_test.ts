import { assert, assertEquals, assertMatch } from "@std/assert";
import { Peer, type Said } from "../support/peer.ts";
import { TestServer } from "../support/server.ts";

Deno.test("a message is acknowledged with its number, and told to every member, the sender included", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann", { username: "Ann" });
  await using bob = await Peer.signInPlainly(server, "bob");
  await ann.join("hall");
  await bob.join("hall");
  const before = Date.now();
  ann.send({ type: "chat", roomId: "hall", content: "Hello", id: "m1" });
  const ack = await ann.next("ack");
  const { timestamp } = ack;
  assertEquals(ack, { type: "ack", id: "m1", roomId: "hall", seq: 1, timestamp });
  assert(Number(timestamp) >= before && Number(timestamp) <= Date.now());
  const message = {
    ...{ type: "chat", id: "m1", roomId: "hall", seq: 1 },
    ...{ userId: "ann", username: "Ann", content: "Hello", timestamp },
  };
  assertEquals(await ann.next(), message);
  assertEquals(await bob.next("chat"), message);
});

Deno.test("without an id the server makes one, and the ack has none", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann");
  await ann.join("hall");
  ann.send({ type: "chat", roomId: "hall", content: "x" }, { type: "chat", roomId: "hall", content: "x" });
  const said = [await ann.next(), await ann.next(), await ann.next(), await ann.next()];
  assertEquals(said.map(({ type }) => type), ["ack", "ack", "chat", "chat"]);
  assertEquals(said.slice(0, 2).map((ack) => "id" in ack), [false, false]);
  const [first, second] = said.slice(2).map(({ id }) => String(id));
  assertMatch(first, /^.{1,64}$/);
  assert(first !== second);
});

Deno.test("each room counts from 1 by itself, without a gap, in one order for everybody", async () => {
  await using server = await TestServer.start();
  const peers = [
    await Peer.signIn(server, "a"),
    await Peer.signInPlainly(server, "b"),
    await Peer.signIn(server, "c"),
  ];
  for (const peer of peers) for (const roomId of ["one", "two"]) await peer.join(roomId);
  for (const peer of peers) await peer.drained();
  for (let i = 0; i < 40; i++) {
    for (const peer of peers) {
      peer.send({ type: "chat", roomId: i % 3 === 0 ? "two" : "one", content: `${i}` });
    }
  }
  const heard: string[] = [];
  for (const peer of peers) {
    const chats: Said[] = [];
    while (chats.length < 120) chats.push(await peer.next("chat"));
    for (const [roomId, count] of [["one", 78], ["two", 42]] as const) {
      const room = chats.filter((chat) => chat.roomId === roomId);
      assertEquals(room.map(({ seq }) => seq), Array.from({ length: count }, (_, i) => i + 1));
      heard.push(roomId + JSON.stringify(room));
    }
    await peer[Symbol.asyncDispose]();
  }
  assertEquals(new Set(heard).size, 2, "all heard the same messages at the same numbers");
});

Deno.test("the same id again is not appended, and is acknowledged like the first time", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann");
  await ann.join("hall");
  const first = await send(ann, "hall", "m", "first");
  assertEquals(first.duplicate, undefined);
  await send(ann, "hall", "n", "between");
  assertEquals(await send(ann, "hall", "m", "other words"), { ...first, duplicate: true });
  await using phone = await Peer.signIn(server, "ann");
  await phone.join("hall");
  assertEquals(await send(phone, "hall", "m", "first"), { ...first, duplicate: true });
  const { history, seq } = await ann.ask({ type: "history", roomId: "hall" });
  assertEquals([seq, (history as Said[]).map(({ content }) => content)], [2, ["first", "between"]]);
  assertEquals(countChats(ann), 2);
});

Deno.test("an id names a message of one person in one room", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann");
  await using bob = await Peer.signIn(server, "bob");
  for (const peer of [ann, bob]) for (const roomId of ["one", "two"]) await peer.join(roomId);
  const acks = [];
  for (const peer of [ann, bob]) {
    for (const roomId of ["one", "two"]) acks.push(await send(peer, roomId, "m", "x"));
  }
  assertEquals(acks.map(({ seq, duplicate }) => [seq, duplicate]), [
    ...[[1, undefined], [1, undefined], [2, undefined], [2, undefined]],
  ]);
});

Deno.test("an id outlives its sender's stay in the room", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann");
  await ann.join("hall");
  const first = await send(ann, "hall", "m", "x");
  await ann.ask({ type: "leave", roomId: "hall" });
  await ann.join("hall");
  assertEquals(await send(ann, "hall", "m", "x"), { ...first, duplicate: true });
});

Deno.test("an id sent a hundred times at once over several connections names one message", async () => {
  await using server = await TestServer.start();
  const phones = await Promise.all(Array.from({ length: 5 }, () => Peer.signIn(server, "ann")));
  for (const phone of phones) await phone.join("hall");
  const commands = Array.from(
    { length: 20 },
    () => ({ type: "chat", roomId: "hall", content: "once", id: "m" }),
  );
  for (const phone of phones) phone.send(...commands);
  const acks: Said[] = [];
  for (const phone of phones) for (let i = 0; i < 20; i++) acks.push(await phone.next("ack"));
  const { timestamp } = acks[0];
  const original = { type: "ack", id: "m", roomId: "hall", seq: 1, timestamp };
  assertEquals(acks.filter(({ duplicate }) => duplicate === undefined), [original]);
  assertEquals(acks.filter(({ duplicate }) => duplicate === true).length, 99);
  assertEquals(new Set(acks.map(({ seq, timestamp }) => `${seq} ${timestamp}`)).size, 1);
  for (const phone of phones) {
    await phone.drained();
    assertEquals(countChats(phone), 1);
    await phone[Symbol.asyncDispose]();
  }
});

Deno.test("somebody who is in the room by another connection only has to join with this one", async () => {
  await using server = await TestServer.start();
  await using desk = await Peer.signIn(server, "ann");
  await using phone = await Peer.signIn(server, "ann");
  await desk.join("hall");
  assertEquals((await phone.ask({ type: "chat", roomId: "hall", content: "x" })).code, "not_a_member");
  await phone.join("hall");
  assertEquals((await phone.ask({ type: "chat", roomId: "hall", content: "x" })).seq, 1);
  assertEquals((await desk.next("chat")).seq, 1, "one's own other connection hears it too");
});

Deno.test("typing is told to the others and not to the sender, and is never kept", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann", { username: "Ann" });
  await using bob = await Peer.signIn(server, "bob");
  await ann.join("hall");
  await bob.join("hall");
  await ann.drained();
  for (const isTyping of [true, false]) {
    ann.send({ type: "typing", roomId: "hall", isTyping });
    assertEquals(await bob.next(), {
      type: "typing",
      roomId: "hall",
      userId: "ann",
      username: "Ann",
      isTyping,
    });
  }
  assertEquals(
    await ann.ask({ type: "typing", roomId: "hall", isTyping: true }).then(({ type }) => type),
    "ok",
  );
  assertEquals(await ann.drained(), []);
  assertEquals((await ann.ask({ type: "history", roomId: "hall" })).seq, 0);
});

async function send(peer: Peer, roomId: string, id: string, content: string): Promise<Said> {
  peer.send({ type: "chat", roomId, content, id });
  return await peer.next("ack", (ack) => ack.id === id);
}

/** How many messages were told to a peer, read or not. */
function countChats(peer: Peer): number {
  return peer.frames.flatMap((frame) => frame.split("\n")).filter((line) => line.startsWith('{"type":"chat"'))
    .length;
}
