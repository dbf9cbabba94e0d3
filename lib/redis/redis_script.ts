import { createHash } from "node:crypto";

/** A Lua script, under the name by which Redis knows it once it has run there. */
export interface RedisScript {
  readonly source: string;
  /** SHA-1 of the source, in hexadecimal. */
  readonly sha: string;
}

export function redisScript(source: string): RedisScript {
  return { source, sha: createHash("sha1").update(source).digest("hex") };
}
