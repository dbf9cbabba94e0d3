import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import type { ChatMessage, Room } from "../../static/sdk/mod.ts";
import { RoomMemory } from "../../static/app/room_memory.ts";

class FakeRoom extends EventTarget {
  readonly roomId = "r";
  readonly roomName = "r";
  readonly messages: ChatMessage[] = [];
  readonly delivered: number[] = [];
  epoch = "e1";

  markDelivered(seq: number): void {
    this.delivered.push(seq);
  }

  tell(type: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  chat(seq: number, userId: string): void {
    const message: ChatMessage = {
      type: "chat",
      id: `${seq}`,
      roomId: "r",
      seq,
      userId,
      username: userId,
      content: "x",
      timestamp: 0,
    };
    this.messages.push(message);
    this.tell("chat", message);
  }
}

function remember(room: FakeRoom, watched: () => boolean, start = { unread: 0, read: 0 }): RoomMemory {
  return new RoomMemory(room as unknown as Room, "me", start, watched);
}

Deno.test("RoomMemory counts what others write while nobody looks, and where it began", () => {
  const room = new FakeRoom();
  const memory = remember(room, () => false);
  room.chat(1, "me");
  room.chat(2, "bo");
  room.chat(3, "bo");
  assertEquals([memory.unread, memory.unreadFrom], [2, 2]);
  assertEquals(memory.markRead(), true);
  assertEquals(memory.markRead(), false);
  assertEquals([memory.unread, memory.unreadFrom], [0, 2]);
});

Deno.test("RoomMemory counts nothing that is on the screen", () => {
  const room = new FakeRoom();
  const memory = remember(room, () => true);
  room.chat(1, "bo");
  assertEquals([memory.unread, memory.unreadFrom], [0, undefined]);
});

Deno.test("RoomMemory starts with what the server counted", () => {
  const memory = remember(new FakeRoom(), () => false, { unread: 3, read: 7 });
  assertEquals([memory.unread, memory.unreadFrom], [3, 8]);
});

Deno.test("RoomMemory puts the unread line before what is still unread when the room is opened again", () => {
  const room = new FakeRoom();
  const memory = remember(room, () => false);
  for (let seq = 1; seq <= 40; seq++) room.chat(seq, "bo");
  assertEquals(memory.placeUnreadLine(), 1);
  memory.markRead(30);
  assertEquals([memory.unread, memory.unreadFrom], [10, 1]);
  assertEquals(memory.placeUnreadLine(), 31);
  memory.markRead(20);
  assertEquals([memory.unread, memory.placeUnreadLine()], [10, 31]);
  memory.markRead(40);
  assertEquals([memory.unread, memory.placeUnreadLine()], [0, undefined]);
});

Deno.test("RoomMemory counts down while one reads further back than the messages at hand", () => {
  const room = new FakeRoom();
  for (let seq = 251; seq <= 300; seq++) room.chat(seq, "bo");
  const memory = remember(room, () => false, { unread: 300, read: 0 });
  assertEquals(memory.markRead(200), true);
  assertEquals([memory.unread, memory.placeUnreadLine()], [100, 201]);
});

Deno.test("RoomMemory does not count what was read elsewhere before it came", () => {
  const room = new FakeRoom();
  const memory = remember(room, () => false);
  memory.markRead(2);
  for (let seq = 1; seq <= 3; seq++) room.chat(seq, "bo");
  assertEquals([memory.unread, memory.unreadFrom], [1, 3]);
});

Deno.test("RoomMemory takes the unread line away when the user writes", () => {
  const room = new FakeRoom();
  const memory = remember(room, () => false, { unread: 3, read: 7 });
  room.chat(11, "me");
  assertEquals(memory.unreadFrom, undefined);
});

Deno.test("RoomMemory counts what is unread of a log that begins anew", () => {
  const room = new FakeRoom();
  const memory = remember(room, () => false);
  for (let seq = 1; seq <= 3; seq++) room.chat(seq, "bo");
  room.messages.length = 0;
  room.epoch = "e2";
  room.tell("reset", room);
  assertEquals([memory.unread, memory.unreadFrom], [0, undefined]);
  room.chat(1, "bo");
  assertEquals([memory.unread, memory.unreadFrom], [1, 1]);
});

Deno.test("RoomMemory counts what is unread of a log that lost what comes next, and what was read stays read", () => {
  const room = new FakeRoom();
  const memory = remember(room, () => false);
  for (let seq = 1; seq <= 3; seq++) room.chat(seq, "bo");
  memory.markRead(2);
  room.messages.splice(0);
  for (let seq = 8; seq <= 9; seq++) room.messages.push({ seq, userId: "bo" } as ChatMessage);
  room.tell("reset", room);
  assertEquals(memory.unread, 7);
});

Deno.test("RoomMemory keeps a line for joins and leaves, not for counts, and no more than it needs", () => {
  const room = new FakeRoom();
  const memory = remember(room, () => true);
  room.chat(1, "bo");
  room.tell("system", { event: "members", members: 300, timestamp: 1 });
  for (let i = 0; i < 500; i++) {
    room.tell("system", { event: "join", userId: "x", username: "Cy", timestamp: i });
  }
  assertEquals(memory.systemLines.length, 200);
  assertEquals(memory.systemLines.at(-1)?.afterSeq, 1);
  assertEquals(new Set(memory.systemLines.map((line) => line.key)).size, 200);
});

Deno.test("RoomMemory passes on why the user is no longer in the room", () => {
  const room = new FakeRoom();
  const memory = remember(room, () => true);
  const codes: string[] = [];
  memory.addEventListener(
    "left",
    (event) => codes.push((event as CustomEvent<{ code: string }>).detail.code),
  );
  room.tell("system", { event: "kick", userId: "bo", timestamp: 1 });
  assertEquals(codes, []);
  room.tell("left", { code: "ban", message: "" });
  assertEquals(codes, ["ban"]);
});

Deno.test("RoomMemory forgets who is typing after a while, when they stop, and when their message comes", () => {
  using time = new FakeTime();
  const room = new FakeRoom();
  const memory = remember(room, () => true);
  const names = () => memory.typingNames(Date.now());
  for (const userId of ["bo", "cy", "di"]) room.tell("typing", { userId, username: userId, isTyping: true });
  room.tell("typing", { userId: "me", username: "me", isTyping: true });
  assertEquals(names(), ["bo", "cy", "di"]);
  room.chat(1, "bo");
  room.tell("typing", { userId: "cy", username: "cy", isTyping: false });
  assertEquals(names(), ["di"]);
  time.tick(6_000);
  assertEquals(names(), []);
});

Deno.test("RoomMemory hears nothing after close()", () => {
  const room = new FakeRoom();
  const memory = remember(room, () => false);
  memory.close();
  room.chat(1, "bo");
  assertEquals(memory.unread, 0);
});
