import type { Flushable, Turn } from "../kit/turn.ts";
import { utf8Length } from "../kit/utf8.ts";
import { Traffic } from "../telemetry/traffic.ts";

/** The sending half of a socket. */
export interface Wire {
  /** Bytes that were handed over and have not left yet. */
  readonly bufferedAmount: number;
  send(frame: string): void;
}

export interface OutboxOptions {
  /** Whether one frame may hold several objects, separated by line breaks. */
  readonly takesBatches: boolean;
  /** A reader may be behind by this many bytes. */
  readonly maxSendBufferBytes: number;
  /** Whether everything has to wait for {@linkcode Outbox.begin}. */
  readonly isHeld?: boolean;
  /** Called, once or more, from within a send, when the reader is further behind. */
  readonly onSlow: () => void;
}

/** Asking how much is buffered is not free: it is done once this much was sent. */
const CHECK_LENGTH = 64 * 1024;

/**
 * What goes out to one connection: frames at once, single objects gathered until the end of the turn, and never more
 * than the reader keeps up with.
 */
export class Outbox implements Flushable {
  readonly #wire: Wire;
  readonly #turn: Turn;
  readonly #options: OutboxOptions;
  readonly #traffic: Traffic;
  readonly #checkLength: number;
  #lines: string[] = [];
  #isHeld: boolean;
  /** How much waits, in UTF-16 units. */
  #held = 0;
  #unchecked = 0;
  /** Answers to the reader's own commands may go beyond the budget until they have left. */
  #answered = 0;
  #isClosed = false;

  constructor(wire: Wire, turn: Turn, options: OutboxOptions, traffic = new Traffic()) {
    this.#wire = wire;
    this.#turn = turn;
    this.#options = options;
    this.#traffic = traffic;
    this.#isHeld = options.isHeld ?? false;
    this.#checkLength = Math.min(CHECK_LENGTH, options.maxSendBufferBytes / 4);
  }

  /** Whether answers should wait until the reader has caught up. */
  get isBehind(): boolean {
    return this.#wire.bufferedAmount > this.#options.maxSendBufferBytes / 2;
  }

  /** Whether nothing was sent yet because the first word is not said. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Says the first word, and lets follow what was to be sent before it. */
  begin(line: string): void {
    this.#isHeld = false;
    const held = this.#lines;
    this.#lines = [];
    this.push(line);
    for (const line of held) this.push(line);
  }

  /** Sends a frame, behind what was pushed before; a droppable one is skipped for a reader that is behind. */
  send(frame: string, droppable = false): void {
    if (this.#isClosed) return;
    if (this.#isHeld) return this.#hold(frame);
    if (droppable && this.isBehind) return this.#traffic.skipped.add();
    if (this.#lines.length === 0) return this.#write(frame);
    if (!this.#options.takesBatches) {
      this.flush();
      return this.#write(frame);
    }
    this.#lines.push(frame);
    this.flush();
  }

  /** Adds an object to the next frame, which goes out by the end of the turn. */
  push(line: string): void {
    if (this.#isHeld) return this.#hold(line);
    this.#answered += utf8Length(line);
    if (this.#lines.push(line) === 1) this.#turn.endConnection(this);
  }

  /** Sends a frame that is no object and so shares its frame with none. */
  sendAlone(frame: string): void {
    this.flush();
    this.#write(frame);
  }

  flush(): void {
    const lines = this.#lines;
    if (lines.length === 0 || this.#isHeld) return;
    this.#lines = [];
    if (lines.length === 1) this.#write(lines[0]);
    else if (this.#options.takesBatches) this.#write(lines.join("\n"));
    else for (const line of lines) this.#write(line);
  }

  /** Sends what is left, and nothing after it. */
  close(): void {
    this.flush();
    this.#isClosed = true;
  }

  #hold(line: string): void {
    this.#lines.push(line);
    this.#held += line.length;
    if (this.#held > this.#options.maxSendBufferBytes) this.#options.onSlow();
  }

  #write(frame: string): void {
    if (this.#isClosed) return;
    try {
      this.#wire.send(frame);
    } catch {
      return; // The peer has begun to close; its close event follows.
    }
    this.#traffic.sent(frame);
    this.#unchecked += frame.length;
    if (this.#unchecked >= this.#checkLength) this.#check();
  }

  #check(): void {
    this.#unchecked = 0;
    const { bufferedAmount } = this.#wire;
    const { maxSendBufferBytes, onSlow } = this.#options;
    if (bufferedAmount <= maxSendBufferBytes) this.#answered = 0;
    else if (bufferedAmount > maxSendBufferBytes + this.#answered) onSlow();
  }
}
