import { TokenBucket } from "../kit/token_bucket.ts";
import { isLongerThan } from "../kit/utf8.ts";
import { Refusal } from "../protocol/codes.ts";
import type { Command } from "../protocol/commands.ts";
import { decode, splitFrame, Undecodable } from "../protocol/decode.ts";

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
  refuse(refusal: Refusal, id?: string, roomId?: string): void;
  pong(): void;
  /** The peer sends frames far too large. */
  endTooLarge(): void;
  /** The peer sends faster than refusals can answer. */
  endFlood(): void;
}

/** A flood is more than this, sustained. */
const FLOOD = { amount: 1_000, periodMs: 1_000 };
/** As much may wait behind a command that takes time. */
const MAX_WAITING = 1_000;

/** What comes in from one connection: checked at once, and handled strictly in order. */
export class Inbox {
  readonly #desk: Desk;
  readonly #options: InboxOptions;
  readonly #flood: TokenBucket | undefined;
  #waiting: Command[] = [];
  #isBusy = false;

  constructor(desk: Desk, options: InboxOptions) {
    this.#desk = desk;
    this.#options = options;
    if (options.limitsFlood) this.#flood = new TokenBucket(FLOOD, Date.now());
  }

  /** Takes one frame. */
  receive(frame: unknown): void {
    if (typeof frame !== "string") {
      if (!this.#isFlood()) this.#desk.refuse(new Refusal("bad_request", { message: "binary frames hold files only" }));
      return;
    }
    const { maxMessageBytes } = this.#options;
    if (isLongerThan(frame, maxMessageBytes)) {
      if (isLongerThan(frame, maxMessageBytes * 4)) return this.#desk.endTooLarge();
      return this.#desk.refuse(new Refusal("too_large"));
    }
    if (frame === "ping") {
      if (!this.#isFlood()) this.#desk.pong();
      return;
    }
    for (const line of splitFrame(frame)) {
      if (this.#isFlood() || !this.#desk.isOpen) return;
      this.#take(decode(line));
    }
  }

  #take(command: Command | Undecodable): void {
    if (command instanceof Undecodable) return this.#desk.refuse(command.refusal, command.id, command.roomId);
    if (!this.#isBusy) return this.#handle(command);
    if (this.#waiting.length < MAX_WAITING) return void this.#waiting.push(command);
    this.#desk.refuse(new Refusal("rate_limited", { retryAfterMs: 1_000 }), command.id);
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

  #handle(command: Command): void {
    const work = this.#desk.handle(command);
    if (work !== undefined) void this.hold(work);
  }

  readonly #next = (): void => {
    this.#isBusy = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const command of waiting) {
      if (!this.#desk.isOpen) return;
      this.#take(command);
    }
  };

  #isFlood(): boolean {
    if (this.#flood === undefined || this.#flood.take(FLOOD, Date.now()) === 0) return false;
    this.#desk.endFlood();
    return true;
  }
}
