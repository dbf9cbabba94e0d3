import type { Retention } from "./store.ts";

/** How long a message stays known to de-duplication at least, even when it is not kept. */
export const DEDUPLICATION_MS = 10 * 60 * 1000;

/** Whether there is anything that it lets go. */
export function isLimited({ historyLimit, historyMaxAgeMs }: Retention): boolean {
  return historyLimit !== Infinity || historyMaxAgeMs !== Infinity;
}

/** Messages up to this time, in milliseconds since the Unix epoch, are too old to be kept. */
export function ageCutoff({ historyMaxAgeMs }: Retention, now: number): number {
  return now - historyMaxAgeMs;
}

/**
 * The first `seq` from `low` to `high` that is newer than `cutoff`; `high + 1` if none is.
 *
 * A log is written in the order of time, so that a binary search finds it.
 */
export function firstNewer(
  low: number,
  high: number,
  cutoff: number,
  timeOf: (seq: number) => number,
): number {
  if (cutoff === -Infinity || low > high || timeOf(low) > cutoff) return low;
  let old = low;
  let fresh = high + 1;
  while (fresh - old > 1) {
    const middle = Math.floor((old + fresh) / 2);
    if (timeOf(middle) > cutoff) fresh = middle;
    else old = middle;
  }
  return fresh;
}
