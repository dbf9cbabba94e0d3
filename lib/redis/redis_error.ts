/** Redis cannot be reached, or cannot serve now: the same call may succeed later. Whether it was done is unknown. */
export class RedisUnavailable extends Error {
  override readonly name = "RedisUnavailable";
}

/** What Redis says, by its first word, when it would do the same later. */
const TRANSIENT = new Set([
  "LOADING", // reads its data after a start
  "BUSY", // runs somebody's script
  "OOM", // is full
  "MISCONF", // cannot write to its disk
  "READONLY", // follows another one now
  "MASTERDOWN",
  "NOREPLICAS",
  "CLUSTERDOWN",
  "TRYAGAIN",
  "MOVED",
  "ASK",
  "NOAUTH",
  "WRONGPASS",
  "ERR max", // has too many clients
]);

/** The error of ours for one of Redis or of its client. */
export function toRedisError(error: unknown): Error {
  if (error instanceof RedisUnavailable) return error;
  // Redis may repeat what it was given, which is nobody else's business.
  const text = (error instanceof Error ? error.message : String(error)).split(", with args")[0];
  const [word, next] = text.split(" ");
  // What modules say does not begin with such a word.
  const isReply = /^[A-Z]+$/.test(word) || (error as object).constructor.name === "SimpleError";
  if (isReply && !TRANSIENT.has(word) && !TRANSIENT.has(`${word} ${next}`)) {
    return new Error(`Redis refuses a command: ${text}`, { cause: error });
  }
  return new RedisUnavailable(isReply ? `Redis cannot serve now: ${text}` : "Redis cannot be reached", {
    cause: error,
  });
}
