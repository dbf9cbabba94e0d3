/** How a connection ended, for the log and the counters. */
export type Outcome = "left" | "lost" | "refused" | "failed";

/**
 * Sorts a close event: the peer left, the network lost it, we refused to go on, or something of ours failed.
 *
 * The runtime reports 0 where RFC 6455 §7.1.5 says 1006, and 1005 for a close without a code.
 */
export function sortEnding(code: number, wasEndedByUs: boolean): Outcome {
  if (code === 1011) return "failed";
  if (wasEndedByUs) return "refused";
  if (code === 1000 || code === 1001 || code === 1005) return "left";
  return "lost";
}
