import { StoreUnavailable } from "../../../lib/store/store.ts";

/** Tries until the store is there, for at most `limitMs`; returns what came of it, and how long it took. */
export async function whenAvailable<T>(
  work: () => Promise<T>,
  limitMs: number,
): Promise<{ result: T; tookMs: number }> {
  const startedAt = performance.now();
  for (;;) {
    try {
      return { result: await work(), tookMs: performance.now() - startedAt };
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      if (performance.now() - startedAt > limitMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
