import type { ChatMessage } from "../protocol/messages.ts";

/** Reads what follows a position from the log. */
export type ReadAfter = (seq: number) => Promise<readonly ChatMessage[]>;

/**
 * Puts numbered messages into their order: hands on the next in line, drops what was there already, and reads from the
 * log whatever a lost or early hint left out.
 */
export class Sequence {
  #head: number;
  readonly #accept: (message: ChatMessage) => void;
  readonly #readAfter: ReadAfter;
  /** The highest number heard of. */
  #heard: number;
  #healing: Promise<void> | undefined;

  constructor(head: number, accept: (message: ChatMessage) => void, readAfter: ReadAfter) {
    this.#head = head;
    this.#heard = head;
    this.#accept = accept;
    this.#readAfter = readAfter;
  }

  /** The last number handed on. */
  get head(): number {
    return this.#head;
  }

  receive(message: ChatMessage): void {
    if (message.seq === this.#head + 1) {
      this.#head = message.seq;
      this.#accept(message);
    } else if (message.seq > this.#head) {
      this.reach(message.seq).catch(() => {}); // The next message, or the next to wait, tries again.
    }
  }

  /** Resolves once everything up to `seq` was handed on; rejects if the log cannot be read. */
  async reach(seq: number): Promise<void> {
    this.#heard = Math.max(this.#heard, seq);
    while (this.#head < seq) {
      this.#healing ??= this.#heal().finally(() => this.#healing = undefined);
      await this.#healing;
    }
  }

  async #heal(): Promise<void> {
    while (this.#head < this.#heard) {
      const [before, heard] = [this.#head, this.#heard];
      for (const message of await this.#readAfter(this.#head)) {
        if (message.seq <= this.#head) continue;
        this.#head = message.seq;
        this.#accept(message);
      }
      // Retention, or a new life of the log, took what is missing: nobody can be told of it any more.
      if (this.#head === before) this.#head = heard;
    }
  }
}
