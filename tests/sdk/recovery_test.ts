import { assertEquals } from "@std/assert";
import type { Room } from "../../static/sdk/mod.ts";
import { chat, chats, joined, page } from "./support/chat_messages.ts";
import { connected, joinedRoom, reconnected, testClient } from "./support/test_client.ts";

function numbers(room: Room): number[] {
  return room.messages.map((message) => message.seq);
}

/** Notes the numbers of the chat events, and the resets. */
function heardIn(room: Room): (number | string)[] {
  const heard: (number | string)[] = [];
  room.addEventListener("chat", (event) => heard.push(event.detail.seq));
  room.addEventListener("reset", () => heard.push("reset"));
  return heard;
}

Deno.test("Live messages are told once, in order", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test, chats(1, 2));
  const heard = heardIn(room);
  socket.receive(chat(2), chat(3), chat(4));
  socket.receive(chat(3), chat(5));
  assertEquals(heard, [3, 4, 5]);
  assertEquals(numbers(room), [1, 2, 3, 4, 5]);
});

Deno.test("After a break the client asks for what it missed and tells it as chat", async () => {
  using test = testClient();
  const { room } = await joinedRoom(test, chats(1, 3));
  const heard = heardIn(room);
  const socket = await reconnected(test);
  const [join] = socket.takeSent();
  assertEquals([join.type, join.roomId, join.after, join.epoch], ["join", "general", 3, "e1"]);
  socket.receive(page(chats(4, 6), 6, { recovered: true }), joined(join.id, 6));
  socket.receive(chat(7));
  await test.time.runMicrotasks();
  socket.receive(chat(8));
  assertEquals(heard, [4, 5, 6, 7, 8]);
  assertEquals(numbers(room), [1, 2, 3, 4, 5, 6, 7, 8]);
});

Deno.test("A room that was empty is continued too", async () => {
  using test = testClient();
  await joinedRoom(test);
  const socket = await reconnected(test);
  const [join] = socket.takeSent();
  assertEquals([join.after, join.epoch], [0, "e1"]);
});

Deno.test("What is more than a page is read on, and live messages wait for it", async () => {
  using test = testClient();
  const { room } = await joinedRoom(test, chats(1, 1));
  const heard = heardIn(room);
  const socket = await reconnected(test);
  const [join] = socket.takeSent();
  socket.receive(page(chats(2, 4), 9, { recovered: true, more: true }), joined(join.id, 9));
  socket.receive(chat(10));
  await test.time.runMicrotasks();
  const [first] = socket.takeSent();
  assertEquals([first.type, first.after, first.limit], ["history", 4, 100]);
  socket.receive(chat(11));
  socket.receive(page(chats(5, 7), 11, { id: first.id, more: true }));
  await test.time.runMicrotasks();
  const [second] = socket.takeSent();
  assertEquals(second.after, 7);
  assertEquals(heard, [2, 3, 4, 5, 6, 7]);
  socket.receive(page(chats(8, 11), 11, { id: second.id }));
  await test.time.runMicrotasks();
  socket.receive(chat(12));
  assertEquals(heard, [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  assertEquals(socket.takeSent(), []);
});

Deno.test("A jump in the numbers is healed from the history", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test, chats(1, 2));
  const heard = heardIn(room);
  socket.receive(chat(5), chat(6));
  await test.time.runMicrotasks();
  const [history, ...others] = socket.takeSent();
  assertEquals([history.type, history.after, others.length], ["history", 2, 0]);
  assertEquals(heard, []);
  socket.receive(page(chats(3, 4), 4, { id: history.id }));
  await test.time.runMicrotasks();
  assertEquals(heard, [3, 4, 5, 6]);
  socket.receive(chat(7));
  assertEquals(heard, [3, 4, 5, 6, 7]);
});

Deno.test("A gap that the history cannot fill is left to a new join", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test, chats(1, 2));
  const heard = heardIn(room);
  socket.receive(chat(5));
  for (let ask = 0; ask < 3; ask++) {
    await test.time.runMicrotasks();
    const [history] = socket.takeSent();
    assertEquals(history.type, "history");
    socket.receive(page([], 2, { id: history.id }));
    await test.time.runMicrotasks();
    await test.time.tickAsync(500);
  }
  await test.time.runMicrotasks();
  const [join] = socket.takeSent();
  assertEquals([join.type, join.after], ["join", 2]);
  socket.receive(page(chats(4, 5), 5, { recovered: false }), joined(join.id, 5));
  await test.time.runMicrotasks();
  socket.receive(chat(6));
  assertEquals(heard, ["reset", 6]);
  assertEquals(numbers(room), [4, 5, 6]);
});

Deno.test("A log that cannot be continued begins anew and says so", async () => {
  using test = testClient();
  const { room } = await joinedRoom(test, chats(1, 3));
  const heard = heardIn(room);
  const gaps: string[] = [];
  test.client.addEventListener("gap", (event) => gaps.push(event.detail.roomId));
  const socket = await reconnected(test);
  const [join] = socket.takeSent();
  socket.receive(page(chats(400, 402), 402, { recovered: false }), joined(join.id, 402));
  await test.time.runMicrotasks();
  assertEquals([heard, gaps, numbers(room)], [["reset"], ["general"], [400, 401, 402]]);
});

Deno.test("Another epoch makes old numbers mean nothing", async () => {
  using test = testClient();
  const { room } = await joinedRoom(test, chats(1, 30));
  const heard = heardIn(room);
  const socket = await reconnected(test);
  const [join] = socket.takeSent();
  socket.receive(page(chats(1, 2), 2, { epoch: "e2", recovered: true }), joined(join.id, 2, "e2"));
  await test.time.runMicrotasks();
  socket.receive(chat(3));
  assertEquals([room.epoch, heard, numbers(room)], ["e2", ["reset", 3], [1, 2, 3]]);
});

Deno.test("A history page of another epoch makes the client join anew", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test, chats(1, 2));
  socket.receive(chat(9));
  await test.time.runMicrotasks();
  socket.receive(page(chats(3, 8), 9, { id: socket.takeSent()[0].id, epoch: "e2" }));
  await test.time.runMicrotasks();
  await test.time.tickAsync(500);
  await test.time.runMicrotasks();
  const [join] = socket.takeSent();
  assertEquals([join.type, join.epoch], ["join", "e1"]);
  socket.receive(page(chats(9, 9), 9, { recovered: false, epoch: "e2" }), joined(join.id, 9, "e2"));
  await test.time.runMicrotasks();
  assertEquals(numbers(room), [9]);
});

Deno.test("A history that no longer reaches back is not passed off as whole", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test, chats(1, 2));
  const heard = heardIn(room);
  socket.receive(chat(90));
  await test.time.runMicrotasks();
  socket.receive(page(chats(80, 89), 89, { id: socket.takeSent()[0].id }));
  await test.time.runMicrotasks();
  const [next] = socket.takeSent();
  assertEquals(next.after, 89);
  socket.receive(page([chat(90)], 90, { id: next.id }));
  await test.time.runMicrotasks();
  assertEquals(heard, ["reset", 90]);
  assertEquals(numbers(room), chats(80, 90).map((message) => message.seq));
});

Deno.test("A message of a room that was not joined is told as it comes", async () => {
  using test = testClient();
  const socket = await connected(test);
  const heard: string[] = [];
  test.client.addEventListener("chat", (event) => heard.push(event.detail.roomId));
  socket.receive(chat(7, { roomId: "dm:ada:grace" }));
  assertEquals(heard, ["dm:ada:grace"]);
  await test.time.runMicrotasks();
});
