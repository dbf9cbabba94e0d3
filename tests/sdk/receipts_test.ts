import { assertEquals } from "@std/assert";
import { chats, joined, page } from "./support/chat_messages.ts";
import { joinedRoom, reconnected, testClient } from "./support/test_client.ts";

Deno.test("markRead() tells at most once a second, only forward, and not beyond the log", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test, chats(1, 9));
  const told = () => socket.takeSent().map(({ type, seq, status }) => `${type} ${status} ${seq}`);
  for (const seq of [2, 5, 3]) room.markRead(seq);
  room.markDelivered(4);
  await test.time.tickAsync(999);
  assertEquals(told(), []);
  await test.time.tickAsync(1);
  assertEquals(told(), ["receipt read 5"]);
  room.markRead(5);
  room.markDelivered(7);
  room.markRead(99);
  await test.time.tickAsync(1_000);
  assertEquals(told(), ["receipt read 9"]);
  room.markDelivered(9);
  await test.time.tickAsync(5_000);
  assertEquals(told(), []);
});

Deno.test("What was read without a connection is told when the room is joined again", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test, chats(1, 9));
  socket.takeSent();
  socket.end(1006);
  room.markRead(6);
  const again = await reconnected(test);
  const [join] = again.takeSent();
  await test.time.tickAsync(2_000);
  assertEquals(again.takeSent(), []);
  again.receive(page([], 9, { recovered: true }), joined(join.id, 9));
  await test.time.tickAsync(1_000);
  assertEquals(again.takeSent().map(({ type, seq }) => [type, seq]), [["receipt", 6]]);
});

Deno.test("A receipt whose answer was lost with the connection is told again", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test, chats(1, 9));
  room.markRead(6);
  await test.time.tickAsync(1_000);
  assertEquals(socket.sent.at(-1)?.type, "receipt");
  const again = await reconnected(test);
  again.receive(page([], 9, { recovered: true }), joined(again.takeSent()[0].id, 9));
  await test.time.tickAsync(2_000);
  assertEquals(again.takeSent().map(({ type, seq }) => [type, seq]), [["receipt", 6]]);
});

Deno.test("setAvailability() tells each change, and a new connection that nobody looks", async () => {
  using test = testClient();
  const { socket } = await joinedRoom(test);
  test.client.setAvailability("online");
  test.client.setAvailability("away");
  test.client.setAvailability("away");
  await test.time.runMicrotasks();
  assertEquals(socket.takeSent().map(({ type, status }) => [type, status]), [["presence", "away"]]);
  const again = await reconnected(test);
  const statuses = again.takeSent().filter(({ type }) => type === "presence").map(({ status }) => status);
  assertEquals(statuses, ["away"]);
});
