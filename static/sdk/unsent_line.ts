import type { Outgoing } from "./outgoing.ts";
import type { SenderTurn } from "./sender_turn.ts";

/** The messages of one room that wait or have failed, in the order to send them in. */
export class UnsentLine {
  readonly roomId: string;
  readonly entries: Outgoing[] = [];
  turn: SenderTurn | undefined;
  /** Ends when a turn's last message has been dealt with. */
  working: Promise<void> | undefined;

  constructor(roomId: string) {
    this.roomId = roomId;
  }

  find(id: string): Outgoing | undefined {
    return this.entries.find((entry) => entry.id === id);
  }

  /** The message to send next, once it is stored. */
  next(): Outgoing | undefined {
    const first = this.entries.find((entry) => entry.status === "pending");
    return first?.stored ? first : undefined;
  }

  /** Puts a message after all that were written before it. */
  insert(entry: Outgoing): void {
    const later = this.entries.findIndex((other) => other.createdAt > entry.createdAt);
    this.entries.splice(later < 0 ? this.entries.length : later, 0, entry);
  }

  /** Puts a message last. */
  append(entry: Outgoing): void {
    this.remove(entry);
    this.entries.push(entry);
  }

  /** Takes a message out; false if it was not there. */
  remove(entry: Outgoing): boolean {
    const index = this.entries.indexOf(entry);
    if (index >= 0) this.entries.splice(index, 1);
    return index >= 0;
  }
}
