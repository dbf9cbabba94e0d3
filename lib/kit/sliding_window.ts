import type { Rate } from "./token_bucket.ts";

/** Counts events, and says when more than a rate's amount have come within one of its periods. */
export class SlidingWindow {
  readonly #rate: Rate;
  /** The last events, at most as many as the rate allows; made with the first. */
  #times: number[] = [];

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** Counts one event; returns whether it is one too many. */
  add(now: number): boolean {
    const { amount, periodMs } = this.#rate;
    const isOver = this.#times.length === amount && now - this.#times[0] < periodMs;
    this.#times.push(now);
    if (this.#times.length > amount) this.#times.shift();
    return isOver;
  }
}
