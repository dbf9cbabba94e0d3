import { assert, assertEquals, assertRejects } from "@std/assert";
import { RedisLink } from "../../lib/redis/redis_link.ts";
import { RedisLimits } from "../../lib/store/redis_limits.ts";
import { StoreUnavailable } from "../../lib/store/store.ts";
import { testLimits } from "../contracts/limits_contract.ts";
import { RedisServer, redisTest, withoutRedis } from "../support/redis_server.ts";

const HOURLY = { amount: 10, periodMs: 3_600_000 };

testLimits("RedisLimits", async () => {
  const opened = new AsyncDisposableStack();
  const redis = opened.use(await RedisServer.start({ aof: "none" }));
  const links = [opened.use(await RedisLink.open(redis.url)), opened.use(await RedisLink.open(redis.url))];
  return {
    nodes: [new RedisLimits(links[0]), new RedisLimits(links[1])] as const,
    // Theirs is the clock of Redis.
    now: () => 0,
    pass: (ms: number) => new Promise((resolve) => setTimeout(resolve, ms + 1)),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}, { ignore: withoutRedis("RedisLimits") });

redisTest("RedisLimits keeps nothing for longer than it makes a difference", async () => {
  await using redis = await RedisServer.start({ aof: "none" });
  await using link = await RedisLink.open(`${redis.url}?prefix=chat:`);
  const limits = new RedisLimits(link);
  for (let i = 0; i < 2; i++) await limits.take("a", HOURLY);
  for (let i = 0; i < 20; i++) await limits.begin("b", HOURLY);
  const keys = (await redis.ask("KEYS", "*") as string[]).sort();
  assertEquals(keys, ["chat:connections", "chat:rate:a", "chat:tries:b"]);
  const ttl = async (key: string) => Number(await redis.ask("PTTL", key));
  const [bucket, window] = [await ttl("chat:rate:a"), await ttl("chat:tries:b")];
  assert(bucket > 700_000 && bucket <= 720_000, `${bucket} ms until the bucket is full again`);
  assert(window > 3_590_000 && window <= 3_600_000, `${window} ms until the window ends`);
});

redisTest(
  "RedisLimits counts on where it was when a script is forgotten, and knows when it cannot count",
  async () => {
    await using redis = await RedisServer.start({ aof: "none" });
    await using link = await RedisLink.open(redis.url);
    const limits = new RedisLimits(link);
    const once = { amount: 1, periodMs: 3_600_000 };
    assertEquals(await limits.take("a", once), 0);
    await redis.ask("SCRIPT", "FLUSH");
    assert(await limits.take("a", once) > 0);
    await redis.kill();
    await assertRejects(() => limits.take("a", once), StoreUnavailable);
    await assertRejects(() => limits.begin("a", once), StoreUnavailable);
    await assertRejects(() => limits.forgive("a"), StoreUnavailable);
  },
);
