import { type Rate, TokenBucket } from "../kit/token_bucket.ts";

export interface RateOptions {
  /** For `chat`; `undefined` for no limit. */
  readonly rateChat: Rate | undefined;
  /** For every other kind of command, each by itself; `undefined` for no limit. */
  readonly rateOther: Rate | undefined;
}

/** How fast each person may go, over all their connections. */
export class RateLimits {
  readonly #options: RateOptions;
  readonly #people = new Map<string, Map<string, TokenBucket>>();

  constructor(options: RateOptions) {
    this.#options = options;
  }

  /** How many people are remembered. */
  get size(): number {
    return this.#people.size;
  }

  /** Takes one from a person's budget for a kind of command; returns 0, or the milliseconds until there is one. */
  take(userId: string, type: string, now: number): number {
    const rate = this.#rate(type);
    if (rate === undefined) return 0;
    let buckets = this.#people.get(userId);
    if (buckets === undefined) this.#people.set(userId, buckets = new Map());
    const kind = budgetOf(type);
    let bucket = buckets.get(kind);
    if (bucket === undefined) buckets.set(kind, bucket = new TokenBucket(rate, now));
    return bucket.take(rate, now);
  }

  /** Forgets who has been quiet for so long that nothing would be different. */
  sweep(now: number): void {
    for (const [userId, buckets] of this.#people) {
      for (const [type, bucket] of buckets) if (bucket.isFull(this.#rate(type)!, now)) buckets.delete(type);
      if (buckets.size === 0) this.#people.delete(userId);
    }
  }

  #rate(type: string): Rate | undefined {
    return budgetOf(type) === "chat" ? this.#options.rateChat : this.#options.rateOther;
  }
}

/** A direct message is a message like any other. */
function budgetOf(type: string): string {
  return type === "dm" ? "chat" : type;
}
