import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { RESULT, resultOf } from "./sqlite_error.ts";
import { APPLICATION_ID, MIGRATIONS } from "./sqlite_schema.ts";

/** A database up to this size is checked as a whole when it is opened, in about 0.3 s; a larger one in part. */
const MAX_CHECKED_BYTES = 64 * 1024 * 1024;
/** How often the change to WAL is tried while another process opens the same new file. */
const WAL_ATTEMPTS = 50;
const WAL_PAUSE_MS = 50;

/**
 * Opens a database file, or makes one, and brings its schema up to date.
 *
 * @param busyTimeoutMs How long to wait for a lock that another process holds
 * @throws {Error} If the file cannot be used; the message is one sentence that names the file and says what to do
 */
export function openDatabase(file: string, busyTimeoutMs: number): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(dirname(file), { recursive: true });
    database = new DatabaseSync(file, { timeout: busyTimeoutMs });
    checkOrigin(database);
    checkContents(database);
    configure(database);
    migrate(database);
    return database;
  } catch (error) {
    database?.close();
    throw new Error(`Cannot open the database "${file}": ${explain(error)}`, { cause: error });
  }
}

/**
 * Opens a database that {@linkcode openDatabase} has made ready, for a connection that writes only what can be made
 * again: its commits do not wait for the disk.
 */
export function openSecond(file: string, busyTimeoutMs: number): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: busyTimeoutMs });
  database.exec("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -32000");
  database.exec("PRAGMA temp_store = MEMORY");
  return database;
}

/** What is wrong and what to do, for a mistake that is known here. */
class OpenError extends Error {}

function checkOrigin(database: DatabaseSync): void {
  // In this order: another process that makes the same new file gives it tables and its id at once.
  const isEmpty = database.prepare("SELECT count(*) AS count FROM sqlite_schema").get()!.count === 0;
  const applicationId = pragma(database, "application_id");
  if (applicationId !== APPLICATION_ID && !isEmpty) {
    throw new OpenError("it belongs to another program; name another file");
  }
  const version = Number(pragma(database, "user_version"));
  if (version > MIGRATIONS.length) {
    throw new OpenError(
      `it was written by a newer version (schema ${version}, this one knows ${MIGRATIONS.length}); ` +
        "start that version, or name another file",
    );
  }
}

/**
 * Looks for damage.
 *
 * @throws {Error} If there is any; the message is a sentence without its subject
 */
export function checkContents(database: DatabaseSync): void {
  const bytes = Number(pragma(database, "page_count")) * Number(pragma(database, "page_size"));
  const checks = bytes <= MAX_CHECKED_BYTES ? ["quick_check(1)"] : ["quick_check(room)"];
  for (const check of checks) {
    const result = pragma(database, check);
    if (result !== "ok") throw new OpenError(DAMAGED);
  }
}

function configure(database: DatabaseSync): void {
  for (let attempt = 1;; attempt++) {
    try {
      const mode = pragma(database, "journal_mode = WAL");
      if (mode === "wal") break;
      throw new OpenError("its folder does not allow a write-ahead log; name a file on a local disk");
    } catch (error) {
      // The one thing SQLite does not wait for: two processes that open a new file at the same time.
      if (resultOf(error) !== RESULT.BUSY || attempt === WAL_ATTEMPTS) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAL_PAUSE_MS);
    }
  }
  // FULL: a commit is on the disk when it returns. 4000 pages (16 MiB) of log let hot pages be written home once.
  database.exec("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -16000");
  database.exec("PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY");
}

function migrate(database: DatabaseSync): void {
  database.prepare("BEGIN IMMEDIATE").run();
  try {
    const version = Number(pragma(database, "user_version"));
    for (const step of MIGRATIONS.slice(version)) database.exec(step);
    // Also when there is nothing to do: a file that cannot be written is better found out now, at its first change.
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${MIGRATIONS.length}`);
    database.prepare(version < MIGRATIONS.length ? "COMMIT" : "ROLLBACK").run();
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

function pragma(database: DatabaseSync, text: string): unknown {
  return Object.values(database.prepare(`PRAGMA ${text}`).get() ?? {})[0];
}

const DAMAGED = "it is damaged; restore a backup, or move it away to start with an empty one";

function explain(error: unknown): string {
  if (error instanceof OpenError) return error.message;
  switch (resultOf(error)) {
    case RESULT.NOTADB:
      return "it is not a database; name another file";
    case RESULT.CORRUPT:
      return DAMAGED;
    case RESULT.BUSY:
      return "another process holds a lock on it; end that process";
    case RESULT.READONLY:
      return "it cannot be written; change its permissions, or name another file";
    case RESULT.FULL:
      return "the disk is full; make room on it";
  }
  const { message } = error instanceof Error ? error : new Error(String(error));
  return `${message}; the file and its folder must be readable and writable`;
}
