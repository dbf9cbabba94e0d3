import { DatabaseSync } from "node:sqlite";
import { checkContents } from "./sqlite_open.ts";
import { APPLICATION_ID, MIGRATIONS } from "./sqlite_schema.ts";

/** What can be said of a database from outside. */
export interface Inspection {
  readonly rooms: number;
  /** When something last happened in any room, in milliseconds since the Unix epoch. */
  readonly activeAt: number | undefined;
  /** Whether a server that is started now would bring its schema up to date first. */
  readonly isOld: boolean;
}

/**
 * Looks into a database file without changing it, also while a server writes to it.
 *
 * @throws {Error} If it cannot be read, or a server could not use it; the message is one sentence
 */
export function inspectDatabase(file: string): Inspection {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 2_000 });
  try {
    const read = (sql: string) => Object.values(database.prepare(sql).get() ?? {})[0];
    const version = Number(read("PRAGMA user_version"));
    const isEmpty = read("SELECT count(*) FROM sqlite_schema") === 0;
    if (isEmpty) return { rooms: 0, activeAt: undefined, isOld: true };
    if (read("PRAGMA application_id") !== APPLICATION_ID) throw new Error("it belongs to another program");
    if (version > MIGRATIONS.length) throw new Error("it was written by a newer version");
    checkContents(database);
    const activeAt = read("SELECT max(active_at) FROM room");
    return {
      rooms: Number(read("SELECT count(*) FROM room")),
      activeAt: activeAt === null ? undefined : Number(activeAt),
      isOld: version < MIGRATIONS.length,
    };
  } finally {
    database.close();
  }
}
