import type { Rate } from "../kit/token_bucket.ts";
import type { Limits } from "../store/limits.ts";
import { LocalLimits } from "../store/local_limits.ts";

export interface RateOptions {
  /** For `chat`; `undefined` for no limit. */
  readonly rateChat: Rate | undefined;
  /** For every other kind of command, each by itself; `undefined` for no limit. */
  readonly rateOther: Rate | undefined;
}

/** How fast each person may go, over all their connections. */
export class RateLimits {
  readonly #options: RateOptions;
  readonly #shared: Limits;
  readonly #near: Limits;

  /** `shared` counts messages, over all nodes; `near` everything else, over no more than this process. */
  constructor(options: RateOptions, shared: Limits = new LocalLimits(), near: Limits = new LocalLimits()) {
    this.#options = options;
    this.#shared = shared;
    this.#near = near;
  }

  /**
   * Takes one from a person's budget for a kind of command: 0, or the milliseconds until there is one. A promise of it
   * rejects with `StoreUnavailable` where the budget cannot be reached.
   */
  take(userId: string, type: string, now: number): number | Promise<number> {
    // Direct messages and files are messages like any other.
    const isChat = type === "chat" || type === "dm" || type === "file_end";
    const rate = isChat ? this.#options.rateChat : this.#options.rateOther;
    if (rate === undefined) return 0;
    return isChat
      ? this.#shared.take(`chat ${userId}`, rate, now)
      : this.#near.take(`${type} ${userId}`, rate, now);
  }

  /** As {@linkcode RateLimits.take}, from a budget that all have together; `name` must be no kind of command. */
  takeOfAll(name: string, rate: Rate, now: number): number | Promise<number> {
    return this.#near.take(name, rate, now);
  }

  /** Forgets who has been quiet for so long that nothing would be different. */
  sweep(now: number): void {
    this.#shared.sweep(now);
    this.#near.sweep(now);
  }
}
