import type { Place, Visitor } from "../../lib/chat/joining.ts";
import type { User } from "../../lib/chat/member.ts";
import { afterThisTurn } from "../../lib/kit/turn.ts";
import type { ChatMessage } from "../../lib/protocol/messages.ts";
import { MemoryStore } from "../../lib/store/memory_store.ts";
import { type RoomRecord, StoreUnavailable } from "../../lib/store/store.ts";

/** A member that keeps what it is told. */
export class FakeMember implements Visitor {
  readonly places = new Map<string, Place>();
  readonly frames: string[] = [];
  readonly connectionId = crypto.randomUUID();
  readonly user: User;
  readonly takesBatches: boolean;
  isOpen = true;

  constructor(user: string | User = "ann", takesBatches = true) {
    this.user = typeof user === "string" ? { userId: user, username: user, role: "user" } : user;
    this.takesBatches = takesBatches;
  }

  send(frame: string): void {
    this.frames.push(frame);
  }

  push(line: string): void {
    this.frames.push(line);
  }

  /** Every object it was told, in order. */
  get lines(): string[] {
    return this.frames.flatMap((frame) => frame.split("\n"));
  }

  /** What it was told since the last time, as objects. */
  take(): Record<string, unknown>[] {
    return this.frames.splice(0).flatMap((frame) => frame.split("\n")).map((line) => JSON.parse(line));
  }
}

/** A store in memory that can be out of reach. */
export class FakeStore extends MemoryStore {
  isDown = false;
  /** The size of every batch that was to be appended. */
  readonly batches: number[] = [];

  constructor(historyLimit = 100) {
    super({ historyLimit, historyMaxAgeMs: Infinity });
  }

  override append(drafts: Parameters<MemoryStore["append"]>[0]) {
    this.batches.push(drafts.length);
    return this.isDown ? Promise.reject(new StoreUnavailable("down")) : super.append(drafts);
  }

  override page(...range: Parameters<MemoryStore["page"]>) {
    return this.isDown ? Promise.reject(new StoreUnavailable("down")) : super.page(...range);
  }
}

/** A message of the log; its content is its number unless given. */
export function makeMessage(seq: number, content = `message ${seq}`): ChatMessage {
  return {
    type: "chat",
    id: `m${seq}`,
    roomId: "general",
    seq,
    userId: "ann",
    username: "Ann",
    content,
    timestamp: seq,
  };
}

/** What is known of a room without a log. */
export function makeRecord(roomId = "general", head = 0): RoomRecord {
  return { roomId, roomName: roomId, visibility: "public", passwordHash: null, epoch: "e1", head };
}

/** Resolves once everything that was asked for up to now has been sent to a small room. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => afterThisTurn(resolve));
}
