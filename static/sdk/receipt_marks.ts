import { isPassing } from "./errors.ts";
import type { Receipt } from "./types.ts";
import type { Requests } from "./requests.ts";

type Status = Receipt["status"];
type Cursors = Record<Status, number>;

const FLUSH_AFTER_MS = 1_000;
/** More would spend the budget that a server commonly gives a kind of command. */
const MOST_AT_ONCE = 4;

/** What the marks need; a room that is not joined just now keeps its marks until it is. */
export type ReceiptMarksOptions = { requests: Requests; isIn(roomId: string): boolean };

/** Tells the server how far this user has come, at most once a second and room, and only forward. */
export class ReceiptMarks {
  #options: ReceiptMarksOptions;
  #told = new Map<string, Cursors>();
  #waiting = new Map<string, Cursors>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isResting = false;

  constructor(options: ReceiptMarksOptions) {
    this.#options = options;
  }

  /** Notes that the messages up to `seq` have come, or were read. */
  mark(roomId: string, status: Status, seq: number): void {
    const told = this.#told.get(roomId);
    const reached = status === "read" ? told?.read : Math.max(told?.delivered ?? 0, told?.read ?? 0);
    if (seq <= (reached ?? 0)) return;
    const waiting = this.#waiting.get(roomId) ?? { delivered: 0, read: 0 };
    waiting[status] = Math.max(waiting[status], seq);
    this.#waiting.set(roomId, waiting);
    this.#schedule();
  }

  /** Learns what the server knows already. */
  knows(roomId: string, read: number): void {
    const told = this.#told.get(roomId);
    if (read > (told?.read ?? 0)) this.#told.set(roomId, { delivered: told?.delivered ?? 0, read });
  }

  /** Forgets a room, or one whose numbers start again. */
  forget(roomId: string): void {
    this.#told.delete(roomId);
    this.#waiting.delete(roomId);
  }

  /** Sends soon what waits. */
  wake(): void {
    this.#isResting = false;
    this.#schedule();
  }

  /** Sends nothing more until woken; what waits is kept. */
  rest(): void {
    this.#isResting = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #schedule(): void {
    if (this.#isResting || this.#waiting.size === 0) return;
    this.#timer ??= setTimeout(() => this.#flush(), FLUSH_AFTER_MS);
  }

  #flush(): void {
    this.#timer = undefined;
    const ready = [...this.#waiting].filter(([roomId]) => this.#options.isIn(roomId));
    for (const [roomId, { delivered, read }] of ready.slice(0, MOST_AT_ONCE)) {
      this.#waiting.delete(roomId);
      if (read > 0) this.#tell(roomId, "read", read);
      if (delivered > read) this.#tell(roomId, "delivered", delivered);
    }
    if (ready.length > MOST_AT_ONCE) this.#schedule();
  }

  #tell(roomId: string, status: Status, seq: number): void {
    const told = this.#told.get(roomId) ?? { delivered: 0, read: 0 };
    this.#told.set(roomId, { ...told, [status]: Math.max(told[status], seq) });
    this.#options.requests.ask({ type: "receipt", roomId, seq, status }).catch((error) => {
      // The receipt may not have come through: it is told again, which does no harm.
      const now = this.#told.get(roomId);
      if (now?.[status] !== seq) return;
      this.#told.set(roomId, { ...now, [status]: told[status] });
      if (isPassing(error)) this.mark(roomId, status, seq);
    });
  }
}
