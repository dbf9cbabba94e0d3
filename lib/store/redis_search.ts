import type { ChatMessage } from "../protocol/messages.ts";
import { Heap } from "./heap.ts";
import { NewestMessages } from "./newest_messages.ts";
import type { RedisDatabase } from "./redis_database.ts";
import type { RedisLog } from "./redis_log.ts";
import type { RedisStandings } from "./redis_standings.ts";
import { isDirectRoom } from "./rooms_of_two.ts";
import { fits, toPattern } from "./search_text.ts";
import { isMember } from "./standing.ts";
import type { SearchQuery } from "./store.ts";

/** Messages looked at in one search; they all come over the network. */
const MAX_LOOKS = 10_000;
/** Rooms looked at in one search: those joined last, or active last. */
const MAX_ROOMS = 1000;
/** Messages read of all rooms together in the first look. */
const FIRST_LOOKS = 2000;
const MAX_PER_READ = 200;
const MIN_PER_READ = 4;
/** The contents read of one room at once, in UTF-16 units. */
const MAX_LENGTH_PER_READ = 256 * 1024;

/** How far a message may be from its place in the order of time, as the clocks of nodes differ. */
const MAX_SKEW_MS = 30_000;

/** How far one log was read, backward. */
interface Reading {
  readonly roomId: string;
  /** Newest last. */
  messages: ChatMessage[];
  newest: ChatMessage;
  more: boolean;
}

/** Looks through the logs themselves, the newest message of them all first, as Redis has no index for it. */
export class RedisSearch {
  readonly #database: RedisDatabase;
  readonly #log: RedisLog;
  readonly #standings: RedisStandings;

  constructor(database: RedisDatabase, log: RedisLog, standings: RedisStandings) {
    this.#database = database;
    this.#log = log;
    this.#standings = standings;
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
    for (let looks = 0, reading; (reading = readings.first) !== undefined;) {
      const { newest: message, messages, roomId } = reading;
      if (message.timestamp < since || found.outdo(message.timestamp)) break;
      if (looks++ === MAX_LOOKS) return found.finish(true);
      if (message.timestamp < before && fits(pattern, message)) found.add(message);
      if (messages.length > 0) reading.newest = messages.pop()!;
      else {
        const next = reading.more ? await this.#read(roomId, MAX_PER_READ, before, message.seq) : undefined;
        if (next === undefined) {
          readings.pop();
          continue;
        }
        Object.assign(reading, next);
      }
      readings.settle();
    }
    return found.finish(isCut);
  }

  async #read(roomId: string, limit: number, until: number, before?: number): Promise<Reading | undefined> {
    const range = { before, limit, maxLength: MAX_LENGTH_PER_READ };
    const { messages, more } = await this.#log.page(roomId, range, until + MAX_SKEW_MS);
    const newest = messages.pop();
    return newest && { roomId, messages, newest, more };
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
