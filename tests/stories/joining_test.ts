import { assert, assertEquals } from "@std/assert";
import { Peer } from "../support/peer.ts";
import { TestServer } from "../support/server.ts";
import { TemporaryFolder } from "../support/temporary_folder.ts";

Deno.test("joining is answered by the history, without the id, and then by joined, with it", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann");
  ann.send({ type: "join", roomId: "hall", roomName: "The Hall", id: "j" });
  const history = await ann.next();
  const { epoch } = history;
  assert(typeof epoch === "string" && epoch !== "");
  assertEquals(history, {
    ...{ type: "room_history", roomId: "hall", epoch, seq: 0, history: [], recovered: false, more: false },
  });
  assertEquals(await ann.next(), {
    ...{ type: "joined", id: "j", roomId: "hall", roomName: "The Hall", members: 1 },
    ...{ epoch, seq: 0, role: "owner", read: 0 },
  });
  assertEquals(await ann.drained(), [], "one is not told of one's own coming");
});

Deno.test("the others are told who joined, once", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann");
  await using bob = await Peer.signIn(server, "bob", { username: "Bob B." });
  await ann.join("hall");
  const before = Date.now();
  const joined = await bob.join("hall");
  assertEquals([joined.members, joined.role], [2, "member"]);
  const { timestamp, ...told } = await ann.next();
  assertEquals(told, {
    ...{ type: "system", roomId: "hall", event: "join", userId: "bob", username: "Bob B." },
    ...{ message: "Bob B. joined the room", members: 2 },
  });
  assert(Number(timestamp) >= before && Number(timestamp) <= Date.now());
  await bob.join("hall");
  await using phone = await Peer.signIn(server, "bob");
  assertEquals((await phone.join("hall")).members, 2, "two connections of one person");
  assertEquals(await ann.drained(), [], "nobody new has come");
});

Deno.test("a room has the name that its maker gave it, or else its id", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann");
  await using bob = await Peer.signIn(server, "bob");
  assertEquals((await ann.join("plain")).roomName, "plain");
  assertEquals((await ann.join("named", { roomName: "First" })).roomName, "First");
  assertEquals((await bob.join("named", { roomName: "Second" })).roomName, "First");
  const { rooms } = await bob.ask({ type: "rooms" });
  assertEquals(
    new Set((rooms as { roomId: string }[]).map((room) => JSON.stringify(room))),
    new Set([
      JSON.stringify({
        roomId: "named",
        roomName: "First",
        members: 2,
        protected: false,
        visibility: "public",
      }),
      JSON.stringify({
        roomId: "plain",
        roomName: "plain",
        members: 1,
        protected: false,
        visibility: "public",
      }),
    ]),
  );
});

Deno.test("the first join brings the last 50 messages, in order", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann");
  await using bob = await Peer.signInPlainly(server, "bob");
  await ann.join("hall");
  for (let i = 1; i <= 60; i++) ann.send({ type: "chat", roomId: "hall", content: `${i}`, id: `${i}` });
  await ann.next("ack", ({ seq }) => seq === 60);
  bob.send({ type: "join", roomId: "hall" });
  const { history, seq, recovered, more } = await bob.next("room_history");
  const messages = history as Record<string, unknown>[];
  assertEquals(messages.map(({ content }) => content), Array.from({ length: 50 }, (_, i) => `${i + 11}`));
  assertEquals([seq, recovered, more], [60, false, true]);
  const { timestamp, ...first } = messages[0];
  assertEquals(first, {
    type: "chat",
    id: "11",
    roomId: "hall",
    seq: 11,
    userId: "ann",
    username: "ann",
    content: "11",
  });
  assert(Math.abs(Number(timestamp) - Date.now()) < 10_000);
  const joined = await bob.next("joined");
  assertEquals([joined.seq, joined.read], [60, 60], "what was said before one came is not unread");
});

Deno.test("a live message and the one in the history are the same", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann");
  await ann.join("hall");
  await ann.ask({ type: "chat", roomId: "hall", content: "Hello", replyTo: "an earlier one" });
  const live = await ann.next("chat");
  assertEquals(live.replyTo, "an earlier one");
  assertEquals((await ann.ask({ type: "history", roomId: "hall" })).history, [live]);
});

Deno.test("joining again brings the history again, and everything comes once", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann");
  await ann.join("hall");
  await ann.join("hall");
  await ann.join("hall");
  await ann.ask({ type: "chat", roomId: "hall", content: "once" });
  await ann.next("chat");
  assertEquals(await ann.drained(), []);
  await ann.ask({ type: "leave", roomId: "hall" });
  assertEquals((await ann.ask({ type: "chat", roomId: "hall", content: "x" })).code, "not_a_member");
});

Deno.test("where rooms are made by administrators only, others find none, and may join what there is", async () => {
  await using server = await TestServer.start({ ROOM_CREATION: "admin" });
  await using ann = await Peer.signIn(server, "ann");
  await using root = await Peer.signIn(server, "root", { role: "admin" });
  assertEquals((await ann.ask({ type: "join", roomId: "hall" })).code, "room_not_found");
  assertEquals((await ann.ask({ type: "rooms" })).rooms, []);
  assertEquals((await root.join("hall")).role, "owner");
  assertEquals((await ann.join("hall")).role, "member");
});

for (const kind of ["memory", "sqlite"]) {
  Deno.test(`messages told while a join is answered come after it, none lost and none twice (${kind})`, async () => {
    await using folder = await TemporaryFolder.make();
    const store = kind === "memory" ? "memory:" : `sqlite:${folder.path}/parley.db`;
    await joinWhileTalking(await TestServer.start({ HISTORY_LIMIT: "1000", STORE: store }));
  });
}

async function joinWhileTalking(started: TestServer): Promise<void> {
  await using server = started;
  await using ann = await Peer.signIn(server, "ann");
  await ann.join("hall");
  const [count, listeners] = [300, 12];
  const peers: Peer[] = [];
  for (let i = 0; i < listeners; i++) {
    peers.push(await (i % 2 === 0 ? Peer.signIn : Peer.signInPlainly)(server, `listener ${i}`));
  }
  for (let i = 1; i <= count; i++) {
    ann.send({ type: "chat", roomId: "hall", content: `${i}` });
    if (i % 25 === 0) peers[i / 25 - 1].send({ type: "join", roomId: "hall", after: 0 });
    if (i % 10 === 0) await ann.next("chat", ({ seq }) => Number(seq) >= i - 10);
  }
  for (const peer of peers) {
    const { history, recovered } = await peer.next();
    assertEquals(recovered, true);
    const seqs = (history as { seq: number }[]).map(({ seq }) => seq);
    while (seqs.length < count) {
      const said = await peer.next();
      if (said.type === "chat") seqs.push(Number(said.seq));
    }
    assertEquals(seqs, Array.from({ length: count }, (_, i) => i + 1));
    await peer[Symbol.asyncDispose]();
  }
}
