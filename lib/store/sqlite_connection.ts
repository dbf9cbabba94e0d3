import type { DatabaseSync, StatementSync } from "node:sqlite";

/**
 * One connection to a database, with a write transaction that begins when the first write asks for it.
 *
 * Errors of SQLite carry their result code only when a prepared statement meets them, hence no `exec` here.
 */
export class SqliteConnection implements Disposable {
  readonly #database: DatabaseSync;
  readonly #begin: StatementSync;
  readonly #beginRead: StatementSync;
  readonly #commit: StatementSync;
  readonly #rollback: StatementSync;
  readonly #savepoint: StatementSync;
  readonly #release: StatementSync;
  readonly #rollbackTo: StatementSync;
  readonly #dataVersion: StatementSync;
  #seenVersion: unknown;
  #generation = 0;
  #isWriting = false;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#begin = database.prepare("BEGIN IMMEDIATE");
    this.#beginRead = database.prepare("BEGIN");
    this.#commit = database.prepare("COMMIT");
    this.#rollback = database.prepare("ROLLBACK");
    this.#savepoint = database.prepare("SAVEPOINT call");
    this.#release = database.prepare("RELEASE call");
    this.#rollbackTo = database.prepare("ROLLBACK TO call");
    this.#dataVersion = database.prepare("PRAGMA data_version");
  }

  /** Whether a write transaction is open. */
  get isWriting(): boolean {
    return this.#isWriting;
  }

  /** Changes whenever what was read under the write lock earlier may have become wrong. */
  get generation(): number {
    return this.#generation;
  }

  prepare(sql: string): StatementSync {
    return this.#database.prepare(sql);
  }

  /** As {@linkcode prepare}; rows are arrays, which are read twice as fast as objects. */
  prepareArrays(sql: string): StatementSync {
    // Newer runtimes have it, their types do not.
    const statement: StatementSync & { setReturnArrays?(isOn: boolean): void } = this.#database.prepare(sql);
    if (statement.setReturnArrays === undefined) {
      throw new Error("the SQLite of this Deno is too old: use Deno 2.9 or newer, or kv: or memory:");
    }
    statement.setReturnArrays(true);
    return statement;
  }

  /** Takes the write lock, unless this connection has it. */
  write(): void {
    if (this.#isWriting) return;
    this.#begin.run();
    this.#isWriting = true;
    const version = this.#dataVersion.get()?.data_version;
    if (version !== this.#seenVersion) this.#generation++;
    this.#seenVersion = version;
  }

  /** Makes everything since {@linkcode write} durable. */
  commit(): void {
    if (!this.#isWriting) return;
    this.#commit.run();
    this.#isWriting = false;
  }

  /** Undoes everything since {@linkcode write}. */
  rollback(): void {
    this.#generation++;
    this.#isWriting = false;
    // SQLite has already done it where the disk failed.
    if (this.#database.isTransaction) this.#rollback.run();
  }

  /** Runs a part of the write transaction that is undone alone if it throws. */
  attempt<T>(part: () => T): T {
    this.write();
    this.#savepoint.run();
    try {
      const result = part();
      this.#release.run();
      return result;
    } catch (error) {
      this.#generation++;
      if (this.#database.isTransaction) {
        this.#rollbackTo.run();
        this.#release.run();
      }
      throw error;
    }
  }

  /** Runs reads that all see the same state. */
  snapshot(reads: () => void): void {
    this.#beginRead.run();
    try {
      reads();
    } finally {
      this.#commit.run();
    }
  }

  /** Closes the database; the last connection moves the write-ahead log into the file. */
  [Symbol.dispose](): void {
    this.#database.close();
  }
}
