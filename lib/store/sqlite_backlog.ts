import type { SQLOutputValue, StatementSync } from "node:sqlite";
import { Heap } from "./heap.ts";
import type { SqliteConnection } from "./sqlite_connection.ts";
import { rowId } from "./sqlite_schema.ts";
import { fromText } from "./sqlite_text.ts";

/** Rows kept ready, of all logs together. */
const MAX_READY = 8_192;
const MAX_READY_PER_LOG = 64;

/** A message that is to be indexed. */
export interface WaitingMessage {
  readonly room: number;
  readonly roomId: string;
  readonly seq: number;
  readonly userId: string;
  readonly username: string;
  readonly content: string;
  readonly timestamp: number;
}

/** One log on its way into the index. */
interface Reading {
  readonly room: number;
  readonly roomId: string;
  /** The last `seq` that was read. */
  seq: number;
  readonly head: number;
  ready: WaitingMessage[];
  /** The first of `ready` that was not taken. */
  next: number;
}

/** A log all of whose messages up to `to` are taken, those up to `from` earlier. */
export interface Progress {
  readonly room: number;
  readonly from: number;
  to: number;
}

/** The messages that are not indexed yet, in the order of time across all logs. */
export class SqliteBacklog {
  readonly #listWaiting: StatementSync;
  readonly #read: StatementSync;
  #readings = new Heap<Reading>(isOlder);
  #rowsPerRead = MAX_READY_PER_LOG;
  #progress = new Map<number, Progress>();
  /** Where each log in {@linkcode #readings} was last known to stand in the index. */
  #indexed = new Map<number, number>();

  constructor(connection: SqliteConnection) {
    this.#listWaiting = connection.prepareArrays(
      "SELECT key, room_id, indexed, head FROM room WHERE head > indexed",
    );
    this.#read = connection.prepareArrays(
      `SELECT id & ${2 ** 36 - 1}, user_id, username, content, timestamp FROM message
        WHERE id BETWEEN ${rowId("?1", "?2")} AND ${rowId("?1", "?3")} ORDER BY id LIMIT ?4`,
    );
  }

  /** Takes the oldest messages: at most `count`, or fewer where they are long; also says how far their logs have come. */
  take(count: number, maxLength: number): { messages: WaitingMessage[]; progress: Progress[] } {
    if (this.#readings.first === undefined) this.#begin();
    const messages: WaitingMessage[] = [];
    for (let length = 0; messages.length < count && length < maxLength;) {
      const reading = this.#readings.first;
      if (reading === undefined) break;
      const message = reading.ready[reading.next++];
      messages.push(message);
      length += message.content.length;
      this.#note(message.room, message.seq);
      if (this.#fill(reading)) this.#readings.settle();
      else this.#readings.pop();
    }
    const progress = [...this.#progress.values()];
    this.#progress = new Map();
    return { messages, progress };
  }

  /** Begins anew with what the database says; what was taken since may not have come into the index. */
  reset(): void {
    this.#readings = new Heap(isOlder);
    this.#progress = new Map();
    this.#indexed.clear();
  }

  /** Takes up everything that waits now. What comes later is newer, and waits until all of this is taken. */
  #begin(): void {
    const rooms = this.#listWaiting.all() as unknown as [number, string, number, number][];
    this.#rowsPerRead = Math.min(MAX_READY_PER_LOG, Math.ceil(MAX_READY / Math.max(1, rooms.length)));
    this.#indexed.clear();
    for (const [room, roomId, seq, head] of rooms) {
      this.#indexed.set(room, seq);
      const reading = { room, roomId, seq, head, ready: [], next: 0 };
      if (this.#fill(reading)) this.#readings.push(reading);
    }
  }

  /** Makes sure that the next message is ready; false at the end of the log, which retention may have emptied. */
  #fill(reading: Reading): boolean {
    if (reading.next < reading.ready.length) return true;
    const { room, roomId, seq, head } = reading;
    const rows = seq >= head ? [] : this.#read.all(room, seq + 1, head, this.#rowsPerRead);
    reading.ready = (rows as unknown as WaitingRow[]).map((row) => toWaiting(room, roomId, row));
    reading.next = 0;
    reading.seq = reading.ready.at(-1)?.seq ?? head;
    if (reading.ready.length > 0) return true;
    this.#note(room, head);
    return false;
  }

  #note(room: number, to: number): void {
    const progress = this.#progress.get(room);
    const from = progress?.from ?? this.#indexed.get(room)!;
    this.#progress.set(room, { room, from, to });
    this.#indexed.set(room, to);
  }
}

type WaitingRow = [seq: number, userId: string, username: string, content: SQLOutputValue, timestamp: number];

function toWaiting(room: number, roomId: string, row: WaitingRow): WaitingMessage {
  const [seq, userId, username, content, timestamp] = row;
  return { room, roomId, seq, userId, username, content: fromText(content), timestamp };
}

function isOlder(a: Reading, b: Reading): boolean {
  return a.ready[a.next].timestamp < b.ready[b.next].timestamp;
}
