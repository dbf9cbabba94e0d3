import { resolve } from "node:path";
import { startSqliteWorker, type StartWorker } from "./sqlite_link.ts";
import { SqlitePipeline } from "./sqlite_pipeline.ts";
import type { Appended, Draft, NewRoom, Page, Range, Retention, Store } from "./store.ts";

/** How a SQLite store behaves. */
export interface SqliteStoreOptions {
  /** The clock, in milliseconds since the Unix epoch. @default Date.now */
  readonly now?: () => number;
  /** How long to wait for a lock that another process holds. @default 2000 */
  readonly busyTimeoutMs?: number;
  /** Starts the worker, also after a crash. */
  readonly startWorker?: StartWorker;
}

/**
 * Keeps everything in one SQLite file, used by a worker of its own.
 *
 * All that is asked for while the worker is busy becomes one transaction, which is on the disk when the promises
 * resolve. Several processes may use the same file.
 */
export class SqliteStore implements Store {
  readonly kind = "sqlite";
  readonly #pipeline: SqlitePipeline;
  readonly #forgets: boolean;

  private constructor(pipeline: SqlitePipeline, forgets: boolean) {
    this.#pipeline = pipeline;
    this.#forgets = forgets;
  }

  /**
   * Opens a database file, or makes one, with its folder.
   *
   * @throws {Error} If the file cannot be used; the message is one sentence that names the file and says what to do
   */
  static async open(
    file: string,
    retention: Retention,
    options: SqliteStoreOptions = {},
  ): Promise<SqliteStore> {
    const { historyLimit, historyMaxAgeMs } = retention;
    const { now = Date.now, busyTimeoutMs = 2000, startWorker = startSqliteWorker } = options;
    const request = { file: resolve(file), retention: { historyLimit, historyMaxAgeMs }, busyTimeoutMs };
    const pipeline = await SqlitePipeline.open(request, startWorker, now);
    return new SqliteStore(pipeline, historyLimit !== Infinity || historyMaxAgeMs !== Infinity);
  }

  append(drafts: readonly Draft[]): Promise<Appended[]> {
    return this.#pipeline.call("append", drafts);
  }

  page(roomId: string, range: Range): Promise<Page> {
    return this.#pipeline.call("page", roomId, range);
  }

  room(roomId: string) {
    return this.#pipeline.call("room", roomId);
  }

  createRoom(room: NewRoom) {
    return this.#pipeline.call("createRoom", room);
  }

  rooms(userId: string, limit: number) {
    return this.#pipeline.call("rooms", userId, limit);
  }

  membership(roomId: string, userId: string) {
    return this.#pipeline.call("membership", roomId, userId);
  }

  putMember(roomId: string, userId: string, username: string) {
    return this.#pipeline.call("putMember", roomId, userId, username);
  }

  removeMember(roomId: string, userId: string) {
    return this.#pipeline.call("removeMember", roomId, userId);
  }

  members(roomId: string, limit: number) {
    return this.#pipeline.call("members", roomId, limit);
  }

  memberships(userId: string, limit: number) {
    return this.#pipeline.call("memberships", userId, limit);
  }

  retain(): Promise<boolean> {
    return this.#forgets ? this.#pipeline.call("retain") : Promise.resolve(false);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#pipeline[Symbol.asyncDispose]();
  }
}
