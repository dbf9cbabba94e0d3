/** Wrong tries that are answered before nothing is answered any more. */
const MAX_TRIES = 5;
const PERIOD_MS = 60_000;

interface Tries {
  count: number;
  readonly until: number;
}

/** Stops guessing: after five wrong tries at one thing, even the right one has to wait out the minute. */
export class Lockout {
  readonly #tries = new Map<string, Tries>();

  /** Counts a try before it is made, so that many at once are no way round; returns the milliseconds to wait, or 0. */
  begin(key: string, now: number): number {
    this.#forgetOld(now);
    const tries = this.#tries.get(key);
    if (tries === undefined) this.#tries.set(key, { count: 1, until: now + PERIOD_MS });
    else if (tries.count >= MAX_TRIES) return tries.until - now;
    else tries.count++;
    return 0;
  }

  /** The try was right. */
  forgive(key: string): void {
    this.#tries.delete(key);
  }

  /** Entries are in the order of their end, so only those that go are looked at. */
  #forgetOld(now: number): void {
    for (const [key, { until }] of this.#tries) {
      if (until > now) return;
      this.#tries.delete(key);
    }
  }
}
