import type { RedisConnection } from "./redis_connection.ts";

/**
 * Finds out which of the rights are missing that every user needs, by commands that change nothing and need one each.
 *
 * @param prefix What the names of all keys and channels begin with
 * @param canWrite Whether Redis is one to be written to; another one would refuse it to anybody
 */
export async function missingRights(
  connection: RedisConnection,
  prefix: string,
  canWrite: boolean,
): Promise<string[]> {
  // There is no such key, and nobody hears that channel.
  const name = `${prefix}rights`;
  const trials: [right: string, ...command: string[]][] = [
    ["+@read", "GET", name],
    ["+@write", "DEL", name],
    ["+@scripting", "EVAL", "return 0", "0"],
    ["+@pubsub", "PUBLISH", name, ""],
    ["+@connection", "PING"],
    ["+time", "TIME"],
  ];
  const allowed = trials.filter(([right]) => canWrite || right !== "+@write");
  const lacking = await Promise.all(allowed.map(async ([right, ...command]) => {
    try {
      await connection.send(command);
    } catch (error) {
      const text = error instanceof Error ? error.message : "";
      // What else may be wrong is wrong with more than rights.
      if (!text.includes("NOPERM")) return undefined;
      return /\bkeys?\b/.test(text) ? `~${prefix}*` : /\bchannels?\b/.test(text) ? `&${prefix}*` : right;
    }
  }));
  return [...new Set(lacking.filter((right) => right !== undefined))];
}
