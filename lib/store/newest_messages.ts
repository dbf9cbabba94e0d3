import type { ChatMessage } from "../protocol/messages.ts";

/** Keeps the newest of the messages it is given: by time, then by number. */
export class NewestMessages {
  readonly #limit: number;
  /** Newest first; one more than is wanted, which tells that there are more. */
  readonly #messages: ChatMessage[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Takes one; the same for a second time makes no difference. */
  add(message: ChatMessage): void {
    let index = this.#messages.length;
    while (index > 0 && isNewer(message, this.#messages[index - 1])) index--;
    const { roomId, seq } = this.#messages[index - 1] ?? {};
    if (index > this.#limit || (roomId === message.roomId && seq === message.seq)) return;
    this.#messages.splice(index, 0, message);
    if (this.#messages.length > this.#limit + 1) this.#messages.pop();
  }

  /** Whether messages up to a time could not change anything any more. */
  outdo(timestamp: number): boolean {
    if (this.#messages.length <= this.#limit) return false;
    return this.#limit === 0 || this.#messages[this.#limit - 1].timestamp > timestamp;
  }

  /** The messages wanted, and whether there are more; `isCut` tells that not all were looked at. */
  finish(isCut = false): { messages: ChatMessage[]; more: boolean } {
    const more = isCut || this.#messages.length > this.#limit;
    return { messages: this.#messages.slice(0, this.#limit), more };
  }
}

function isNewer(a: ChatMessage, b: ChatMessage): boolean {
  return (a.timestamp - b.timestamp || a.seq - b.seq || (a.roomId < b.roomId ? 1 : -1)) > 0;
}
