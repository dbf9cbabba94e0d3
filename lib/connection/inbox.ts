import { TokenBucket } from "../kit/token_bucket.ts";
import { isLongerThan } from "../kit/utf8.ts";
import { type Ending, ENDINGS, Refusal } from "../protocol/codes.ts";
import type { Command } from "../protocol/commands.ts";
import { MAX_CHUNK_FRAME_BYTES } from "../protocol/chunk.ts";
import { decode, refuseTooLarge, splitFrame, Undecodable } from "../protocol/decode.ts";

export interface InboxOptions {
  /** Longer frames are refused, those over four times as long end the connection. */
  readonly maxMessageBytes: number;
  /** Whether many commands a second are a flood, or what the operator asked for. */
  readonly limitsFlood: boolean;
}

/** What the inbox hands on, and whom it asks. */
export interface Desk {
  readonly isOpen: boolean;
  /** Handles one command; a promise, which must not reject, holds back what came after it. */
  handle(command: Command): void | Promise<void>;
  /** Takes a piece of a file; `false` where nobody has signed in to send one. */
  takeChunk(frame: ArrayBuffer): boolean;
  refuse(refusal: Refusal, id?: string, roomId?: string): void;
  pong(): void;
  end(ending: Ending): void;
}

/** A flood is more than this, sustained. */
const FLOOD = { amount: 1_000, periodMs: 1_000 };
/** As much may wait behind a command that takes time: so many, and so many UTF-16 units of them together. */
const MAX_WAITING = 1_000;
const MAX_WAITING_LENGTH = 1 << 20;

/** The text that asks for a sign of life; it is no command. */
const PING = "ping";
type Arrival = Command | Undecodable | typeof PING;

/** What comes in from one connection: checked at once, and answered strictly in order. */
export class Inbox {
  readonly #desk: Desk;
  readonly #options: InboxOptions;
  readonly #flood: TokenBucket | undefined;
  readonly #waiting: { readonly arrival: Arrival; readonly length: number }[] = [];
  #waitingLength = 0;
  #isBusy = false;

  constructor(desk: Desk, options: InboxOptions) {
    this.#desk = desk;
    this.#options = options;
    if (options.limitsFlood) this.#flood = new TokenBucket(FLOOD, Date.now());
  }

  /** Takes one frame. */
  receive(frame: unknown): void {
    if (typeof frame !== "string") return this.#receiveChunk(frame);
    const { maxMessageBytes } = this.#options;
    if (isLongerThan(frame, maxMessageBytes)) {
      if (isLongerThan(frame, maxMessageBytes * 4)) return this.#desk.end(ENDINGS.tooLarge);
      return this.#take(refuseTooLarge(frame), 0);
    }
    if (frame === PING) return this.#take(PING, 0);
    for (const line of splitFrame(frame)) {
      if (!this.#desk.isOpen) return;
      this.#take(decode(line), line.length);
    }
  }

  /** Pieces of files wait for no command, and no command waits for them. */
  #receiveChunk(frame: unknown): void {
    const length = frame instanceof ArrayBuffer ? frame.byteLength : 0;
    if (length > MAX_CHUNK_FRAME_BYTES * 4) return this.#desk.end(ENDINGS.tooLarge);
    if (length > MAX_CHUNK_FRAME_BYTES) return this.#take(new Undecodable(new Refusal("too_large")), 0);
    if (frame instanceof ArrayBuffer && this.#desk.takeChunk(frame)) return void this.#isFlood();
    this.#take(new Undecodable(new Refusal("bad_request", { message: "binary frames hold files only" })), 0);
  }

  #take(arrival: Arrival, length: number): void {
    if (this.#isFlood()) return;
    if (!this.#isBusy) return this.#handle(arrival);
    if (this.#waiting.length >= MAX_WAITING || this.#waitingLength > MAX_WAITING_LENGTH) {
      const refusal = new Refusal("rate_limited", { retryAfterMs: 1_000 });
      return this.#desk.refuse(refusal, arrival === PING ? undefined : arrival.id);
    }
    this.#waiting.push({ arrival, length });
    this.#waitingLength += length;
  }

  /** Keeps everything waiting until the work is done. */
  async hold(work: Promise<void>): Promise<void> {
    this.#isBusy = true;
    try {
      await work;
    } finally {
      this.#next();
    }
  }

  #handle(arrival: Arrival): void {
    if (arrival === PING) return this.#desk.pong();
    if (arrival instanceof Undecodable) return this.#desk.refuse(arrival.refusal, arrival.id, arrival.roomId);
    const work = this.#desk.handle(arrival);
    if (work !== undefined) void this.hold(work);
  }

  readonly #next = (): void => {
    this.#isBusy = false;
    while (!this.#isBusy && this.#desk.isOpen && this.#waiting.length > 0) {
      const { arrival, length } = this.#waiting.shift()!;
      this.#waitingLength -= length;
      this.#handle(arrival);
    }
  };

  #isFlood(): boolean {
    if (this.#flood === undefined || this.#flood.take(FLOOD, Date.now()) === 0) return false;
    this.#desk.end(ENDINGS.tooManyErrors);
    return true;
  }
}
