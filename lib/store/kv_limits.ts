import type { Rate } from "../kit/token_bucket.ts";
import { type KvLink, KvUnavailable } from "../kv/kv_link.ts";
import { triesKey } from "./kv_keys.ts";
import type { Limits } from "./limits.ts";
import { LocalLimits } from "./local_limits.ts";
import { StoreUnavailable } from "./store.ts";

/** What was tried, and until when it counts. */
interface Window {
  readonly count: number;
  readonly until: number;
}

/**
 * Counts tries for all instances, and rates for each of them: a command is worth no call to the database, and a
 * password is.
 */
export class KvLimits implements Limits {
  readonly #link: KvLink;
  readonly #rates: Limits;

  /** @param rates Counts how often things are done here */
  constructor(link: KvLink, rates: Limits = new LocalLimits()) {
    this.#link = link;
    this.#rates = rates;
  }

  take(key: string, rate: Rate, now: number): number | Promise<number> {
    return this.#rates.take(key, rate, now);
  }

  async begin(key: string, { amount, periodMs }: Rate, now: number): Promise<number> {
    return await reach(() =>
      this.#link.untilDone(async () => {
        const entry = await this.#link.get<Window>(triesKey(key));
        const known = entry.value !== null && entry.value.until > now ? entry.value : undefined;
        if (known !== undefined && known.count >= amount) return { done: known.until - now };
        const { count, until } = known ?? { count: 0, until: now + periodMs };
        const committed = await this.#link.commit((atomic) =>
          atomic.check(entry).set(entry.key, { count: count + 1, until }, { expireIn: until - now })
        );
        return committed && { done: 0 };
      })
    );
  }

  async forgive(key: string): Promise<void> {
    await reach(() => this.#link.commit((atomic) => atomic.delete(triesKey(key))));
  }

  sweep(now: number): void {
    this.#rates.sweep(now);
  }
}

async function reach<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    if (!(cause instanceof KvUnavailable)) throw cause;
    throw new StoreUnavailable(`Cannot count: ${cause.message}`, { cause });
  }
}
