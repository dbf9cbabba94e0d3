import { KvStore } from "./kv_store.ts";
import { MemoryStore } from "./memory_store.ts";
import { RedisStore, type RedisStoreOptions } from "./redis_store.ts";
import { SqliteStore, type SqliteStoreOptions } from "./sqlite_store.ts";
import type { Retention, Store } from "./store.ts";
import { findAddressProblem } from "./store_address.ts";

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
  const problem = findAddressProblem(url);
  if (problem !== undefined) throw new Error(problem);
  const scheme = url.slice(0, url.indexOf(":") + 1);
  const rest = url.slice(scheme.length);
  if (scheme === "memory:") return new MemoryStore(retention);
  if (scheme === "sqlite:") return await SqliteStore.open(rest, retention, options);
  if (scheme === "kv:") return await KvStore.open(rest, retention);
  return await RedisStore.open(url, retention, options);
}
