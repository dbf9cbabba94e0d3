/** Two servers that share nothing but a key-value database, as the instances of a host do. */
import { assertEquals } from "@std/assert";
import { Peer, type Said } from "../support/peer.ts";
import { TestServer } from "../support/server.ts";
import { TemporaryFolder } from "../support/temporary_folder.ts";

const SETTINGS = { PRESENCE_GRACE_MS: "0" };

/** Opens two servers on one database. */
async function openTwo(
  stack: AsyncDisposableStack,
  settings: Record<string, string> = {},
): Promise<TestServer[]> {
  const folder = stack.use(await TemporaryFolder.make());
  const all = { ...SETTINGS, ...settings, STORE: `kv:${folder.path}/kv.db` };
  const servers: TestServer[] = [];
  for (let i = 0; i < 2; i++) servers.push(stack.use(await TestServer.start(all)));
  return servers;
}

Deno.test("two servers on one key-value database are one room: everybody hears everybody, in one order", async () => {
  await using stack = new AsyncDisposableStack();
  const [one, two] = await openTwo(stack);
  const ann = stack.use(await Peer.signIn(one, "ann"));
  const bob = stack.use(await Peer.signIn(two, "bob"));
  await ann.join("hall");
  await bob.join("hall");
  const speak = async (peer: Peer) => {
    for (let i = 0; i < 20; i++) await peer.ask({ type: "chat", roomId: "hall", content: `${i}` });
  };
  await Promise.all([speak(ann), speak(bob)]);
  const hear = async (peer: Peer) => {
    const heard: Said[] = [];
    while (heard.length < 40) heard.push(await peer.next("chat"));
    return heard.map(({ seq, userId, content }) => `${seq} ${userId} ${content}`);
  };
  const [atOne, atTwo] = await Promise.all([hear(ann), hear(bob)]);
  assertEquals(atOne, atTwo);
  assertEquals(atOne.map((line) => Number(line.split(" ")[0])), Array.from({ length: 40 }, (_, i) => i + 1));
});

Deno.test("what is acknowledged by one server is in the history of the other at once", async () => {
  await using stack = new AsyncDisposableStack();
  const [one, two] = await openTwo(stack);
  const ann = stack.use(await Peer.signIn(one, "ann"));
  await ann.join("hall");
  for (let i = 1; i <= 10; i++) {
    const { seq } = await ann.ask({ type: "chat", roomId: "hall", content: `${i}`, id: `${i}` });
    const bob = stack.use(await Peer.signIn(two, `bob${i}`));
    bob.send({ type: "join", roomId: "hall", after: 0 });
    const history = (await bob.next("room_history")).history as { seq: number }[];
    assertEquals(history.at(-1)?.seq, seq);
  }
  const again = stack.use(await Peer.signIn(two, "ann"));
  await again.join("hall");
  const ack = await again.ask({ type: "chat", roomId: "hall", content: "again", id: "3" });
  assertEquals([ack.seq, ack.duplicate], [3, true]);
});

Deno.test("people on one server are seen from the other, come and go", async () => {
  await using stack = new AsyncDisposableStack();
  const [one, two] = await openTwo(stack);
  const ann = stack.use(await Peer.signIn(one, "ann"));
  await ann.join("hall");
  const bob = await Peer.signIn(two, "bob");
  await bob.join("hall");
  await ann.next("system", ({ event, userId }) => event === "join" && userId === "bob");
  const { members } = await ann.ask({ type: "members", roomId: "hall" });
  assertEquals(
    (members as { userId: string; status: string }[]).map(({ userId, status }) => [userId, status]).sort(),
    [["ann", "online"], ["bob", "online"]],
  );
  ann.send({ type: "typing", roomId: "hall", isTyping: true });
  assertEquals((await bob.next("typing")).userId, "ann");
  await bob[Symbol.asyncDispose]();
  await ann.next("system", ({ event, userId }) => event === "leave" && userId === "bob");
});

Deno.test("who is kicked and banned on one server is out on the other, and stays out", async () => {
  await using stack = new AsyncDisposableStack();
  const [one, two] = await openTwo(stack);
  const ann = stack.use(await Peer.signIn(one, "ann"));
  await ann.join("hall");
  const bob = stack.use(await Peer.signIn(two, "bob"));
  await bob.join("hall");
  const ban = { type: "moderate", roomId: "hall", action: "ban", userId: "bob" };
  assertEquals((await ann.ask(ban)).type, "moderated");
  await bob.next("system", ({ event, userId }) => event === "ban" && userId === "bob");
  assertEquals((await bob.ask({ type: "join", roomId: "hall" })).type, "error");
  assertEquals((await bob.ask({ type: "chat", roomId: "hall", content: "still here" })).type, "error");
  assertEquals((await ann.ask({ ...ban, action: "unban" })).type, "moderated");
  await bob.join("hall");
});

Deno.test("direct messages and read receipts find a person on the other server", async () => {
  await using stack = new AsyncDisposableStack();
  const [one, two] = await openTwo(stack);
  const ann = stack.use(await Peer.signIn(one, "ann"));
  const bob = stack.use(await Peer.signIn(two, "bob"));
  const { roomId, seq } = await ann.ask({ type: "dm", to: "bob", content: "psst" });
  assertEquals((await bob.next("chat")).content, "psst");
  await ann.join("hall");
  await bob.join("hall");
  await ann.ask({ type: "chat", roomId: "hall", content: "Hello" });
  await bob.next("chat", ({ roomId }) => roomId === "hall");
  bob.send({ type: "receipt", roomId: "hall", seq: 1, status: "read" });
  await ann.next("receipt", ({ userId, status }) => userId === "bob" && status === "read");
  assertEquals([roomId, seq], ["dm:ann:bob", 1]);
});

Deno.test("who leaves a server that ends comes back on the other, and has missed nothing", async () => {
  await using stack = new AsyncDisposableStack();
  const [one, two] = await openTwo(stack);
  const ann = stack.use(await Peer.signIn(one, "ann"));
  await ann.join("hall");
  const bob = stack.use(await Peer.signIn(two, "bob"));
  await bob.join("hall");
  await bob.ask({ type: "chat", roomId: "hall", content: "before" });
  await ann.next("chat");
  await one.server.drain();
  assertEquals((await ann.closed).code, 1001);
  await bob.ask({ type: "chat", roomId: "hall", content: "meanwhile" });
  const again = stack.use(await Peer.signIn(two, "ann"));
  again.send({ type: "join", roomId: "hall", after: 1 });
  const { history, recovered } = await again.next("room_history");
  assertEquals([(history as Said[]).map(({ content }) => content), recovered], [["meanwhile"], true]);
});
