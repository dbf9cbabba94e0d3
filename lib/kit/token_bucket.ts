/** A rate: `amount` things per `periodMs`, or no limit at all. */
export interface Rate {
  readonly amount: number;
  readonly periodMs: number;
}

/** Allows bursts of `amount` and refills evenly over `periodMs`. */
export class TokenBucket {
  /** In units of which a token takes `periodMs`, so that nothing is ever lost to rounding. */
  #level: number;
  #filledAt: number;

  constructor(rate: Rate, now: number) {
    this.#level = rate.amount * rate.periodMs;
    this.#filledAt = now;
  }

  /** Takes one token; returns 0, or the milliseconds until there is one. The rate must stay the same. */
  take(rate: Rate, now: number): number {
    this.#fill(rate, now);
    if (this.#level >= rate.periodMs) {
      this.#level -= rate.periodMs;
      return 0;
    }
    return Math.ceil((rate.periodMs - this.#level) / rate.amount);
  }

  /** Whether it holds as much as a new one, and so can be forgotten. */
  isFull(rate: Rate, now: number): boolean {
    this.#fill(rate, now);
    return this.#level >= rate.amount * rate.periodMs;
  }

  #fill(rate: Rate, now: number): void {
    const elapsedMs = now - this.#filledAt;
    if (elapsedMs <= 0) return;
    this.#level = Math.min(rate.amount * rate.periodMs, this.#level + elapsedMs * rate.amount);
    this.#filledAt = now;
  }
}
