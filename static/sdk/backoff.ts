/** How long to wait between attempts; `baseMs` 500 and `capMs` 30 000 unless told otherwise. */
export type BackoffOptions = { baseMs?: number; capMs?: number };

/** Full jitter: each wait is random, below a ceiling that doubles from the base to the cap. */
export class Backoff {
  #baseMs: number;
  #capMs: number;
  #random: () => number;
  #waits = 0;

  constructor({ baseMs = 500, capMs = 30_000 }: BackoffOptions = {}, random: () => number = Math.random) {
    this.#baseMs = baseMs;
    this.#capMs = capMs;
    this.#random = random;
  }

  /** The most that the last wait could have been, in milliseconds; 0 before the first. */
  get ceilingMs(): number {
    return this.#waits === 0 ? 0 : Math.min(this.#capMs, this.#baseMs * 2 ** (this.#waits - 1));
  }

  /** How long to wait now, in milliseconds. */
  next(): number {
    this.#waits++;
    return Math.floor(this.#random() * this.ceilingMs);
  }

  /** Begins at the base again. */
  reset(): void {
    this.#waits = 0;
  }
}
