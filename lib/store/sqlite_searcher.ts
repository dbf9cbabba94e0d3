import type { DatabaseSync } from "node:sqlite";
import type { Call, Outcome } from "./sqlite_calls.ts";
import { SqliteConnection } from "./sqlite_connection.ts";
import { isPassing, toOutcome } from "./sqlite_error.ts";
import { SqliteSearch } from "./sqlite_search.ts";
import { SqliteSearchIndex } from "./sqlite_search_index.ts";
import type { Retention, SearchQuery } from "./store.ts";

/** Messages that a search looks at one by one, in some 30 ms, rather than index them first. */
const MAX_WAITING = 20_000;
/** How long a search indexes at most before it looks at the rest one by one. */
const MAX_INDEXING_MS = 500;
/** How often is looked whether there is something to index. */
const QUIET_MS = 1_000;
/** While others write, they have the lock for this many times as long as the index has. */
const SHARE = 4;
const MIN_PAUSE_MS = 5;

/** Searches, and keeps the index, on a connection of its own. */
export class SqliteSearcher implements Disposable {
  readonly #connection: SqliteConnection;
  readonly #search: SqliteSearch;
  readonly #index: SqliteSearchIndex;
  readonly #dataVersion: () => unknown;
  #seenVersion: unknown;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(database: DatabaseSync, retention: Retention) {
    this.#connection = new SqliteConnection(database);
    this.#search = new SqliteSearch(this.#connection, retention);
    this.#index = new SqliteSearchIndex(this.#connection);
    const version = this.#connection.prepare("PRAGMA data_version");
    this.#dataVersion = () => version.get()?.data_version;
  }

  /** Indexes what comes, in the background, until it is closed. */
  start(): void {
    this.#timer = setTimeout(() => this.#indexSome(), QUIET_MS);
  }

  /** Takes one step of indexing. */
  index(): boolean {
    return this.#index.step();
  }

  /** Tells how each call ended. */
  execute(calls: readonly Call[], now: number): Outcome[] {
    return calls.map((call) => {
      try {
        return { value: this.#perform(call, now) };
      } catch (error) {
        return toOutcome(error);
      }
    });
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#connection[Symbol.dispose]();
  }

  #perform(call: Call, now: number): unknown {
    switch (call.method) {
      case "search":
        return this.#find(...call.args, now);
      case "retain":
        return this.#tryTo(() => this.#index.forget());
    }
    throw new Error(`Cannot ${call.method}: this worker only searches`);
  }

  #find(query: SearchQuery, now: number): unknown {
    const end = performance.now() + MAX_INDEXING_MS;
    while (this.#search.countWaiting(query) > MAX_WAITING && performance.now() < end) {
      if (!this.#tryTo(() => this.index())) break;
    }
    return this.#search.search(query, now);
  }

  /** Takes a step, and then as many as do not hold up others. */
  #indexSome(): void {
    const startedAt = performance.now();
    const hasMore = this.#tryTo(() => this.index());
    const tookMs = performance.now() - startedAt;
    const version = this.#dataVersion();
    const pauseMs = version === this.#seenVersion ? 0 : Math.max(MIN_PAUSE_MS, SHARE * tookMs);
    this.#seenVersion = version;
    this.#timer = setTimeout(() => this.#indexSome(), hasMore ? pauseMs : QUIET_MS);
  }

  /** Tells whether there is more to do; where the lock or the disk is not to be had, the index can wait. */
  #tryTo(step: () => boolean): boolean {
    try {
      return step();
    } catch (error) {
      if (!isPassing(error)) throw error;
      return false;
    }
  }
}
