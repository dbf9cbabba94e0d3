import type { ChatMessage } from "./types.ts";

const KEPT = 1_000;

/**
 * What we know of a room's log: the newest messages, in order and without gaps, and those that came too early and wait
 * for what lies before them. It keeps the newest 1 000, and what older ones were asked for.
 */
export class MessageLog {
  /** Names this life of the log; `undefined` until the first page. */
  epoch: string | undefined;
  #messages: ChatMessage[] = [];
  #seq = 0;
  #kept = KEPT;
  #early = new Map<number, ChatMessage>();
  #head = 0;

  /** Oldest first. */
  get messages(): readonly ChatMessage[] {
    return this.#messages;
  }

  /** The number up to which nothing is missing. */
  get seq(): number {
    return this.#seq;
  }

  /** The highest number known to be taken. */
  get head(): number {
    return this.#head;
  }

  /** Whether the log goes on beyond `seq`. */
  get hasGap(): boolean {
    return this.#head > this.#seq;
  }

  /** Whether there may be older messages than those here. */
  get hasOlder(): boolean {
    return (this.#messages[0]?.seq ?? this.#seq + 1) > 1;
  }

  /** Takes the next message; false, and nothing happens, if it is not the next. */
  append(message: ChatMessage): boolean {
    if (message.seq !== this.#seq + 1) return false;
    this.#seq = message.seq;
    this.#messages.push(message);
    if (this.#messages.length > this.#kept) this.#messages.shift();
    return true;
  }

  /** Remembers that the log goes at least so far. */
  reaches(seq: number): void {
    if (seq > this.#head) this.#head = seq;
  }

  /** Keeps a message that came before its time; it need not be kept, a page will bring it. */
  hold(message: ChatMessage): void {
    this.reaches(message.seq);
    if (message.seq > this.#seq && this.#early.size < KEPT) this.#early.set(message.seq, message);
  }

  /** Takes out the held message that is next, if it is here. */
  takeEarly(): ChatMessage | undefined {
    const next = this.#early.get(this.#seq + 1);
    if (next) this.#early.delete(next.seq);
    else if (!this.hasGap) this.#early.clear();
    return next;
  }

  /** Learns, on joining, where the log ends; what was held comes from the log then. */
  endsAt(seq: number): void {
    this.#early.clear();
    this.#head = seq;
  }

  /** Begins anew with this page of a log that ends at `seq`. */
  restart(epoch: string, page: readonly ChatMessage[], seq: number): void {
    this.epoch = epoch;
    this.#messages = [...page];
    this.#kept = KEPT;
    this.#seq = page.at(-1)?.seq ?? seq;
    this.endsAt(seq);
  }

  /** Puts a newer reading of a message in its place. */
  replace(message: ChatMessage): void {
    const index = this.#messages.findIndex(({ seq }) => seq === message.seq);
    if (index >= 0) this.#messages[index] = message;
  }

  /** Puts older messages in front, if they join up with the oldest here; gives how many. */
  prepend(page: readonly ChatMessage[]): number {
    const oldest = this.#messages[0]?.seq ?? this.#seq + 1;
    const older = page.filter((message) => message.seq < oldest);
    if (older.at(-1)?.seq !== oldest - 1) return 0;
    this.#messages = [...older, ...this.#messages];
    this.#kept += older.length;
    return older.length;
  }
}
