import type { ChatMessage } from "../protocol/messages.ts";
import { newEpoch, placeDraft } from "./message.ts";
import { cutPage } from "./page.ts";
import { Queue } from "./queue.ts";
import { ageCutoff, DEDUPLICATION_MS } from "./retention.ts";
import type { Appended, Draft, Page, Range, Retention } from "./store.ts";

/** Ids remembered beyond those of the messages kept: about 40 MB at most for a room that is never quiet. */
const MAX_FORGOTTEN_IDS = 200_000;
/** One append brings one id; letting two go keeps the line from growing, without ever stopping to clean up. */
const IDS_PER_APPEND = 2;
const IDS_PER_STEP = 500;

/** A message by its sender's own id. */
interface Sent {
  readonly key: string;
  readonly seq: number;
  readonly timestamp: number;
}

/** One room's log in memory: the last messages, and the ids of those that may still come again. */
export class MemoryLog {
  readonly epoch = newEpoch();
  readonly #retention: Retention;
  readonly #messages = new Queue<ChatMessage>();
  readonly #sent = new Map<string, Sent>();
  readonly #sentInOrder = new Queue<Sent>();
  #head = 0;

  constructor(retention: Retention) {
    this.#retention = retention;
  }

  /** The last `seq` given out. */
  get head(): number {
    return this.#head;
  }

  append(draft: Draft, now: number): Appended {
    const key = draft.unique ? undefined : `${draft.userId.length}:${draft.userId}${draft.id}`;
    const first = key === undefined ? undefined : this.#sent.get(key);
    if (first !== undefined) return { seq: first.seq, timestamp: first.timestamp, duplicate: true };
    const seq = ++this.#head;
    const { timestamp } = draft;
    this.#messages.push(placeDraft(draft, seq));
    if (this.#messages.length > this.#retention.historyLimit) this.#messages.shift();
    if (key !== undefined) {
      const sent = { key, seq, timestamp };
      this.#sent.set(key, sent);
      this.#sentInOrder.push(sent);
    }
    this.#forgetIds(IDS_PER_APPEND, now);
    return { seq, timestamp, duplicate: false };
  }

  page(range: Range, now: number): Page {
    this.#forgetMessages(now);
    const log = { epoch: this.epoch, head: this.#head, first: this.#first };
    return cutPage(log, range, (from, to, isForward) => this.#read(from, to, isForward));
  }

  /** The messages kept, backward, until the log changes. */
  *newestFirst(now: number): Iterator<ChatMessage> {
    this.#forgetMessages(now);
    for (let i = this.#messages.length - 1; i >= 0; i--) yield this.#messages.at(i)!;
  }

  /** Takes one small step of forgetting; tells whether more can go now. */
  forget(now: number): boolean {
    this.#forgetMessages(now);
    return this.#forgetIds(IDS_PER_STEP, now);
  }

  /** Whether time alone will let something go. */
  get isAging(): boolean {
    if (this.#messages.length > 0 && this.#retention.historyMaxAgeMs !== Infinity) return true;
    const oldest = this.#sentInOrder.at(0);
    return oldest !== undefined && oldest.seq < this.#first;
  }

  /** The oldest `seq` still kept. */
  get #first(): number {
    return this.#head - this.#messages.length + 1;
  }

  *#read(from: number, to: number, isForward: boolean): Iterable<ChatMessage> {
    const first = this.#first;
    for (let i = 0; i <= to - from; i++) {
      const message = this.#messages.at((isForward ? from + i : to - i) - first);
      if (message !== undefined) yield message;
    }
  }

  #forgetMessages(now: number): void {
    const cutoff = ageCutoff(this.#retention, now);
    for (let oldest; (oldest = this.#messages.at(0)) !== undefined && oldest.timestamp <= cutoff;) {
      this.#messages.shift();
    }
  }

  /** Lets up to `count` ids go, oldest first; tells whether more could. */
  #forgetIds(count: number, now: number): boolean {
    for (let i = 0; i < count && this.#canForgetId(now); i++) {
      this.#sent.delete(this.#sentInOrder.shift()!.key);
    }
    return this.#canForgetId(now);
  }

  #canForgetId(now: number): boolean {
    const oldest = this.#sentInOrder.at(0);
    if (oldest === undefined || oldest.seq >= this.#first) return false;
    return oldest.timestamp <= now - DEDUPLICATION_MS ||
      this.#sentInOrder.length - this.#messages.length > MAX_FORGOTTEN_IDS;
  }
}
