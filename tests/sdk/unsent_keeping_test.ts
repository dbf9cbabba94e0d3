import { assertEquals, assertRejects } from "@std/assert";
import { MemoryStore, type OutgoingMessage, ParleyError } from "../../static/sdk/mod.ts";
import type { StoredMessage, UnsentStore } from "../../static/sdk/unsent_store.ts";
import { ackOf, chat, joined, page } from "./support/chat_messages.ts";
import { joinedRoom, testClient } from "./support/test_client.ts";

Deno.test("Nothing is sent before the store has it", async () => {
  const kept = Promise.withResolvers<void>();
  class SlowStore extends MemoryStore {
    override async put(key: string, message: StoredMessage): Promise<void> {
      await kept.promise;
      return super.put(key, message);
    }
  }
  using test = testClient({ storage: new SlowStore() });
  const { socket, room } = await joinedRoom(test);
  room.send("Hello");
  await test.time.runMicrotasks();
  assertEquals(socket.takeSent(), []);
  kept.resolve();
  await test.time.runMicrotasks();
  assertEquals(socket.takeSent().length, 1);
});

Deno.test("A message that is not yet stored waits, though the one before it is acknowledged", async () => {
  const kept = Promise.withResolvers<void>();
  class SlowStore extends MemoryStore {
    override async put(key: string, message: StoredMessage): Promise<void> {
      if (message.content === "two") await kept.promise;
      return super.put(key, message);
    }
  }
  using test = testClient({ storage: new SlowStore() });
  const { socket, room } = await joinedRoom(test);
  room.send("one");
  room.send("two");
  await test.time.runMicrotasks();
  socket.receive(ackOf(socket.takeSent()[0], 1));
  await test.time.runMicrotasks();
  assertEquals(socket.takeSent(), []);
  kept.resolve();
  await test.time.runMicrotasks();
  assertEquals(socket.takeSent().map((command) => command.content), ["two"]);
});

/** A store that answers `load` when it is told to. */
class SlowToLoad extends MemoryStore {
  readonly loaded = Promise.withResolvers<void>();

  override async load(key: string): Promise<StoredMessage[]> {
    const messages = await super.load(key);
    await this.loaded.promise;
    return messages;
  }
}

Deno.test("A new message does not overtake older ones that are still being read from the store", async () => {
  const storage = new SlowToLoad();
  await storage.put("ada", { id: "old", roomId: "general", content: "old", createdAt: 1 });
  using test = testClient({ storage, userKey: "ada" });
  const { socket, room } = await joinedRoom(test);
  room.send("new");
  await test.time.runMicrotasks();
  assertEquals(socket.takeSent(), []);
  storage.loaded.resolve();
  await test.time.runMicrotasks();
  assertEquals(socket.takeSent().map((command) => command.content), ["old"]);
});

Deno.test("A message found in the log while the store is being read does not wait again", async () => {
  const storage = new SlowToLoad();
  await storage.put("ada", { id: "old", roomId: "general", content: "old", createdAt: 1 });
  using test = testClient({ storage, userKey: "ada" });
  const { socket, room } = await joinedRoom(test, [chat(1, { id: "old", userId: "ada" })]);
  storage.loaded.resolve();
  await test.time.runMicrotasks();
  assertEquals([room.outgoing, socket.takeSent()], [[], []]);
});

Deno.test("A store that fails or hangs does not keep messages back", async () => {
  const broken: UnsentStore = {
    load: () => Promise.reject(new Error("no storage")),
    put: () => new Promise(() => {}),
    remove: () => Promise.reject(new Error("no storage")),
  };
  using test = testClient({ storage: broken });
  const { socket, room } = await joinedRoom(test);
  const message = room.send("Hello");
  await test.time.tickAsync(5_000);
  await test.time.runMicrotasks();
  socket.receive(ackOf(socket.takeSent()[0], 1));
  assertEquals((await message.acked).seq, 1);
});

Deno.test("retry() sends a failed message after those that wait; discard() gives it up", async () => {
  const storage = new MemoryStore();
  using test = testClient({ storage, userKey: "ada" });
  const { socket, room } = await joinedRoom(test);
  const refuse = async (code: string) => {
    await test.time.runMicrotasks();
    socket.receive({ type: "error", id: socket.takeSent()[0].id, code, message: "Not allowed" });
    await test.time.runMicrotasks();
  };
  const first = room.send("one");
  await refuse("forbidden");
  room.send("two");
  room.retry(first.id);
  assertEquals([first.status, room.outgoing.map((message) => message.content)], ["pending", ["two", "one"]]);
  await test.time.runMicrotasks();
  socket.receive(ackOf(socket.takeSent()[0], 1));
  await refuse("forbidden");
  assertEquals((await storage.load("ada")).map((stored) => stored.error?.code), ["forbidden"]);
  room.discard(first.id);
  assertEquals((await assertRejects(() => first.acked, ParleyError)).code, "forbidden");
  await test.time.runMicrotasks();
  assertEquals([room.outgoing, await storage.load("ada")], [[], []]);
});

Deno.test("discard() of a message that waits tells whoever awaits its ack", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test);
  socket.end(1006);
  const message = room.send("one");
  room.discard(message.id);
  assertEquals((await assertRejects(() => message.acked, ParleyError)).code, "discarded");
  const next = await reconnectedWithRoom(test);
  assertEquals(next.takeSent(), []);
});

async function reconnectedWithRoom(test: ReturnType<typeof testClient>) {
  await test.time.tickAsync(500);
  await test.time.runMicrotasks();
  const socket = test.network.last.welcome();
  await test.time.runMicrotasks();
  const [join] = socket.takeSent();
  socket.receive(page([], 0, { recovered: true }), joined(join.id, 0));
  await test.time.runMicrotasks();
  return socket;
}

Deno.test("After a reload the messages go in the order they were written, under their ids", async () => {
  const storage = new MemoryStore();
  let written: OutgoingMessage[];
  {
    using test = testClient({ storage });
    const { room, socket } = await joinedRoom(test);
    socket.end(1006);
    written = ["one", "two", "three"].map((content) => room.send(content));
    await test.time.runMicrotasks();
  }
  using test = testClient({ storage });
  const { socket, room } = await joinedRoom(test);
  await test.time.runMicrotasks();
  room.send("four");
  assertEquals(room.outgoing.map((message) => message.content), ["one", "two", "three", "four"]);
  const sent: [string, unknown][] = [];
  for (let seq = 1; seq <= 4; seq++) {
    await test.time.runMicrotasks();
    const [command] = socket.takeSent();
    sent.push([command.id, command.content]);
    socket.receive(ackOf(command, seq));
  }
  assertEquals(sent.slice(0, 3), written.map((message) => [message.id, message.content]));
  await test.time.runMicrotasks();
  assertEquals(room.outgoing, []);
});

Deno.test("A failed message is still failed after a reload", async () => {
  const storage = new MemoryStore();
  {
    using test = testClient({ storage });
    const { socket, room } = await joinedRoom(test);
    room.send("one");
    await test.time.runMicrotasks();
    const [{ id }] = socket.takeSent();
    socket.receive({ type: "error", id, code: "forbidden", message: "Muted", retryAfterMs: 60_000 });
    await test.time.runMicrotasks();
  }
  using test = testClient({ storage });
  const { socket, room } = await joinedRoom(test);
  await test.time.runMicrotasks();
  assertEquals(socket.takeSent(), []);
  assertEquals(room.outgoing.map(({ status, error }) => [status, error]), [
    ["failed", { code: "forbidden", message: "Muted", retryAfterMs: 60_000 }],
  ]);
});

Deno.test("One user's unsent messages are never sent as another's", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test);
  socket.end(1006);
  const message = room.send("from Ada");
  await test.time.tickAsync(500);
  await test.time.runMicrotasks();
  const next = test.network.last.welcome({ userId: "grace" });
  await test.time.runMicrotasks();
  const [join] = next.takeSent();
  next.receive(page([], 0, { recovered: true }), joined(join.id, 0));
  await test.time.runMicrotasks();
  assertEquals([next.takeSent(), room.outgoing, message.status], [[], [], "pending"]);
});
