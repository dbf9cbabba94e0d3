import { KvStore } from "./kv_store.ts";
import { MemoryStore } from "./memory_store.ts";
import { RedisStore, type RedisStoreOptions } from "./redis_store.ts";
import { SqliteStore, type SqliteStoreOptions } from "./sqlite_store.ts";
import type { Retention, Store } from "./store.ts";

/** How workers are reached that a store needs, where they are not its own. */
export type StoreWorkers = Pick<SqliteStoreOptions, "startWorker" | "startSearchWorker">;

/**
 * Opens the store that a setting names: `memory:`, `sqlite:` with a file, `kv:`, alone or with a file, or the address of
 * a Redis; files are relative to the current directory.
 *
 * @param options How a store behaves that several nodes share
 * @throws {Error} If there is no such store or it cannot be opened; the message is one sentence without a password
 */
export async function openStore(
  url: string,
  retention: Retention,
  options: StoreWorkers & RedisStoreOptions = {},
): Promise<Store> {
  const colon = url.indexOf(":");
  const scheme = url.slice(0, colon + 1);
  const rest = url.slice(colon + 1);
  if (scheme === "memory:" && rest === "") return new MemoryStore(retention);
  if (scheme === "sqlite:" && isFile(rest)) return await SqliteStore.open(rest, retention, options);
  if (scheme === "redis:" || scheme === "rediss:") return await RedisStore.open(url, retention, options);
  if (scheme === "kv:") return await KvStore.open(rest, retention);
  // The whole is not repeated: other stores have passwords in their addresses.
  const wrong = scheme === "sqlite:" || scheme === "memory:"
    ? `"${url}"`
    : `a store of the kind "${scheme || url}"`;
  throw new Error(
    `Cannot open ${wrong}: use memory:, kv:, sqlite: and a file, as in sqlite:data/parley.db, ` +
      "or the address of a Redis, as in redis://localhost:6379",
  );
}

/** `sqlite://data/x.db` reads as if it were relative, and is not. */
export function isFile(path: string): boolean {
  return path !== "" && path !== ":memory:" && !/^\/\/[^/]/.test(path) && !path.endsWith("/");
}
