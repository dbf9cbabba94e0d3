import { sleep } from "../kit/wait.ts";
import { RedisUnavailable } from "../redis/redis_error.ts";
import type { RedisLink } from "../redis/redis_link.ts";

/** What `INFO persistence` says while what was answered is not written. */
export const UNWRITTEN = "aof_pending_bio_fsync:1";
const LOOK_EVERY_MS = 2;

interface Waiting {
  readonly connectionNumber: string;
  readonly done: PromiseWithResolvers<void>;
}

/**
 * Tells when Redis has written to its file what it has answered.
 *
 * It does so first, except while a sync of the file is under way, which it then waits for, two seconds at most
 * (`appendfsync everysec`): what it has answered meanwhile would be lost with its process.
 */
export class RedisWriting {
  readonly #link: RedisLink;
  #waiting: Waiting[] = [];
  #work: Promise<void> | undefined;

  constructor(link: RedisLink) {
    this.#link = link;
  }

  /**
   * Resolves once everything is written that was answered before.
   *
   * @throws {RedisUnavailable} If the connection ended before that could be seen
   */
  wait(): Promise<void> {
    const { connectionNumber } = this.#link;
    const done = Promise.withResolvers<void>();
    this.#waiting.push({ connectionNumber, done });
    this.#work ??= this.#look().finally(() => this.#work = undefined);
    return done.promise;
  }

  async #look(): Promise<void> {
    while (this.#waiting.length > 0) {
      await sleep(LOOK_EVERY_MS);
      // Those who come while Redis is asked may have to wait for the next sync.
      const asking = this.#waiting;
      this.#waiting = [];
      try {
        const isWritten = !String(await this.#link.send("INFO", "persistence")).includes(UNWRITTEN);
        for (const { connectionNumber, done } of asking) {
          if (connectionNumber !== this.#link.connectionNumber) {
            done.reject(new RedisUnavailable("Redis was away"));
          } else if (isWritten) done.resolve();
          else this.#waiting.push({ connectionNumber, done });
        }
      } catch (error) {
        for (const { done } of asking) done.reject(error);
      }
    }
  }
}
