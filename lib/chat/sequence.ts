import type { ChatMessage } from "../protocol/messages.ts";

/** Reads what follows a position from the log. */
export type ReadAfter = (seq: number) => Promise<readonly ChatMessage[]>;

/** Where a sequence finds what it was not told. */
export interface Log {
  readonly readAfter: ReadAfter;
  /** What is missing may still be on its way: it is waited for so long, in milliseconds, before it is read. */
  readonly patienceMs: number;
}

/** So many messages are kept until those before them have come; what is beyond is read from the log. */
const MAX_EARLY = 1_000;
/** A log that could not be read is read again after so long. */
const RETRY_MS = 1_000;

/**
 * Puts numbered messages into their order: hands on the next in line, drops what was there already, and reads from the
 * log whatever a lost hint left out.
 */
export class Sequence implements Disposable {
  #head: number;
  readonly #accept: (message: ChatMessage) => void;
  readonly #log: Log;
  /** The highest number heard of. */
  #heard: number;
  readonly #early = new Map<number, ChatMessage>();
  #healing: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isGone = false;

  constructor(head: number, accept: (message: ChatMessage) => void, log: Log) {
    this.#head = head;
    this.#heard = head;
    this.#accept = accept;
    this.#log = log;
  }

  /** The last number handed on. */
  get head(): number {
    return this.#head;
  }

  receive(message: ChatMessage): void {
    if (message.seq === this.#head + 1) {
      this.#hand(message);
      if (this.#early.size > 0) this.#handEarly();
    } else if (message.seq > this.#head) {
      this.#heard = Math.max(this.#heard, message.seq);
      const { patienceMs } = this.#log;
      if (patienceMs === 0) return this.#heal();
      if (this.#early.size < MAX_EARLY) this.#early.set(message.seq, message);
      this.#timer ??= setTimeout(this.#lookAgain, patienceMs);
    }
  }

  /** Resolves once everything up to `seq` was handed on; rejects if the log cannot be read. */
  async reach(seq: number): Promise<void> {
    this.#heard = Math.max(this.#heard, seq);
    while (this.#head < seq) {
      this.#healing ??= this.#read().finally(() => this.#healing = undefined);
      await this.#healing;
    }
  }

  /** Waits for nothing any more. */
  [Symbol.dispose](): void {
    this.#isGone = true;
    clearTimeout(this.#timer);
  }

  readonly #lookAgain = (): void => {
    this.#timer = undefined;
    if (this.#head < this.#heard) this.#heal();
  };

  #heal(): void {
    this.reach(this.#heard).catch(() => {
      if (this.#log.patienceMs > 0 && !this.#isGone) this.#timer ??= setTimeout(this.#lookAgain, RETRY_MS);
    }); // Elsewise the next message, or the next to wait, tries again.
  }

  async #read(): Promise<void> {
    while (this.#head < this.#heard) {
      const [before, heard] = [this.#head, this.#heard];
      for (const message of await this.#log.readAfter(this.#head)) {
        if (message.seq > this.#head) this.#hand(message);
      }
      // Retention, or a new life of the log, took what is missing: nobody can be told of it any more.
      if (this.#head === before) this.#head = heard;
      this.#handEarly();
    }
  }

  #hand(message: ChatMessage): void {
    this.#head = message.seq;
    this.#accept(message);
  }

  /** Hands on what has come before its turn, as far as nothing is missing. */
  #handEarly(): void {
    for (
      let next = this.#early.get(this.#head + 1);
      next !== undefined;
      next = this.#early.get(this.#head + 1)
    ) {
      this.#early.delete(next.seq);
      this.#hand(next);
    }
    for (const seq of this.#early.keys()) if (seq <= this.#head) this.#early.delete(seq);
  }
}
