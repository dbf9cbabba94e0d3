import { resolve } from "node:path";
import { isLimited } from "./retention.ts";
import { startSqliteSearchWorker, startSqliteWorker, type StartWorker } from "./sqlite_link.ts";
import { SqlitePipeline } from "./sqlite_pipeline.ts";
import type { Cursor, StandingChange } from "./standing.ts";
import type {
  Appended,
  Draft,
  NewRoom,
  Page,
  Person,
  Range,
  Retention,
  RoomChange,
  SearchQuery,
  Store,
} from "./store.ts";

/** Searches take long enough that each is answered for itself, and that few are worth waiting for. */
const ONE_BY_ONE = { readsPerBatch: 1, waitingCalls: 500 };

/** How a SQLite store behaves. */
export interface SqliteStoreOptions {
  /** The clock, in milliseconds since the Unix epoch. @default Date.now */
  readonly now?: () => number;
  /** How long to wait for a lock that another process holds. @default 2000 */
  readonly busyTimeoutMs?: number;
  /** Starts the worker that does everything but search, also after a crash. */
  readonly startWorker?: StartWorker;
  /** Starts the worker that searches, also after a crash. */
  readonly startSearchWorker?: StartWorker;
}

/**
 * Keeps everything in one SQLite file, used by a worker of its own, and by a second one for searches.
 *
 * All that is asked for while the worker is busy becomes one transaction, which is on the disk when the promises
 * resolve. Several processes may use the same file.
 */
export class SqliteStore implements Store {
  readonly kind = "sqlite";
  readonly #pipeline: SqlitePipeline;
  readonly #searches: SqlitePipeline;
  readonly #forgets: boolean;

  private constructor(pipeline: SqlitePipeline, searches: SqlitePipeline, forgets: boolean) {
    this.#pipeline = pipeline;
    this.#searches = searches;
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
    const { now = Date.now, busyTimeoutMs = 2000 } = options;
    const { startWorker = startSqliteWorker, startSearchWorker = startSqliteSearchWorker } = options;
    const request = { file: resolve(file), retention: { historyLimit, historyMaxAgeMs }, busyTimeoutMs };
    const pipeline = await SqlitePipeline.open(request, startWorker, now);
    try {
      const searches = await SqlitePipeline.open(request, startSearchWorker, now, ONE_BY_ONE);
      return new SqliteStore(pipeline, searches, isLimited(retention));
    } catch (error) {
      await pipeline[Symbol.asyncDispose]();
      throw error;
    }
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

  rooms(userId: string | undefined, limit: number) {
    return this.#pipeline.call("rooms", userId, limit);
  }

  updateRoom(roomId: string, change: RoomChange) {
    return this.#pipeline.call("updateRoom", roomId, change);
  }

  standing(roomId: string, userId: string) {
    return this.#pipeline.call("standing", roomId, userId);
  }

  putMember(roomId: string, userId: string, username: string) {
    return this.#pipeline.call("putMember", roomId, userId, username);
  }

  removeMember(roomId: string, userId: string) {
    return this.#pipeline.call("removeMember", roomId, userId);
  }

  changeStanding(roomId: string, userId: string, change: StandingChange) {
    return this.#pipeline.call("changeStanding", roomId, userId, change);
  }

  advance(cursors: readonly Cursor[]) {
    return this.#pipeline.call("advance", cursors);
  }

  members(roomId: string, limit: number) {
    return this.#pipeline.call("members", roomId, limit);
  }

  banned(roomId: string, now: number, limit: number) {
    return this.#pipeline.call("banned", roomId, now, limit);
  }

  invitations(userId: string, limit: number) {
    return this.#pipeline.call("invitations", userId, limit);
  }

  memberships(userId: string, limit: number) {
    return this.#pipeline.call("memberships", userId, limit);
  }

  putPerson(person: Person) {
    return this.#pipeline.call("putPerson", person);
  }

  person(userId: string) {
    return this.#pipeline.call("person", userId);
  }

  peopleNamed(username: string, limit: number) {
    return this.#pipeline.call("peopleNamed", username, limit);
  }

  search(query: SearchQuery) {
    return this.#searches.call("search", query);
  }

  async retain(): Promise<boolean> {
    if (!this.#forgets) return false;
    const hasMore = await this.#pipeline.call("retain");
    return await this.#searches.call("retain") || hasMore;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#pipeline.drain(), this.#searches.drain()]);
    // One after the other: only the last connection, if it is alone, leaves the file without a log beside it.
    await using _ = this.#pipeline;
    await this.#searches[Symbol.asyncDispose]();
  }
}
