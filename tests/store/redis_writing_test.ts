import { assertEquals, assertRejects } from "@std/assert";
import { RedisUnavailable } from "../../lib/redis/redis_error.ts";
import type { RedisLink } from "../../lib/redis/redis_link.ts";
import { RedisWriting } from "../../lib/store/redis_writing.ts";

/** A Redis that says of itself what it is told to, and whether somebody has asked. */
class Redis {
  connectionNumber = "1";
  isSyncing = true;
  #asked = Promise.withResolvers<void>();

  get writing(): RedisWriting {
    return new RedisWriting(this as unknown as RedisLink);
  }

  send(...command: string[]): Promise<string> {
    assertEquals(command, ["INFO", "persistence"]);
    this.#asked.resolve();
    this.#asked = Promise.withResolvers();
    return Promise.resolve(`# Persistence\r\naof_pending_bio_fsync:${this.isSyncing ? 1 : 0}\r\n`);
  }

  /** Resolves when it has been asked once more. */
  async untilAsked(): Promise<void> {
    await this.#asked.promise;
  }
}

Deno.test("who waits for Redis to write waits until its sync is over", async () => {
  const redis = new Redis();
  const { writing } = redis;
  let written = 0;
  const waits = [1, 2].map(() => writing.wait().then(() => written++));
  for (let looks = 0; looks < 3; looks++) await redis.untilAsked();
  assertEquals(written, 0);
  redis.isSyncing = false;
  await Promise.all(waits);
  assertEquals(written, 2);
  redis.isSyncing = true;
  const next = writing.wait();
  await redis.untilAsked();
  redis.isSyncing = false;
  await next;
});

Deno.test("who waits for Redis to write is refused if it was away meanwhile", async () => {
  const redis = new Redis();
  const { writing } = redis;
  const wait = writing.wait();
  await redis.untilAsked();
  redis.isSyncing = false;
  redis.connectionNumber = "3";
  await assertRejects(() => wait, RedisUnavailable);
  redis.send = () => Promise.reject(new RedisUnavailable("Redis cannot be reached"));
  await assertRejects(() => writing.wait(), RedisUnavailable);
});
