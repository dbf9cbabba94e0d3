import { assertEquals, assertRejects } from "@std/assert";
import { ParleyError } from "../../static/sdk/mod.ts";
import { chats, joined, page } from "./support/chat_messages.ts";
import { connected, joinedRoom, reconnected, testClient } from "./support/test_client.ts";

Deno.test("join() gives the room with its last messages", async () => {
  using test = testClient();
  const { room } = await joinedRoom(test, chats(3, 5));
  assertEquals([room.roomName, room.role, room.members, room.epoch, room.seq], [
    "General",
    "member",
    2,
    "e1",
    5,
  ]);
  assertEquals(room.messages.map((message) => message.seq), [3, 4, 5]);
  assertEquals(test.client.room("general"), room);
  assertEquals(await test.client.join("general"), room);
});

Deno.test("join() rejects when the server does not let us in", async () => {
  using test = testClient();
  const socket = await connected(test);
  const joining = test.client.join("secret", { password: "guess" });
  await test.time.runMicrotasks();
  const [{ id, password }] = socket.takeSent();
  assertEquals(password, "guess");
  socket.receive({ type: "error", id, code: "wrong_password", message: "Wrong password" });
  assertEquals((await assertRejects(() => joining, ParleyError)).code, "wrong_password");
  assertEquals(test.client.room("secret"), undefined);
});

Deno.test("join() tells whoever types passwords at once that they must wait", async () => {
  using test = testClient();
  const socket = await connected(test);
  const joining = test.client.join("secret", { password: "guess" });
  await test.time.runMicrotasks();
  const [{ id }] = socket.takeSent();
  socket.receive({
    type: "error",
    id,
    code: "rate_limited",
    message: "Rate limit exceeded",
    retryAfterMs: 60_000,
  });
  assertEquals((await assertRejects(() => joining, ParleyError)).retryAfterMs, 60_000);
});

Deno.test("join() tries again while the server is unavailable or limits the rate", async () => {
  using test = testClient();
  const socket = await connected(test);
  const joining = test.client.join("general");
  await test.time.runMicrotasks();
  socket.receive({ type: "error", id: socket.takeSent()[0].id, code: "unavailable", message: "Try again" });
  await test.time.tickAsync(500);
  await test.time.runMicrotasks();
  const error = { type: "error", code: "rate_limited", message: "Rate limit exceeded", retryAfterMs: 2_000 };
  socket.receive({ ...error, id: socket.takeSent()[0].id });
  await test.time.tickAsync(1_999);
  await test.time.runMicrotasks();
  assertEquals(socket.takeSent(), []);
  await test.time.tickAsync(1);
  await test.time.runMicrotasks();
  const [{ id }] = socket.takeSent();
  socket.receive(page([], 0), joined(id, 0));
  assertEquals((await joining).seq, 0);
});

Deno.test("join() begun while connecting survives a lost connection", async () => {
  using test = testClient();
  const joining = test.client.join("general");
  await connected(test);
  const socket = await reconnected(test);
  const [{ id, type }] = socket.takeSent();
  assertEquals(type, "join");
  socket.receive(page(chats(1, 2), 2), joined(id, 2));
  assertEquals((await joining).messages.map((message) => message.seq), [1, 2]);
});

Deno.test("A first page cut short by its size is read on", async () => {
  using test = testClient();
  const socket = await connected(test);
  const joining = test.client.join("general");
  await test.time.runMicrotasks();
  socket.receive(page(chats(1, 2), 4, { more: true }), joined(socket.takeSent()[0].id, 4));
  await test.time.runMicrotasks();
  const [history] = socket.takeSent();
  socket.receive(page(chats(3, 4), 4, { id: history.id }));
  assertEquals((await joining).messages.map((message) => message.seq), [1, 2, 3, 4]);
});

Deno.test("A room that we may not enter again is left, and says why", async () => {
  using test = testClient();
  const { room } = await joinedRoom(test, chats(1, 1));
  const left: string[] = [];
  const errors: string[] = [];
  room.addEventListener("left", (event) => left.push(event.detail.code));
  test.client.addEventListener("error", (event) =>
    errors.push(`${event.detail.code} ${event.detail.roomId}`));
  const socket = await reconnected(test);
  const [{ id }] = socket.takeSent();
  socket.receive({ type: "error", id, code: "forbidden", message: "Not allowed", roomId: "general" });
  await test.time.runMicrotasks();
  assertEquals([left, errors, test.client.room("general")], [
    ["forbidden"],
    ["forbidden general"],
    undefined,
  ]);
});

Deno.test("Being kicked ends the room, and the next connection does not join it", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test);
  const left: string[] = [];
  room.addEventListener("left", (event) => left.push(event.detail.code));
  const kick = { type: "system", roomId: "general", event: "kick", timestamp: 1, by: "grace" };
  socket.receive({ ...kick, userId: "alan" });
  socket.receive({ ...kick, userId: "ada" });
  assertEquals(left, ["kick"]);
  assertEquals((await reconnected(test)).takeSent(), []);
});

Deno.test("leave() tells the server and is not undone by a new connection", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test);
  const leaving = room.leave();
  await test.time.runMicrotasks();
  const [command] = socket.takeSent();
  assertEquals([command.type, command.roomId], ["leave", "general"]);
  socket.receive({ type: "left", id: command.id, roomId: "general" });
  await leaving;
  assertEquals((await reconnected(test)).takeSent(), []);
});

Deno.test("A hundred rooms are joined again a few at a time", async () => {
  using test = testClient();
  await connected(test);
  for (let n = 0; n < 100; n++) test.client.join(`room-${n}`).catch(() => {});
  const socket = await reconnected(test);
  let mostAtOnce = 0;
  const rooms = new Set<string>();
  for (let batch = socket.takeSent(); batch.length > 0; batch = socket.takeSent()) {
    mostAtOnce = Math.max(mostAtOnce, batch.length);
    for (const { id, roomId } of batch) {
      rooms.add(roomId);
      socket.receive({ ...page([], 0), roomId }, { ...joined(id, 0), roomId });
    }
    await test.time.runMicrotasks();
  }
  assertEquals([rooms.size, mostAtOnce <= 16], [100, true]);
});

Deno.test("A command for a room waits until the room is joined again", async () => {
  using test = testClient();
  const { room } = await joinedRoom(test);
  test.network.last.end(1006);
  const members = room.listMembers();
  await test.time.tickAsync(500);
  await test.time.runMicrotasks();
  const socket = test.network.last.welcome();
  await test.time.runMicrotasks();
  const [join, ...others] = socket.takeSent();
  assertEquals([join.type, others], ["join", []]);
  socket.receive(page([], 0, { recovered: true }), joined(join.id, 0));
  await test.time.runMicrotasks();
  const [command] = socket.takeSent();
  socket.receive({ type: "members", id: command.id, roomId: "general", members: [] });
  assertEquals(await members, []);
});
