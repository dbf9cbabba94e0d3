import type { StatementSync } from "node:sqlite";
import { NewestMessages } from "./newest_messages.ts";
import { ageCutoff } from "./retention.ts";
import { isDirectRoom } from "./rooms_of_two.ts";
import { fits, gramsFor, nameGram, type Pattern, toPattern } from "./search_text.ts";
import type { SqliteConnection } from "./sqlite_connection.ts";
import { MESSAGE_COLUMNS, type MessageRow, toMessage } from "./sqlite_message.ts";
import { ROOM, rowId } from "./sqlite_schema.ts";
import { DIRECT_GRAM, roomGram } from "./sqlite_search_index.ts";
import type { Retention, SearchQuery } from "./store.ts";

/** Up to this many rooms the index is asked for them, in some 3 ms; beyond, what it finds is sorted out here. */
const MAX_ROOMS_ASKED_FOR = 100;
/** Messages of other rooms that are sorted out here before the index is asked after all, in some 40 µs for a room. */
const MAX_SORTED_OUT = 5_000;
/** Messages looked at in one search: about 0.3 s. */
const MAX_LOOKS = 50_000;
/** The same where the index knows nothing of the words, which are single letters: about 60 ms. */
const MAX_BLIND_LOOKS = 10_000;
/** How much newer a message can be than the next in its log, as clocks are set back. */
const MAX_SKEW_MS = 60_000;

/** A room that is searched. */
interface SearchedRoom {
  readonly key: number;
  readonly roomId: string;
  readonly head: number;
  /** Up to where its log is in the index. */
  readonly indexed: number;
}

/** One search on its way. */
interface Search {
  readonly pattern: Pattern;
  readonly since: number;
  readonly before: number;
  /** What the index is asked for, beside rooms. */
  readonly grams: string[];
  /** The rooms that are searched, if they are not simply all but those of two people. */
  readonly rooms: Map<number, SearchedRoom> | undefined;
  readonly found: NewestMessages;
}

/** Looks for messages: those that are indexed by the index, the last ones by themselves. */
export class SqliteSearch {
  readonly #connection: SqliteConnection;
  readonly #retention: Retention;
  readonly #listOwn: StatementSync;
  readonly #findOwn: StatementSync;
  readonly #listWaiting: StatementSync;
  readonly #findRoom: StatementSync;
  readonly #findKey: StatementSync;
  readonly #readBackward: StatementSync;
  readonly #state: StatementSync;
  readonly #olderAt: StatementSync;
  readonly #match: StatementSync;
  readonly #listEntries: StatementSync;
  #now = 0;

  constructor(connection: SqliteConnection, retention: Retention) {
    this.#connection = connection;
    this.#retention = retention;
    const room = "SELECT room.key, room_id, head, indexed FROM room";
    const own = `${room} JOIN standing ON standing.room = room.key WHERE user_id = ? AND role IS NOT NULL`;
    this.#listOwn = connection.prepareArrays(own);
    this.#findOwn = connection.prepareArrays(`${own} AND room_id = ?`);
    this.#listWaiting = connection.prepareArrays(`${room} WHERE head > indexed`);
    this.#findRoom = connection.prepareArrays(`${room} WHERE room_id = ?`);
    this.#findKey = connection.prepareArrays(`${room} WHERE key = ?`);
    this.#readBackward = connection.prepareArrays(
      `SELECT ${MESSAGE_COLUMNS} FROM message
        WHERE id BETWEEN ${rowId("?1", "?2")} AND ${rowId("?1", "?3")} ORDER BY id DESC`,
    );
    this.#state = connection.prepareArrays("SELECT last_id, delay FROM search_state");
    this.#olderAt = connection.prepareArrays(
      "SELECT older FROM search_entry WHERE id <= ? ORDER BY id DESC LIMIT 1",
    );
    const entry = `SELECT ${MESSAGE_COLUMNS}, message.${ROOM}, search_entry.id, older`;
    const message = "CROSS JOIN message ON message.id = search_entry.message";
    this.#match = connection.prepareArrays(
      `${entry} FROM search CROSS JOIN search_entry ON search_entry.id = search.rowid ${message}
        WHERE search MATCH ?1 AND search.rowid <= ?2 ORDER BY search.rowid DESC`,
    );
    this.#listEntries = connection.prepareArrays(
      `${entry} FROM search_entry ${message} WHERE search_entry.id <= ? ORDER BY search_entry.id DESC`,
    );
  }

  /** Messages in the rooms of a search that are not indexed yet. */
  countWaiting(query: SearchQuery): number {
    const rooms = this.#waiting(this.#rooms(query));
    return rooms.reduce((sum, { head, indexed }) => sum + head - indexed, 0);
  }

  search(query: SearchQuery, now: number) {
    this.#now = now;
    let result = new NewestMessages(query.limit).finish();
    this.#connection.snapshot(() => result = this.#search(query));
    return result;
  }

  #search(query: SearchQuery) {
    const { from, before = Infinity, since = -Infinity, limit } = query;
    const cutoff = ageCutoff(this.#retention, this.#now);
    const grams = [...new Set(query.words.flatMap(gramsFor)), ...from === undefined ? [] : [nameGram(from)]];
    const search: Search = {
      pattern: toPattern(query),
      since: Math.max(since, cutoff + 1),
      before,
      grams,
      rooms: this.#rooms(query),
      found: new NewestMessages(limit),
    };
    for (const room of this.#waiting(search.rooms)) this.#lookThrough(search, room);
    const isCut = search.rooms?.size !== 0 && !this.#ask(search);
    return search.found.finish(isCut);
  }

  #rooms({ userId, roomId }: SearchQuery): Map<number, SearchedRoom> | undefined {
    if (userId === undefined && roomId === undefined) return undefined;
    let rows: unknown[];
    if (userId === undefined) rows = isDirectRoom(roomId!) ? [] : this.#findRoom.all(roomId!);
    else rows = roomId === undefined ? this.#listOwn.all(userId) : this.#findOwn.all(userId, roomId);
    return new Map(rows.map(toSearchedRoom).map((room) => [room.key, room]));
  }

  /** The rooms, of those given, of which not everything is indexed. */
  #waiting(rooms: Map<number, SearchedRoom> | undefined): SearchedRoom[] {
    if (rooms !== undefined) return [...rooms.values()].filter(({ head, indexed }) => head > indexed);
    return this.#listWaiting.all().map(toSearchedRoom).filter(({ roomId }) => !isDirectRoom(roomId));
  }

  /** Looks at the messages of a room that are not indexed yet, as far back as any can matter. */
  #lookThrough(search: Search, room: SearchedRoom): void {
    const rows = this.#readBackward.iterate(room.key, room.indexed + 1, room.head);
    for (const row of rows) {
      const message = row as unknown as MessageRow;
      this.#look(search, room, message);
      const newest = message[5] + MAX_SKEW_MS;
      if (newest < search.since || search.found.outdo(newest)) break;
    }
  }

  /** Looks at what the index finds; false if that is too much. */
  #ask(search: Search): boolean {
    const [lastId, delay] = this.#state.get() as unknown as [number, number];
    let id = this.#lastBefore(search.before + delay, lastId);
    // The index would take some 30 ms to find that out for a common word.
    if (id === 0) return true;
    const { rooms } = search;
    if (rooms !== undefined && rooms.size > MAX_ROOMS_ASKED_FOR) {
      const end = this.#read(search, toExpression(search.grams), id, MAX_SORTED_OUT);
      if (end === 0) return true;
      id = end;
    }
    const grams = toExpression(search.grams);
    const asked = rooms === undefined
      ? grams && `(${grams}) NOT ${DIRECT_GRAM}`
      : toExpression(search.grams, rooms);
    const isBlind = search.grams.length === 0 && search.pattern.words.length > 0;
    return this.#read(search, asked, id, isBlind ? MAX_BLIND_LOOKS : MAX_LOOKS) === 0;
  }

  /** Looks at entries from `id` back; tells the next if `max` did not suffice, else 0. */
  #read(search: Search, expression: string, id: number, max: number): number {
    const { found, since, rooms } = search;
    const known = rooms ?? new Map<number, SearchedRoom>();
    const rows = expression === "" ? this.#listEntries.iterate(id) : this.#match.iterate(expression, id);
    let looks = 0;
    for (const row of rows) {
      const message = row as unknown as MessageRow;
      const [key, entry, older] = (row as unknown as number[]).slice(8);
      if (looks++ === max) return entry;
      let room = known.get(key);
      if (room === undefined && rooms === undefined) {
        room = toSearchedRoom(this.#findKey.get(key));
        known.set(key, room);
      }
      if (room !== undefined && (rooms !== undefined || !isDirectRoom(room.roomId))) {
        this.#look(search, room, message);
      }
      if (older < since || found.outdo(older)) break;
    }
    return 0;
  }

  #look({ pattern, since, before, found }: Search, room: SearchedRoom, row: MessageRow): void {
    const [seq, , , , , timestamp] = row;
    if (timestamp < since || timestamp >= before || seq <= room.head - this.#retention.historyLimit) return;
    const message = toMessage(room.roomId, row);
    if (fits(pattern, message)) found.add(message);
  }

  /** An entry after which nothing is older than a time. */
  #lastBefore(time: number, lastId: number): number {
    if (time === Infinity) return lastId;
    let [low, high] = [0, lastId];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const older = (this.#olderAt.get(middle) as unknown as [number] | undefined)?.[0] ?? -Infinity;
      if (older < time) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** Asks the index for all grams, and for one of the rooms if any are given. */
function toExpression(grams: readonly string[], rooms?: ReadonlyMap<number, SearchedRoom>): string {
  const parts = grams.map((gram) => `"${gram}"`);
  if (rooms !== undefined) parts.push(`(${[...rooms.keys()].map(roomGram).join(" OR ")})`);
  return parts.join(" AND ");
}

function toSearchedRoom(row: unknown): SearchedRoom {
  const [key, roomId, head, indexed] = row as [number, string, number, number];
  return { key, roomId, head, indexed };
}
