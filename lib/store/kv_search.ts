import type { KvLink } from "../kv/kv_link.ts";
import type { ChatMessage } from "../protocol/messages.ts";
import { Heap } from "./heap.ts";
import { oldestKey, roomKey } from "./kv_keys.ts";
import type { KvLog } from "./kv_log.ts";
import type { KvRoom } from "./kv_room.ts";
import type { KvRooms } from "./kv_rooms.ts";
import type { KvStandings } from "./kv_standings.ts";
import { NewestMessages } from "./newest_messages.ts";
import { isDirectRoom } from "./rooms_of_two.ts";
import { fits, toPattern } from "./search_text.ts";
import { isMember } from "./standing.ts";
import type { SearchQuery } from "./store.ts";

/** Messages looked at in one search, each of which was read from afar. */
const MAX_LOOKS = 5_000;
/** No search goes on for longer. */
const MAX_MS = 2_000;
/** The rooms looked into, those active last: of more, the rest is left out. */
const MAX_ROOMS = 1_000;
/** Rooms that are opened side by side. */
const ROOMS_AT_ONCE = 20;
const MESSAGES_PER_READ = 50;

/** How far one log was read. */
interface Reading {
  newest: ChatMessage;
  readonly older: AsyncIterator<ChatMessage>;
}

/** Looks through logs, for the database has no index of words: the newest messages of all rooms first. */
export class KvSearch {
  readonly #link: KvLink;
  readonly #log: KvLog;
  readonly #rooms: KvRooms;
  readonly #standings: KvStandings;

  constructor(link: KvLink, log: KvLog, rooms: KvRooms, standings: KvStandings) {
    this.#link = link;
    this.#log = log;
    this.#rooms = rooms;
    this.#standings = standings;
  }

  async search(query: SearchQuery, now: number): Promise<{ messages: ChatMessage[]; more: boolean }> {
    const { since = -Infinity, limit } = query;
    const pattern = toPattern(query);
    const found = new NewestMessages(limit);
    const endsAt = performance.now() + MAX_MS;
    const all = (await this.#candidates(query)).sort((a, b) => b.activeAt - a.activeAt);
    const rooms = all.slice(0, MAX_ROOMS);
    const readings = new Heap<Reading>((a, b) => a.newest.timestamp > b.newest.timestamp);
    for (let looks = 0;;) {
      // Rooms come in when their last message may be the newest of those that are left.
      while (rooms.length > 0 && !(rooms[0].activeAt < (readings.first?.newest.timestamp ?? -Infinity))) {
        const opened = rooms.splice(0, ROOMS_AT_ONCE).map((room) => this.#open(room, query, now));
        for (const reading of await Promise.all(opened)) if (reading !== undefined) readings.push(reading);
      }
      const reading = readings.first;
      if (reading === undefined) break;
      const { newest: message, older } = reading;
      if (message.timestamp < since || found.outdo(message.timestamp)) return found.finish();
      if (looks++ === MAX_LOOKS || performance.now() > endsAt) return found.finish(true);
      if (fits(pattern, message)) found.add(message);
      const next = await older.next();
      if (next.done) readings.pop();
      else {
        reading.newest = next.value;
        readings.settle();
      }
    }
    return found.finish(all.length > MAX_ROOMS);
  }

  /** The rooms that a search may look at. */
  async #candidates({ userId, roomId, since = -Infinity }: SearchQuery): Promise<KvRoom[]> {
    if (roomId !== undefined) {
      const isAllowed = userId === undefined
        ? !isDirectRoom(roomId)
        : isMember(await this.#standings.standing(roomId, userId));
      const { value } = await this.#link.get<KvRoom>(roomKey(roomId));
      return isAllowed && value !== null ? [value] : [];
    }
    const rooms = userId === undefined
      ? (await Promise.all(
        (["public", "private", "log"] as const).map((listing) => this.#rooms.newest(listing, MAX_ROOMS + 1)),
      )).flat()
      : await this.#standings.roomsOf(userId);
    return rooms.filter(({ activeAt, head }) => head > 0 && activeAt >= since);
  }

  /** Begins to read a log, at its end or where it is old enough. */
  async #open({ roomId, head }: KvRoom, { before }: SearchQuery, now: number): Promise<Reading | undefined> {
    const oldest = await this.#link.get<number>(oldestKey(roomId));
    const first = await this.#log.firstKept(roomId, head, oldest.value, now);
    const last = before === undefined || first > head
      ? head
      : await this.#log.firstNewer(roomId, first, head, before - 1) - 1;
    if (last < first) return undefined;
    const older = this.#log.read(roomId, first, last, false, MESSAGES_PER_READ);
    const newest = await older.next();
    return newest.done ? undefined : { newest: newest.value, older };
  }
}
