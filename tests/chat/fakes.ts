import type { Availability, User } from "../../lib/chat/member.ts";
import type { Place, Visitor } from "../../lib/chat/visitor.ts";
import { afterThisTurn } from "../../lib/kit/turn.ts";
import type { Ending } from "../../lib/protocol/codes.ts";
import type { ChatMessage } from "../../lib/protocol/messages.ts";
import type { RoomRecord } from "../../lib/store/store.ts";

/** A member that keeps what it is told. */
export class FakeMember implements Visitor {
  readonly places = new Map<string, Place>();
  readonly frames: string[] = [];
  readonly connectionId = crypto.randomUUID();
  readonly arrivedAt = Date.now();
  readonly user: User;
  readonly takesBatches: boolean;
  isOpen = true;
  availability: Availability = "online";
  ending: Ending | undefined;

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

  evicted(roomId: string): void {
    this.places.delete(roomId);
  }

  end(ending: Ending): void {
    this.isOpen = false;
    this.ending = ending;
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
