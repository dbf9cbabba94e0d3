import type { Member } from "./member.ts";
import type { Seat } from "./seat.ts";

/** One object on its way to the members of a room. */
export interface Line {
  readonly text: string;
  /** The message's number, 0 for everything that is not in the log. */
  readonly seq: number;
  /** Whether a reader that is behind may miss it. */
  readonly droppable: boolean;
  /** The connection that is not told. */
  readonly except: Member | undefined;
}

/** What one flush of a room tells: written once, sent to every seat. */
export class Frame {
  readonly #lines: readonly Line[];
  /** The ordinal of the first line within its room. */
  readonly #first: number;
  readonly #whole: string;
  readonly #droppable: boolean;
  readonly #hasExceptions: boolean;
  /** How many of the lines are messages of the log. */
  readonly #messages: number;
  /** Messages of the log that were sent so far, once for each connection. */
  deliveries = 0;

  constructor(lines: readonly Line[], first: number) {
    this.#lines = lines;
    this.#first = first;
    this.#whole = lines.length === 1 ? lines[0].text : lines.map((line) => line.text).join("\n");
    this.#droppable = lines.every((line) => line.droppable);
    this.#hasExceptions = lines.some((line) => line.except !== undefined);
    this.#messages = countMessages(lines);
  }

  sendTo(seat: Seat): void {
    if (seat.from > this.#first || this.#hasExceptions) return this.#sendPart(seat);
    this.deliveries += this.#messages;
    if (seat.member.takesBatches) seat.member.send(this.#whole, this.#droppable);
    else this.#sendSingly(seat.member, this.#lines);
  }

  /** For who took the seat, or gave it up, after the first line; and where somebody is left out. */
  #sendPart({ from, member }: Seat): void {
    const lines = this.#lines.filter((line, i) => this.#first + i >= from && line.except !== member);
    if (lines.length === 0) return;
    this.deliveries += countMessages(lines);
    if (member.takesBatches) member.send(lines.map((line) => line.text).join("\n"), this.#droppable);
    else this.#sendSingly(member, lines);
  }

  #sendSingly(member: Member, lines: readonly Line[]): void {
    for (const line of lines) member.send(line.text, line.droppable);
  }
}

/** How many lines are messages of the log. */
export function countMessages(lines: readonly Line[]): number {
  let count = 0;
  for (const { seq } of lines) if (seq > 0) count++;
  return count;
}
