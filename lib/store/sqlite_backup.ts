import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { newEpoch } from "./message.ts";
import { APPLICATION_ID } from "./sqlite_schema.ts";

/** What a backup holds. */
export interface Backup {
  readonly rooms: number;
  readonly messages: number;
}

/** How long to wait for whoever holds a lock on the whole file; a server that writes holds none. */
const BUSY_TIMEOUT_MS = 10_000;
/** All pages in one step, which is one read transaction: between steps, what others write would begin it anew. */
const ALL_PAGES = 2 ** 31 - 1;

/**
 * Copies a database as it is at one moment, also while servers write to it; blocks its own event loop meanwhile.
 *
 * In the copy every room's log has a new epoch: after it was put in the place of the original, numbers are given out
 * again that clients have already seen, so what they know must not be continued.
 *
 * @throws {Error} If it cannot be read or the copy cannot be written; the message is one sentence. No copy is left then.
 */
export async function backUp(file: string, copy: string): Promise<Backup> {
  if (!existsSync(file)) throw new Error(`Cannot back up "${file}": there is no such file`);
  if (existsSync(copy)) {
    throw new Error(`Cannot write the backup "${copy}": it exists already; name another file`);
  }
  // Under its name there is a whole copy or none.
  const unfinished = `${copy}.unfinished`;
  try {
    mkdirSync(dirname(copy), { recursive: true });
    rmSync(unfinished, { force: true });
    await copyTo(file, unfinished);
    const contents = finish(unfinished);
    renameSync(unfinished, copy);
    sync(dirname(copy));
    return contents;
  } catch (error) {
    for (const suffix of ["", "-journal", "-wal", "-shm"]) rmSync(unfinished + suffix, { force: true });
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot back up "${file}" to "${copy}": ${reason}`, { cause: error });
  }
}

async function copyTo(file: string, copy: string): Promise<void> {
  const source = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    const { application_id: id } = source.prepare("PRAGMA application_id").get()!;
    if (id !== APPLICATION_ID) throw new Error("it is not a database of this program");
    await backup(source, copy, { rate: ALL_PAGES });
  } finally {
    source.close();
  }
}

/** Makes the copy a life of its own, and sees to it that it is whole and on the disk. */
function finish(copy: string): Backup {
  const database = new DatabaseSync(copy);
  try {
    // One file, without a write-ahead log beside it.
    database.exec("PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL");
    database.function("new_epoch", newEpoch);
    database.exec("UPDATE room SET epoch = new_epoch()");
    const check = Object.values(database.prepare("PRAGMA integrity_check(1)").get()!)[0];
    if (check !== "ok") throw new Error(`it is damaged (${check})`);
    const count = (table: string) => Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()!.n);
    return { rooms: count("room"), messages: count("message") };
  } finally {
    database.close();
    sync(copy);
  }
}

/** Waits until a file, or a folder's list of files, is on the disk. */
function sync(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
