import { type Rate, TokenBucket } from "../kit/token_bucket.ts";
import type { Limits } from "./limits.ts";

interface Window {
  count: number;
  readonly until: number;
}

/** Counts for a server that is one node alone. */
export class LocalLimits implements Limits {
  readonly #buckets = new Map<string, { readonly bucket: TokenBucket; readonly rate: Rate }>();
  readonly #windows = new Map<string, Window>();

  /** How many things are counted. */
  get size(): number {
    return this.#buckets.size + this.#windows.size;
  }

  take(key: string, rate: Rate, now: number): number {
    let kept = this.#buckets.get(key);
    if (kept === undefined) this.#buckets.set(key, kept = { bucket: new TokenBucket(rate, now), rate });
    return kept.bucket.take(rate, now);
  }

  begin(key: string, { amount, periodMs }: Rate, now: number): number {
    const window = this.#windows.get(key);
    if (window === undefined || window.until <= now) {
      this.#windows.set(key, { count: 1, until: now + periodMs });
      return 0;
    }
    if (window.count >= amount) return window.until - now;
    window.count++;
    return 0;
  }

  forgive(key: string): void {
    this.#windows.delete(key);
  }

  sweep(now: number): void {
    for (const [key, { bucket, rate }] of this.#buckets) {
      if (bucket.isFull(rate, now)) this.#buckets.delete(key);
    }
    for (const [key, { until }] of this.#windows) if (until <= now) this.#windows.delete(key);
  }
}
