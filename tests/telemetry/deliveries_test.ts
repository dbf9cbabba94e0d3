import { assertEquals } from "@std/assert";
import type { Member } from "../../lib/chat/member.ts";
import { Room } from "../../lib/chat/room.ts";
import { Turn } from "../../lib/kit/turn.ts";
import type { ChatMessage } from "../../lib/protocol/messages.ts";

/** A member that counts the messages of the log that it is sent. */
class Listener implements Member {
  readonly connectionId = crypto.randomUUID();
  readonly user = { userId: this.connectionId, username: "x", role: "user" as const };
  readonly takesBatches: boolean;
  readonly isOpen = true;
  readonly availability = "online";
  heard = 0;

  constructor(takesBatches: boolean) {
    this.takesBatches = takesBatches;
  }

  send(frame: string): void {
    for (const line of frame.split("\n")) this.push(line);
  }

  push(line: string): void {
    if (JSON.parse(line).type === "chat") this.heard++;
  }

  evicted(): void {}
  end(): void {}
}

function makeMessage(seq: number): ChatMessage {
  const who = { userId: "ann", username: "Ann" };
  return { type: "chat", id: `m${seq}`, roomId: "general", seq, ...who, content: "hi", timestamp: 0 };
}

/** A room, and what it reports. */
function openRoom() {
  const record = {
    roomId: "general",
    roomName: "General",
    visibility: "public",
    passwordHash: null,
    epoch: "e",
    head: 0,
  } as const;
  const told = { deliveries: 0, flushes: 0 };
  const report = {
    delivered: (count: number) => void (told.deliveries += count),
    flushed: () => void told.flushes++,
  };
  return {
    room: new Room(record, new Turn(), { readAfter: () => Promise.resolve([]), patienceMs: 0 }, report),
    told,
  };
}

/** Resolves once everything that gathered was sent. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}

Deno.test("a room reports a delivery for every message and connection, and one flush for all that gathered", async () => {
  const { room, told } = openRoom();
  const listeners = Array.from({ length: 150 }, (_, i) => new Listener(i % 3 !== 0));
  for (const listener of listeners) room.seatNow(listener);
  room.receive(makeMessage(1));
  room.receive(makeMessage(2));
  room.tell('{"type":"system"}');
  await settled();
  assertEquals(told, { deliveries: 300, flushes: 1 });
  assertEquals(listeners.reduce((sum, { heard }) => sum + heard, 0), 300);
});

Deno.test("a room reports only what each was sent: who came late, who left, who is left out", async () => {
  const { room, told } = openRoom();
  const [first, late, gone] = [new Listener(true), new Listener(false), new Listener(true)];
  room.seatNow(first);
  const seat = room.seatNow(gone);
  room.receive(makeMessage(1));
  room.seatNow(late);
  room.receive(makeMessage(2));
  room.tell('{"type":"typing"}', { except: first });
  room.unseat(seat);
  await settled();
  assertEquals([first.heard, late.heard, gone.heard], [2, 1, 0]);
  assertEquals(told.deliveries, 3);
});

Deno.test("a room reports what is handed over while a join is answered", async () => {
  const { room, told } = openRoom();
  const listener = new Listener(true);
  await room.seat(listener, 0, () => {
    room.receive(makeMessage(1));
    room.receive(makeMessage(2));
    return Promise.resolve({ seq: 1, admit: () => [] });
  });
  await settled();
  assertEquals([listener.heard, told.deliveries], [1, 1]);
});

Deno.test("a room with nobody in it reports nothing", async () => {
  const { room, told } = openRoom();
  room.receive(makeMessage(1));
  await settled();
  assertEquals(told, { deliveries: 0, flushes: 0 });
});
