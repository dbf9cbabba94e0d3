import type { ChatMessage } from "../protocol/messages.ts";
import type { Member } from "./member.ts";

/** Somebody who came or went. */
export interface Person {
  readonly userId: string;
  readonly username: string;
}

/** Hears of what happens on this node, as it happens. MUST NOT throw: it is called in the middle of things. */
export interface Observer {
  /** Somebody has signed in on a connection. */
  connected(member: Member): void;
  /** A connection that somebody had signed in on is over; `code` is its close code, 1006 for one that was lost. */
  disconnected(member: Member, code: number): void;
  /** A message has its place in the log, and is on its way to its room. */
  appended(message: ChatMessage): void;
  /** Somebody is in a room, by whichever connection. */
  joined(roomId: string, person: Person): void;
  /** Somebody is no longer in a room by any connection. */
  left(roomId: string, person: Person): void;
}
