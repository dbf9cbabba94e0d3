import type { ChatMessage } from "../protocol/messages.ts";
import { RedisUnavailable } from "../redis/redis_error.ts";
import { Heap } from "./heap.ts";
import { NewestMessages } from "./newest_messages.ts";
import type { RedisDatabase } from "./redis_database.ts";
import type { IndexPage, IndexQuery, Place, RedisIndex } from "./redis_index.ts";
import type { RedisLog } from "./redis_log.ts";
import type { RedisStandings } from "./redis_standings.ts";
import { isDirectRoom } from "./rooms_of_two.ts";
import { fits, type Pattern, toPattern } from "./search_text.ts";
import { isMember } from "./standing.ts";
import type { SearchQuery } from "./store.ts";

/** Messages looked at in one search; they all come over the network. */
const MAX_LOOKS = 10_000;
/** Rooms looked at in one search: those joined last, or active last. */
const MAX_ROOMS = 1000;
/** Messages read of all rooms together in the first look. */
const FIRST_LOOKS = 2000;
/** So far the logs themselves are read, and then the index again and again: only what is rare is not found by then. */
const LOOKS_BEFORE_INDEX = 1000;
const MAX_PER_READ = 200;
const MIN_PER_READ = 4;
/** The contents read of one room at once, in UTF-16 units. */
const MAX_LENGTH_PER_READ = 256 * 1024;

/** How far a message may be from its place in the order of time, as the clocks of nodes differ. */
const MAX_SKEW_MS = 30_000;

/** Something that is read backward: a log, or what the index says of several. */
interface Reading {
  /** Whose log it is. */
  readonly roomId: string | undefined;
  newest: ChatMessage;
  /** What was read with it; newest last. */
  messages: ChatMessage[];
  /** Reads on. */
  next: (() => Promise<Reading | undefined>) | undefined;
}

/**
 * Looks through the logs themselves, the newest message of them all first; where Redis has an index, it says where to
 * look once that has gone on for a while, which is the case for what is rarely said.
 */
export class RedisSearch {
  readonly #database: RedisDatabase;
  readonly #log: RedisLog;
  readonly #standings: RedisStandings;
  readonly #index: RedisIndex;

  constructor(database: RedisDatabase, log: RedisLog, standings: RedisStandings, index: RedisIndex) {
    this.#database = database;
    this.#log = log;
    this.#standings = standings;
    this.#index = index;
  }

  async search(query: SearchQuery): Promise<{ messages: ChatMessage[]; more: boolean }> {
    const { before = Infinity, since = -Infinity, limit } = query;
    const pattern = toPattern(query);
    const found = new NewestMessages(limit);
    const roomIds = await this.#rooms(query);
    const isCut = roomIds.length > MAX_ROOMS;
    if (isCut) roomIds.length = MAX_ROOMS;
    const perRead = Math.max(MIN_PER_READ, Math.min(MAX_PER_READ, Math.floor(FIRST_LOOKS / roomIds.length)));
    const readings = new Heap<Reading>((a, b) => a.newest.timestamp > b.newest.timestamp);
    for (const first of await Promise.all(roomIds.map((roomId) => this.#read(roomId, perRead, before)))) {
      if (first !== undefined) readings.push(first);
    }
    for (let looks = 0;; looks++) {
      if (looks > 0 && looks % LOOKS_BEFORE_INDEX === 0) await this.#turnToIndex(readings, pattern, since);
      const reading = readings.first;
      if (reading === undefined) break;
      const { newest: message } = reading;
      if (message.timestamp < since || found.outdo(message.timestamp)) break;
      if (looks === MAX_LOOKS) return found.finish(true);
      if (message.timestamp < before && fits(pattern, message)) found.add(message);
      const next = reading.messages.pop();
      if (next !== undefined) reading.newest = next;
      else {
        const more = await reading.next?.();
        if (more === undefined) {
          readings.pop();
          continue;
        }
        Object.assign(reading, more);
      }
      readings.settle();
    }
    return found.finish(isCut);
  }

  async #read(roomId: string, limit: number, until: number, before?: number): Promise<Reading | undefined> {
    const range = { before, limit, maxLength: MAX_LENGTH_PER_READ };
    const { messages, more } = await this.#log.page(roomId, range, until + MAX_SKEW_MS);
    const oldest = messages[0];
    const newest = messages.pop();
    const next = () => this.#read(roomId, MAX_PER_READ, until, oldest.seq);
    return newest && { roomId, messages, newest, next: more ? next : undefined };
  }

  /** Reads on in the index rather than in the logs, where it knows them as far as they were read. */
  async #turnToIndex(readings: Heap<Reading>, pattern: Pattern, since: number): Promise<void> {
    if (!this.#index.isThere) return;
    const all = readings.drain();
    const logs = all.filter(({ roomId }) => roomId !== undefined);
    const indexed = await this.#index.indexedUpTo(logs.map(({ roomId }) => roomId!));
    const known = new Set(logs.filter(({ newest }, i) => newest.seq <= indexed[i]));
    await this.#index.queue(logs.filter((log) => !known.has(log)).map(({ roomId }) => roomId!));
    const upTo = new Map([...known].map(({ roomId, newest }) => [roomId!, newest.seq]));
    const before = Math.max(...[...known].map(({ newest }) => newest.timestamp)) + 1;
    const wanted = { pattern, roomIds: [...upTo.keys()], since, before };
    const page = known.size > 0 ? await this.#index.find(wanted, 0, MAX_PER_READ) : undefined;
    for (const reading of all) if (page === undefined || !known.has(reading)) readings.push(reading);
    if (page === undefined) return;
    const first = await this.#readIndex(wanted, upTo, page, MAX_PER_READ);
    if (first !== undefined) readings.push(first);
  }

  /** @param upTo The last message of each room that may be new */
  async #readIndex(
    wanted: IndexQuery,
    upTo: ReadonlyMap<string, number>,
    page: IndexPage | undefined,
    offset: number,
  ): Promise<Reading | undefined> {
    if (page === undefined) throw new RedisUnavailable("The index of searches has gone");
    const messages = await this.#messages(page.places.filter(({ roomId, seq }) => seq <= upTo.get(roomId)!));
    const readOn = async () => {
      const nextPage = await this.#index.find(wanted, offset, MAX_PER_READ);
      return this.#readIndex(wanted, upTo, nextPage, offset + MAX_PER_READ);
    };
    const next = page.more ? readOn : undefined;
    const newest = messages.pop();
    return newest === undefined ? await next?.() : { roomId: undefined, newest, messages, next };
  }

  /** The messages at some places, newest last. */
  async #messages(places: readonly Place[]): Promise<ChatMessage[]> {
    const rooms = Map.groupBy(places, ({ roomId }) => roomId);
    const read = [...rooms].map(([roomId, some]) => this.#log.messages(roomId, some.map(({ seq }) => seq)));
    return (await Promise.all(read)).flat().sort((a, b) => a.timestamp - b.timestamp);
  }

  /** The rooms that a search may look at; more than {@linkcode MAX_ROOMS} if there are. */
  async #rooms({ userId, roomId }: SearchQuery): Promise<string[]> {
    if (userId === undefined) {
      if (roomId !== undefined) return isDirectRoom(roomId) ? [] : [roomId];
      const list = this.#database.keys.logs();
      return await this.#database.send("ZRANGE", list, "0", String(MAX_ROOMS), "REV") as string[];
    }
    if (roomId === undefined) return await this.#standings.roomIds(userId, MAX_ROOMS + 1);
    const standing = await this.#standings.standing(roomId, userId);
    return isMember(standing) ? [roomId] : [];
  }
}
