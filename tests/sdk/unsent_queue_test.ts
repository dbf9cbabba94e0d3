import { assert, assertEquals, assertRejects } from "@std/assert";
import { MemoryStore, ParleyError } from "../../static/sdk/mod.ts";
import { ackOf, chat, joined, page } from "./support/chat_messages.ts";
import { joinedRoom, reconnected, testClient } from "./support/test_client.ts";

Deno.test("send() keeps the message, sends it, and ends with the ack", async () => {
  const storage = new MemoryStore();
  using test = testClient({ storage, userKey: "ada" });
  const { socket, room } = await joinedRoom(test);
  const statuses: string[] = [];
  room.addEventListener("outgoing", (event) => statuses.push(event.detail.status));
  const message = room.send("Hello", { replyTo: "m1" });
  assertEquals(room.outgoing, [message]);
  await test.time.runMicrotasks();
  assertEquals((await storage.load("ada")).map((stored) => stored.content), ["Hello"]);
  const [command] = socket.takeSent();
  assertEquals(command, { type: "chat", id: message.id, roomId: "general", content: "Hello", replyTo: "m1" });
  socket.receive(ackOf(command, 1));
  assertEquals((await message.acked).seq, 1);
  assertEquals([message.status, message.seq, room.outgoing], ["acked", 1, []]);
  await test.time.runMicrotasks();
  assertEquals(await storage.load("ada"), []);
  assertEquals(statuses, ["pending", "sent", "acked"]);
});

Deno.test("Messages of a room go one after another, in order", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test);
  for (const content of ["one", "two", "three"]) room.send(content);
  const arrived: unknown[] = [];
  for (let seq = 1; seq <= 3; seq++) {
    await test.time.runMicrotasks();
    const sent = socket.takeSent();
    assertEquals(sent.length, 1);
    arrived.push(sent[0].content);
    socket.receive(ackOf(sent[0], seq));
  }
  assertEquals(arrived, ["one", "two", "three"]);
});

Deno.test("Messages of several rooms share a frame", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test);
  const joining = test.client.join("other");
  await test.time.runMicrotasks();
  const [{ id }] = socket.takeSent();
  socket.receive({ ...page([], 0), roomId: "other" }, { ...joined(id, 0), roomId: "other" });
  const other = await joining;
  const frames = socket.frames.length;
  room.send("here");
  other.send("there");
  await test.time.runMicrotasks();
  assertEquals(socket.frames.length, frames + 1);
  assertEquals(socket.takeSent().map((command) => command.roomId), ["general", "other"]);
});

Deno.test("A rate-limited message goes again after retryAfterMs, and no later one overtakes it", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test);
  const first = room.send("one");
  room.send("two");
  await test.time.runMicrotasks();
  const [refused] = socket.takeSent();
  socket.receive({ type: "error", id: refused.id, code: "rate_limited", message: "…", retryAfterMs: 4_000 });
  await test.time.runMicrotasks();
  assertEquals([first.status, first.error?.retryAfterMs], ["pending", 4_000]);
  await test.time.tickAsync(3_999);
  await test.time.runMicrotasks();
  assertEquals(socket.takeSent(), []);
  await test.time.tickAsync(1);
  await test.time.runMicrotasks();
  const again = socket.takeSent();
  assertEquals(again.map((command) => [command.id, command.content]), [[first.id, "one"]]);
  socket.receive(ackOf(again[0], 1));
  await test.time.runMicrotasks();
  assertEquals(socket.takeSent().map((command) => command.content), ["two"]);
});

for (const code of ["forbidden", "bad_request", "too_large", "not_a_member"]) {
  Deno.test(`A message refused with ${code} has failed, and the next one goes`, async () => {
    using test = testClient();
    const { socket, room } = await joinedRoom(test);
    const first = room.send("one");
    room.send("two");
    await test.time.runMicrotasks();
    const [refused] = socket.takeSent();
    socket.receive({ type: "error", id: refused.id, code, message: "Not allowed", roomId: "general" });
    await test.time.runMicrotasks();
    assertEquals([first.status, first.error?.code], ["failed", code]);
    assertEquals((await assertRejects(() => first.acked, ParleyError)).code, code);
    assertEquals(socket.takeSent().map((command) => command.content), ["two"]);
    assertEquals(room.outgoing.map((message) => message.content), ["one", "two"]);
  });
}

Deno.test("A message while the server is unavailable goes again under the same id", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test);
  room.send("one");
  await test.time.runMicrotasks();
  const [first] = socket.takeSent();
  socket.receive({ type: "error", id: first.id, code: "unavailable", message: "Try again" });
  await test.time.runMicrotasks();
  await test.time.tickAsync(500);
  await test.time.runMicrotasks();
  assertEquals(socket.takeSent(), [first]);
});

Deno.test("A message without an ack in time goes again under the same id, and a late ack counts", async () => {
  using test = testClient({ ackTimeoutMs: 3_000 });
  const { socket, room } = await joinedRoom(test);
  const message = room.send("one");
  await test.time.runMicrotasks();
  const [first] = socket.takeSent();
  await test.time.tickAsync(3_000);
  await test.time.runMicrotasks();
  await test.time.tickAsync(500);
  await test.time.runMicrotasks();
  assertEquals(socket.takeSent(), [first]);
  socket.receive(ackOf(first, 1), { ...ackOf(first, 1), duplicate: true });
  assertEquals((await message.acked).seq, 1);
});

Deno.test("An ack that comes too late, but before the next try, saves that try", async () => {
  using test = testClient({ ackTimeoutMs: 3_000 });
  const { socket, room } = await joinedRoom(test);
  const message = room.send("one");
  await test.time.runMicrotasks();
  const [first] = socket.takeSent();
  await test.time.tickAsync(3_000);
  await test.time.runMicrotasks();
  assertEquals(message.status, "pending");
  socket.receive(ackOf(first, 1));
  await test.time.tickAsync(30_000);
  assertEquals([message.status, socket.takeSent()], ["acked", []]);
});

Deno.test("A lost connection makes what was on its way wait, and go again after the room is joined", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test);
  const message = room.send("one");
  await test.time.runMicrotasks();
  assertEquals(message.status, "sent");
  const [first] = socket.takeSent();
  const next = await reconnected(test);
  assertEquals(message.status, "pending");
  const [join, ...early] = next.takeSent();
  assertEquals([join.type, early], ["join", []]);
  next.receive(page([], 0, { recovered: true }), joined(join.id, 0));
  await test.time.runMicrotasks();
  assertEquals(next.takeSent(), [first]);
});

Deno.test("Our own message in the recovered log counts as acknowledged, and is not sent again", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test);
  const message = room.send("one");
  await test.time.runMicrotasks();
  socket.takeSent();
  const next = await reconnected(test);
  const [join] = next.takeSent();
  const kept = chat(1, { id: message.id, userId: "ada", content: "one" });
  next.receive(page([kept], 1, { recovered: true }), joined(join.id, 1));
  await test.time.runMicrotasks();
  assertEquals([message.status, message.seq, next.takeSent()], ["acked", 1, []]);
});

Deno.test("Our own message told live frees the line, even if its ack never comes", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test);
  const message = room.send("one");
  room.send("two");
  await test.time.runMicrotasks();
  socket.takeSent();
  socket.receive(chat(1, { id: message.id, userId: "ada", content: "one" }));
  await test.time.runMicrotasks();
  assertEquals(message.status, "acked");
  assertEquals(socket.takeSent().map((command) => command.content), ["two"]);
});

Deno.test("Somebody else's message under the same id acknowledges nothing", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test);
  const message = room.send("one");
  await test.time.runMicrotasks();
  socket.receive(chat(1, { id: message.id, userId: "mallory", content: "one" }));
  await test.time.runMicrotasks();
  assertEquals(message.status, "sent");
});

Deno.test("Nothing is sent after the server has said that it goes", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test);
  socket.receive({ type: "server_shutdown", reconnectInMs: 5_000 });
  const message = room.send("one");
  await test.time.tickAsync(1_000);
  assertEquals([socket.takeSent(), message.status], [[], "pending"]);
});

Deno.test("An ack between the server's announcement and its end still counts", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test);
  const message = room.send("one");
  await test.time.runMicrotasks();
  socket.receive({ type: "server_shutdown", reconnectInMs: 5_000 }, ackOf(socket.takeSent()[0], 1));
  await test.time.runMicrotasks();
  assertEquals([message.status, room.outgoing], ["acked", []]);
});

Deno.test("A message too large for a frame fails without ending the connection", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test);
  const message = room.send("x".repeat(70_000));
  await test.time.runMicrotasks();
  assertEquals([message.status, message.error?.code], ["failed", "too_large"]);
  assertEquals(socket.takeSent(), []);
});

Deno.test("A hundred messages written at once stay in order", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test);
  const messages = Array.from({ length: 100 }, (_, n) => room.send(String(n)));
  const times = messages.map((message) => message.createdAt);
  assert(times.every((time, n) => n === 0 || time > times[n - 1]));
  for (let seq = 1; seq <= 100; seq++) {
    await test.time.runMicrotasks();
    const [command] = socket.takeSent();
    assertEquals(command.content, String(seq - 1));
    socket.receive(ackOf(command, seq));
  }
});
