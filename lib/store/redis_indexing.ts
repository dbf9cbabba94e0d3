import type { RedisDatabase } from "./redis_database.ts";
import type { RedisIndex } from "./redis_index.ts";
import { type RedisLog, TOUCH_EVERY_MS } from "./redis_log.ts";

const ROOMS_PER_STEP = 20;
const MESSAGES_PER_STEP = 50;
const LENGTH_PER_STEP = 64 * 1024;

/** Brings the index of searches up to the logs, in small steps; any node may, at any time. */
export class RedisIndexing {
  readonly #database: RedisDatabase;
  readonly #log: RedisLog;
  readonly #index: RedisIndex;

  constructor(database: RedisDatabase, log: RedisLog, index: RedisIndex) {
    this.#database = database;
    this.#log = log;
    this.#index = index;
  }

  /** Takes one small step in some rooms; tells whether more is left to do. */
  async step(): Promise<boolean> {
    if (!this.#index.isThere) return false;
    const roomIds = await this.#index.take(ROOMS_PER_STEP);
    let isLeft = roomIds.length === ROOMS_PER_STEP;
    // One after another: Redis serves nobody else while it takes what it is given at once.
    for (const roomId of roomIds) if (await this.#catchUp(roomId)) isLeft = true;
    return isLeft;
  }

  async #catchUp(roomId: string): Promise<boolean> {
    const [indexed] = await this.#index.indexedUpTo([roomId]);
    const range = { after: indexed, limit: MESSAGES_PER_STEP, maxLength: LENGTH_PER_STEP };
    const { epoch, messages, more } = await this.#log.page(roomId, range);
    if (messages.length === 0) return false;
    await this.#index.put(roomId, epoch, indexed, messages.at(-1)!.seq, messages);
    // Nodes do not say at every message that there is one.
    await this.#index.queue([roomId], more ? undefined : this.#database.now + TOUCH_EVERY_MS);
    return more;
  }
}
