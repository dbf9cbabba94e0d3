import { isAddress } from "./direct.ts";
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

  /** Whether these messages go to a person, and need no joined room. */
  get isDirect(): boolean {
    return this.entries.some((entry) => entry.to !== undefined);
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

/** The lines of all rooms. */
export class UnsentLines {
  #lines = new Map<string, UnsentLine>();

  get all(): Iterable<UnsentLine> {
    return this.#lines.values();
  }

  clear(): void {
    this.#lines.clear();
  }

  /** The line of a room. */
  of(roomId: string): UnsentLine {
    const line = this.#lines.get(roomId) ?? new UnsentLine(roomId);
    this.#lines.set(roomId, line);
    return line;
  }

  /** The line a message waits in: one to an `@name` came to a room that was not known before. */
  holder(roomId: string, id: string): UnsentLine {
    const addressed = [...this.#lines.values()].find((line) => isAddress(line.roomId) && line.find(id));
    return addressed ?? this.of(roomId);
  }
}
