import type { StatementSync } from "node:sqlite";
import { isDirectRoom } from "./rooms_of_two.ts";
import { type Progress, SqliteBacklog, type WaitingMessage } from "./sqlite_backlog.ts";
import type { SqliteConnection } from "./sqlite_connection.ts";
import { rowId } from "./sqlite_schema.ts";
import { gramsOf, nameGram } from "./search_text.ts";

/** What is added in one transaction: some 3 ms of the write lock. */
const MESSAGES_PER_STEP = 128;
const LENGTH_PER_STEP = 16_384;
/** What is merged in one transaction, in pages; about as long. */
const MERGED_PAGES = 16;
const ENTRIES_PER_STEP = 500;
const ROOMS_PER_STEP = 100;
const LAST_SEQ = 2 ** 36 - 1;

/** Stands in the index for a room, by the key of it. */
export function roomGram(room: number): string {
  return `r${room}`;
}
/** Stands in the index for all rooms of two people. */
export const DIRECT_GRAM = "d";

/** Writes the index of searches, in small steps and behind the logs. */
export class SqliteSearchIndex {
  readonly #connection: SqliteConnection;
  readonly #backlog: SqliteBacklog;
  /** The room up to which forgetting has come. */
  #sweptKey = 0;
  #isUnmerged = true;

  readonly #state: StatementSync;
  readonly #setState: StatementSync;
  readonly #move: StatementSync;
  readonly #addGrams: StatementSync;
  readonly #addEntry: StatementSync;
  readonly #merge: StatementSync;
  readonly #changes: StatementSync;
  readonly #nextRooms: StatementSync;
  readonly #findKept: StatementSync;
  readonly #listForgotten: StatementSync;
  readonly #removeGrams: StatementSync;
  readonly #removeEntry: StatementSync;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
    this.#backlog = new SqliteBacklog(connection);
    this.#state = connection.prepareArrays("SELECT last_id, newest, delay FROM search_state");
    this.#setState = connection.prepare("UPDATE search_state SET last_id = ?, newest = ?, delay = ?");
    this.#move = connection.prepare("UPDATE room SET indexed = ? WHERE key = ? AND indexed = ?");
    this.#addGrams = connection.prepare("INSERT INTO search (rowid, grams) VALUES (?, ?)");
    this.#addEntry = connection.prepare(
      `INSERT INTO search_entry (id, message, older) VALUES (?1, ${rowId("?2", "?3")}, ?4)`,
    );
    this.#merge = connection.prepare("INSERT INTO search (search, rank) VALUES ('merge', ?)");
    this.#changes = connection.prepareArrays("SELECT total_changes()");
    this.#nextRooms = connection.prepareArrays("SELECT key FROM room WHERE key > ? ORDER BY key LIMIT ?");
    this.#findKept = connection.prepareArrays(
      `SELECT id FROM message WHERE id BETWEEN ${rowId("?1", "0")} AND ${
        rowId("?1", "?2")
      } ORDER BY id LIMIT 1`,
    );
    this.#listForgotten = connection.prepareArrays(
      `SELECT id FROM search_entry
        WHERE message >= ${rowId("?1", "0")} AND message < coalesce(?2, ${rowId("?1", "?3")})
        ORDER BY message LIMIT ?4`,
    );
    this.#removeGrams = connection.prepare("DELETE FROM search WHERE rowid = ?");
    this.#removeEntry = connection.prepare("DELETE FROM search_entry WHERE id = ?");
  }

  /** Takes one small step; tells whether there is more to do. Throws if it could not be taken now. */
  step(): boolean {
    const { messages, progress } = this.#backlog.take(MESSAGES_PER_STEP, LENGTH_PER_STEP);
    if (progress.length === 0) return this.#mergeSome();
    const grams = messages.map(toGrams);
    const isDone = this.#write(() => this.#add(messages, grams, progress));
    if (!isDone) this.#backlog.reset(); // Another process was faster.
    this.#isUnmerged = true;
    this.#mergeSome();
    return true;
  }

  /** Takes one small step of forgetting what is no longer in the logs; tells whether more is left to do. */
  forget(): boolean {
    let entries = ENTRIES_PER_STEP;
    const rooms = this.#nextRooms.all(this.#sweptKey, ROOMS_PER_STEP) as unknown as [number][];
    for (const [room] of rooms) {
      const kept = this.#findKept.get(room, LAST_SEQ) as unknown as [number] | undefined;
      const ids = this.#listForgotten.all(room, kept?.[0] ?? null, LAST_SEQ, entries) as unknown as [
        number,
      ][];
      if (ids.length > 0) this.#write(() => this.#remove(ids));
      entries -= ids.length;
      if (entries === 0) return true;
      this.#sweptKey = room;
    }
    if (rooms.length === ROOMS_PER_STEP) return true;
    this.#sweptKey = 0;
    return false;
  }

  #add(messages: WaitingMessage[], grams: string[], progress: Progress[]): boolean {
    for (const { room, from, to } of progress) {
      if (this.#move.run(to, room, from).changes === 0) return false;
    }
    let [id, newest, delay] = this.#state.get() as unknown as [number, number, number];
    messages.forEach(({ room, seq, timestamp }, i) => {
      this.#addGrams.run(++id, grams[i]);
      this.#addEntry.run(id, room, seq, newest);
      delay = Math.max(delay, newest - timestamp);
      newest = Math.max(newest, timestamp);
    });
    this.#setState.run(id, newest, delay);
    return true;
  }

  #remove(ids: [number][]): boolean {
    for (const [id] of ids) {
      this.#removeGrams.run(id);
      this.#removeEntry.run(id);
    }
    return true;
  }

  /** Merges a little of what was added in small pieces, so that searches have few places to look at. */
  #mergeSome(): boolean {
    if (!this.#isUnmerged) return false;
    return this.#isUnmerged = this.#write(() => {
      const before = this.#changeCount;
      this.#merge.run(MERGED_PAGES);
      return this.#changeCount - before > 1; // As FTS5 tells that there was something to merge.
    });
  }

  get #changeCount(): number {
    return (this.#changes.get() as unknown as [number])[0];
  }

  /** Runs a transaction, which is undone if it throws or returns false. */
  #write(transaction: () => boolean): boolean {
    try {
      this.#connection.write();
      const isDone = transaction();
      if (isDone) this.#connection.commit();
      else this.#connection.rollback();
      return isDone;
    } catch (error) {
      this.#connection.rollback();
      this.#backlog.reset();
      throw error;
    }
  }
}

function toGrams({ room, roomId, userId, username, content }: WaitingMessage): string {
  const grams = gramsOf(content).add(roomGram(room)).add(nameGram(userId)).add(nameGram(username));
  if (isDirectRoom(roomId)) grams.add(DIRECT_GRAM);
  return [...grams].join(" ");
}
