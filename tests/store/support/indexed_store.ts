import { SqliteConnection } from "../../../lib/store/sqlite_connection.ts";
import { openSecond } from "../../../lib/store/sqlite_open.ts";
import { SqliteSearchIndex } from "../../../lib/store/sqlite_search_index.ts";
import { SqliteStore } from "../../../lib/store/sqlite_store.ts";
import type { Store } from "../../../lib/store/store.ts";
import { startIdle } from "./start_script.ts";

/** Indexes everything that waits; tells in how many steps. */
export function indexAll(file: string): number {
  using connection = new SqliteConnection(openSecond(file, 1000));
  const index = new SqliteSearchIndex(connection);
  let steps = 0;
  while (index.step()) steps++;
  return steps;
}

/** A store that has indexed everything whenever it searches or forgets. */
export function indexBefore(store: SqliteStore, file: string): Store {
  return new Proxy(store, {
    get(target, name) {
      if (name === "search" || name === "retain") indexAll(file);
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** Opens a store that does not search, nor index. */
export function openWithoutSearch(file: string): Promise<SqliteStore> {
  const retention = { historyLimit: Infinity, historyMaxAgeMs: Infinity };
  return SqliteStore.open(file, retention, { startSearchWorker: startIdle });
}
