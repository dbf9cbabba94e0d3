import type { StatementSync } from "node:sqlite";
import type { ChatMessage } from "../protocol/messages.ts";
import { newEpoch } from "./message.ts";
import { cutPage, emptyPage } from "./page.ts";
import { ageCutoff, DEDUPLICATION_MS, firstNewer } from "./retention.ts";
import type { SqliteConnection } from "./sqlite_connection.ts";
import { MESSAGE_COLUMNS, type MessageRow, toMessage } from "./sqlite_message.ts";
import { ROOM, rowId, SEQ } from "./sqlite_schema.ts";
import { toText } from "./sqlite_text.ts";
import type { Appended, Draft, Page, Range, Retention } from "./store.ts";

/** Rooms whose numbers are remembered between transactions. */
const MAX_KNOWN_ROOMS = 20_000;
/** Rows read at once: more than most pages have, and little enough of the longest messages. */
const ROWS_PER_READ = 64;
const ROWS_PER_STEP = 500;
const ROOMS_PER_STEP = 100;

/** Where a room's log stands, as seen under the write lock. */
export interface LogPosition {
  readonly key: number;
  head: number;
}

/** What follows from messages beside their rows. */
interface Move {
  activeAt: number;
  /** The last message of each author. */
  readonly authors: Map<string, number>;
}

/** The logs of all rooms in the database. */
export class SqliteLog {
  readonly #connection: SqliteConnection;
  readonly #retention: Retention;
  readonly #positions = new Map<string, LogPosition>();
  #generation = -1;
  /** Positions that moved since the last {@linkcode flush}. */
  readonly #moved = new Map<LogPosition, Move>();
  /** The room up to which forgetting has come. */
  #sweptKey = 0;

  readonly #findRoom: StatementSync;
  readonly #addRoom: StatementSync;
  readonly #moveHead: StatementSync;
  readonly #moveAuthor: StatementSync;
  readonly #addMessage: StatementSync;
  readonly #findSent: StatementSync;
  readonly #findOldest: StatementSync;
  readonly #timeOf: StatementSync;
  readonly #readForward: StatementSync;
  readonly #readBackward: StatementSync;
  readonly #nextRooms: StatementSync;
  readonly #remove: StatementSync;

  constructor(connection: SqliteConnection, retention: Retention) {
    this.#connection = connection;
    this.#retention = retention;
    const span = `id BETWEEN ${rowId("?1", "?2")} AND ${rowId("?1", "?3")}`;
    const message = `SELECT ${MESSAGE_COLUMNS} FROM message WHERE ${span} ORDER BY id`;
    this.#findRoom = connection.prepare("SELECT key, epoch, head FROM room WHERE room_id = ?");
    this.#addRoom = connection.prepare(
      "INSERT INTO room (room_id, epoch, head, active_at) VALUES (?, ?, 0, ?)",
    );
    this.#moveHead = connection.prepare("UPDATE room SET head = ?, active_at = ? WHERE key = ?");
    this.#moveAuthor = connection.prepare(
      "UPDATE standing SET delivered = ?1, read = ?1 WHERE room = ?2 AND user_id = ?3 AND role IS NOT NULL",
    );
    this.#addMessage = connection.prepare(
      `INSERT INTO message
        (id, user_id, message_id, is_unique, username, content, timestamp, reply_to, file)
        VALUES (${rowId("?1", "?2")}, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING`,
    );
    this.#findSent = connection.prepare(
      `SELECT ${SEQ} AS seq, timestamp FROM message
        WHERE ${ROOM} = ? AND user_id = ? AND message_id = ? AND is_unique = 0`,
    );
    this.#findOldest = connection.prepare(
      `SELECT ${SEQ} AS seq FROM message WHERE ${span} ORDER BY id LIMIT 1`,
    );
    this.#timeOf = connection.prepare(`SELECT timestamp FROM message WHERE id = ${rowId("?1", "?2")}`);
    this.#readForward = connection.prepareArrays(message);
    this.#readBackward = connection.prepareArrays(`${message} DESC`);
    this.#nextRooms = connection.prepare("SELECT key, head FROM room WHERE key > ? ORDER BY key LIMIT ?");
    this.#remove = connection.prepare(`DELETE FROM message WHERE ${span}`);
  }

  append(drafts: readonly Draft[]): Appended[] {
    this.#connection.write();
    return drafts.map((draft) => this.#append(draft));
  }

  /** Where a room's log stands; makes the room if there is none. */
  open(roomId: string, now: number): LogPosition {
    this.#connection.write();
    this.#renew();
    const known = this.#positions.get(roomId);
    if (known !== undefined) return known;
    if (this.#positions.size >= MAX_KNOWN_ROOMS) {
      this.flush();
      this.#positions.clear();
    }
    const row = this.#findRoom.get(roomId);
    const key = row?.key ?? this.#addRoom.run(roomId, newEpoch(), now).lastInsertRowid;
    const position = { key: Number(key), head: Number(row?.head ?? 0) };
    this.#positions.set(roomId, position);
    return position;
  }

  /** Writes what {@linkcode append} has kept back: how far the rooms, and the authors in them, have come. */
  flush(): void {
    this.#renew();
    for (const [{ key, head }, { activeAt, authors }] of this.#moved) {
      this.#moveHead.run(head, activeAt, key);
      for (const [userId, seq] of authors) this.#moveAuthor.run(seq, key, userId);
    }
    this.#moved.clear();
  }

  page(roomId: string, range: Range, now: number): Page {
    const room = this.#findRoom.get(roomId);
    if (room === undefined) return emptyPage();
    const key = Number(room.key);
    const head = Number(room.head);
    const log = { epoch: String(room.epoch), head, first: this.#firstKept(key, head, now) };
    return cutPage(log, range, (from, to, isForward) => this.#read(roomId, key, from, to, isForward));
  }

  /** Takes one small step of forgetting; tells whether more is left to do. */
  retain(now: number): boolean {
    let rows = ROWS_PER_STEP;
    const rooms = this.#nextRooms.all(this.#sweptKey, ROOMS_PER_STEP);
    for (const room of rooms) {
      rows -= this.#forget(Number(room.key), Number(room.head), rows, now);
      if (rows === 0) return true;
      this.#sweptKey = Number(room.key);
    }
    if (rooms.length === ROOMS_PER_STEP) return true;
    this.#sweptKey = 0;
    return false;
  }

  /** Forgets the positions that another connection may have moved, or that were moved in vain. */
  #renew(): void {
    if (this.#generation === this.#connection.generation) return;
    this.#generation = this.#connection.generation;
    this.#positions.clear();
    this.#moved.clear();
  }

  #append(draft: Draft): Appended {
    const { userId, id, unique, username, content, timestamp, replyTo, file } = draft;
    const room = this.open(draft.roomId, timestamp);
    const sent = this.#addMessage.run(
      room.key,
      room.head + 1,
      userId,
      toText(id),
      unique ? 1 : 0,
      username,
      toText(content),
      timestamp,
      replyTo === undefined ? null : toText(replyTo),
      file === undefined ? null : JSON.stringify(file),
    );
    if (sent.changes === 1) {
      const seq = ++room.head;
      this.#move(room, timestamp).authors.set(userId, seq);
      return { seq, timestamp, duplicate: false };
    }
    const first = this.#findSent.get(room.key, userId, toText(id));
    if (first === undefined) throw new Error("Cannot append: the log does not end where its room says");
    return { seq: Number(first.seq), timestamp: Number(first.timestamp), duplicate: true };
  }

  #move(room: LogPosition, activeAt: number): Move {
    let move = this.#moved.get(room);
    if (move === undefined) this.#moved.set(room, move = { activeAt, authors: new Map() });
    move.activeAt = activeAt;
    return move;
  }

  /** The oldest `seq` that reads may see. */
  #firstKept(key: number, head: number, now: number): number {
    const oldest = this.#findOldest.get(key, 0, head);
    const low = Math.max(Number(oldest?.seq ?? head + 1), head - this.#retention.historyLimit + 1);
    return this.#firstNewer(key, low, head, ageCutoff(this.#retention, now));
  }

  #firstNewer(key: number, low: number, high: number, cutoff: number): number {
    return firstNewer(low, high, cutoff, (seq) => Number(this.#timeOf.get(key, seq)?.timestamp));
  }

  /** Deletes up to `count` messages that neither reads nor de-duplication want any more; tells how many. */
  #forget(key: number, head: number, count: number, now: number): number {
    const oldest = this.#findOldest.get(key, 0, head);
    if (oldest === undefined) return 0;
    const low = Number(oldest.seq);
    const unread = this.#firstKept(key, head, now) - 1;
    const unwanted = this.#firstNewer(key, low, unread, now - DEDUPLICATION_MS) - 1;
    const high = Math.min(unwanted, low + count - 1);
    if (high < low) return 0;
    this.#connection.write();
    this.#remove.run(key, low, high);
    return high - low + 1;
  }

  *#read(roomId: string, key: number, from: number, to: number, isForward: boolean): Iterable<ChatMessage> {
    const statement = isForward ? this.#readForward : this.#readBackward;
    for (let done = 0; done <= to - from; done += ROWS_PER_READ) {
      const low = isForward ? from + done : Math.max(from, to - done - ROWS_PER_READ + 1);
      const high = isForward ? Math.min(to, from + done + ROWS_PER_READ - 1) : to - done;
      const rows = statement.all(key, low, high) as unknown as MessageRow[];
      for (const row of rows) yield toMessage(roomId, row);
    }
  }
}
