import type { MessageLog } from "./message_log.ts";
import type { ChatMessage, RoomHistory } from "./types.ts";

/** Asks the server for a page of the room's log. */
export type ReadLog = (range: { after?: number; before?: number; limit: number }) => Promise<RoomHistory>;

const PAGE = 50;

/**
 * A part of a room's log that lies further back than the messages at hand, as when a search leads there. It grows at
 * both ends; once it meets `room.messages` it has become a part of them.
 */
export class Excerpt {
  #log: MessageLog;
  #read: ReadLog;
  #epoch: string | undefined;
  #messages: readonly ChatMessage[] = [];
  #hasOlder = true;
  #isMerged = false;
  #busy = false;

  constructor(log: MessageLog, read: ReadLog) {
    this.#log = log;
    this.#read = read;
    this.#epoch = log.epoch;
  }

  /** Oldest first and without gaps. */
  get messages(): readonly ChatMessage[] {
    return this.#messages;
  }

  /** Whether `loadOlder` may bring more. */
  get hasOlder(): boolean {
    return this.#hasOlder;
  }

  /** Whether it has become a part of the room's messages: it does not grow any more. */
  get isMerged(): boolean {
    return this.#isMerged;
  }

  /** Reads the messages around one. */
  async open(seq: number, limit: number = PAGE): Promise<void> {
    const after = Math.max(0, seq - Math.ceil(limit / 2) - 1);
    this.#put(await this.#read({ after, limit }), "newer");
    this.#hasOlder = (this.#messages[0]?.seq ?? 1) > 1;
  }

  /** Puts older messages in front; false when there are none before those. */
  async loadOlder(limit: number = PAGE): Promise<boolean> {
    const before = this.#messages[0]?.seq ?? 0;
    if (this.#busy || !this.#hasOlder) return this.#hasOlder;
    const page = await this.#reading({ before, limit });
    if (page.history.length > 0) this.#put(page, "older");
    this.#hasOlder = page.history.length > 0 && page.history[0].seq > 1;
    return this.#hasOlder;
  }

  /** Puts newer messages behind, up to those at hand. */
  async loadNewer(limit: number = PAGE): Promise<void> {
    const after = this.#messages.at(-1)?.seq ?? 0;
    if (!this.#busy && !this.#isMerged) this.#put(await this.#reading({ after, limit }), "newer");
  }

  async #reading(range: { after?: number; before?: number; limit: number }): Promise<RoomHistory> {
    this.#busy = true;
    try {
      return await this.#read(range);
    } finally {
      this.#busy = false;
    }
  }

  #put({ epoch, history }: RoomHistory, end: "older" | "newer"): void {
    if (epoch !== this.#epoch || this.#isMerged) return; // The log began anew: these belong to nothing.
    this.#messages = end === "newer" ? [...this.#messages, ...history] : [...history, ...this.#messages];
    const newest = this.#messages.at(-1)?.seq ?? 0;
    const oldestAtHand = this.#log.messages[0]?.seq ?? this.#log.seq + 1;
    if (this.#log.epoch !== epoch || newest < oldestAtHand - 1) return;
    this.#log.prepend(this.#messages);
    this.#isMerged = true;
  }
}
