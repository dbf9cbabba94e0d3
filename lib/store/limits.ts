import type { Rate } from "../kit/token_bucket.ts";

/**
 * Counts how often something is done, over all nodes.
 *
 * Every method rejects with {@linkcode StoreUnavailable} where the count cannot be reached. What costs nothing to find
 * out is answered at once rather than promised, so that it stays in order with what comes next.
 */
export interface Limits {
  /** Takes one from the bucket of that name; 0, or the milliseconds until there is one. One name has one rate. */
  take(key: string, rate: Rate, now: number): number | Promise<number>;
  /**
   * Counts a try, `rate.amount` of which are let pass in a window that begins with the first; 0, or the milliseconds
   * until the window ends. Counted before it is made, so that many at once are no way round.
   */
  begin(key: string, rate: Rate, now: number): number | Promise<number>;
  /** The try was right: the next begins a new window. */
  forgive(key: string): void | Promise<void>;
  /** Forgets whatever would make no difference any more; called several times a second. */
  sweep(now: number): void;
}
