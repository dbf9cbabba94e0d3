import type { Rate } from "../kit/token_bucket.ts";
import type { RedisLink } from "../redis/redis_link.ts";
import { redisScript } from "../redis/redis_script.ts";
import type { Limits } from "./limits.ts";
import { available } from "./redis_available.ts";

/**
 * A token bucket as in `token_bucket.ts`: its level in units of which a token takes `periodMs`, and when it was filled.
 * One that is not there is full.
 */
const TAKE = redisScript(`
local amount, period = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local full = amount * period
local level, filledAt = full, now
local kept = redis.call("GET", KEYS[1])
if kept then
  local blank = string.find(kept, " ", 1, true)
  level, filledAt = tonumber(string.sub(kept, 1, blank - 1)), tonumber(string.sub(kept, blank + 1))
  if now > filledAt then
    level, filledAt = math.min(full, level + (now - filledAt) * amount), now
  end
end
if level < period then
  return math.ceil((period - level) / amount)
end
level = level - period
redis.call("SET", KEYS[1], string.format("%.0f %.0f", level, filledAt), "PX", math.ceil((full - level) / amount))
return 0
`);

const BEGIN = redisScript(`
local count = redis.call("GET", KEYS[1])
if not count then
  redis.call("SET", KEYS[1], "1", "PX", ARGV[2])
elseif tonumber(count) >= tonumber(ARGV[1]) then
  return math.max(1, redis.call("PTTL", KEYS[1]))
else
  redis.call("INCR", KEYS[1])
end
return 0
`);

/**
 * Counts in Redis, and so over all nodes, by the clock of Redis: whose clock is wrong gains and loses nothing by it.
 *
 * What makes no difference any more expires by itself.
 */
export class RedisLimits implements Limits {
  readonly #link: RedisLink;

  /** @param link Stays the caller's */
  constructor(link: RedisLink) {
    this.#link = link;
  }

  take(key: string, { amount, periodMs }: Rate): Promise<number> {
    return this.#run(TAKE, `rate:${key}`, [`${amount}`, `${periodMs}`]);
  }

  begin(key: string, { amount, periodMs }: Rate): Promise<number> {
    return this.#run(BEGIN, `tries:${key}`, [`${amount}`, `${periodMs}`]);
  }

  async forgive(key: string): Promise<void> {
    await available(this.#link.send("DEL", `${this.#link.prefix}tries:${key}`));
  }

  sweep(): void {}

  async #run(script: typeof TAKE, key: string, args: readonly string[]): Promise<number> {
    return Number(await available(this.#link.run(script, [this.#link.prefix + key], args)));
  }
}
