import { KvStore } from "./kv_store.ts";
import { MemoryStore } from "./memory_store.ts";
import { SqliteStore } from "./sqlite_store.ts";
import type { Retention, Store } from "./store.ts";

/**
 * Opens the store that a setting names: `memory:`, `sqlite:` with a file, or `kv:`, alone or with a file; files are
 * relative to the current directory.
 *
 * @throws {Error} If there is no such store or it cannot be opened; the message is one sentence
 */
export async function openStore(url: string, retention: Retention): Promise<Store> {
  const colon = url.indexOf(":");
  const scheme = url.slice(0, colon + 1);
  const rest = url.slice(colon + 1);
  if (scheme === "memory:" && rest === "") return new MemoryStore(retention);
  if (scheme === "sqlite:" && isFile(rest)) return await SqliteStore.open(rest, retention);
  if (scheme === "kv:") return await KvStore.open(rest, retention);
  // The whole is not repeated: other stores have passwords in their addresses.
  const wrong = scheme === "sqlite:" || scheme === "memory:"
    ? `"${url}"`
    : `a store of the kind "${scheme || url}"`;
  throw new Error(
    `Cannot open ${wrong}: use memory:, kv:, or sqlite: and a file, as in sqlite:data/parley.db`,
  );
}

/** `sqlite://data/x.db` reads as if it were relative, and is not. */
export function isFile(path: string): boolean {
  return path !== "" && path !== ":memory:" && !/^\/\/[^/]/.test(path) && !path.endsWith("/");
}
