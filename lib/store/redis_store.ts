import { RedisLink } from "../redis/redis_link.ts";
import { available } from "./redis_available.ts";
import { RedisDatabase } from "./redis_database.ts";
import { RedisIndex } from "./redis_index.ts";
import { RedisIndexing } from "./redis_indexing.ts";
import { RedisKeys } from "./redis_keys.ts";
import { RedisLog } from "./redis_log.ts";
import { RedisPeople } from "./redis_people.ts";
import { RedisRooms } from "./redis_rooms.ts";
import { RedisSearch } from "./redis_search.ts";
import { RedisStandings } from "./redis_standings.ts";
import type { Cursor, StandingChange } from "./standing.ts";
import type { Draft, NewRoom, Person, Range, Retention, RoomChange, SearchQuery, Store } from "./store.ts";

/** What is said where messages are in danger. */
const FORGETFUL = "Redis keeps no append-only file: what was acknowledged is lost when it ends " +
  "(in a test with kill -9, 93 % of it); set appendonly yes";
const SILENT = "Redis does not tell whether it keeps an append-only file (INFO is not allowed): " +
  "without one, what was acknowledged is lost when it ends";
const EVICTING =
  "Redis throws away what it was given when its memory is full: set maxmemory-policy noeviction";

/** How a Redis store behaves. */
export interface RedisStoreOptions {
  /** Under which name the bus of this node hears what is appended here, and passes it over. */
  readonly nodeId?: string;
  /** The clock, in milliseconds since the Unix epoch. @default Date.now */
  readonly now?: () => number;
  /** Told, in a sentence, of what puts messages in danger. */
  readonly warn?: (text: string) => void;
}

interface StoreParts {
  readonly link: RedisLink;
  readonly ownsLink: boolean;
  readonly database: RedisDatabase;
  readonly index: RedisIndex;
}

/**
 * Keeps everything in one Redis, which several nodes may share.
 *
 * Each room lies in one place, where one script numbers, keeps and publishes a batch of its messages; what is appended
 * to several rooms at once is atomic for each of them, not for all together. Searches read the logs that are kept, and
 * use an index for what is older where Redis has its query engine.
 */
export class RedisStore implements Store {
  readonly kind = "redis";
  readonly #link: RedisLink;
  readonly #ownsLink: boolean;
  readonly #log: RedisLog;
  readonly #people: RedisPeople;
  readonly #standings: RedisStandings;
  readonly #rooms: RedisRooms;
  readonly #search: RedisSearch;
  readonly #indexing: RedisIndexing;

  private constructor(parts: StoreParts, retention: Retention, nodeId: string) {
    const { link, ownsLink, database, index } = parts;
    const channel = (roomId: string) => `${link.prefix}bus:room:${roomId}`;
    this.#link = link;
    this.#ownsLink = ownsLink;
    this.#log = new RedisLog(database, retention, { nodeId, channel }, index);
    this.#people = new RedisPeople(database);
    this.#standings = new RedisStandings(database, this.#people);
    this.#rooms = new RedisRooms(database, this.#standings);
    this.#search = new RedisSearch(database, this.#log, this.#standings, index);
    this.#indexing = new RedisIndexing(database, this.#log, index);
  }

  /**
   * Uses the Redis of an address, or of a link, which is then not closed with the store.
   *
   * @throws {Error} If Redis cannot be used; the message is one sentence without a password
   */
  static async open(
    where: string | RedisLink,
    retention: Retention,
    options: RedisStoreOptions = {},
  ): Promise<RedisStore> {
    const link = typeof where === "string" ? await RedisLink.open(where) : where;
    const { hasAppendOnlyFile, evicts } = link.server;
    if (evicts) options.warn?.(EVICTING);
    if (hasAppendOnlyFile !== true) options.warn?.(hasAppendOnlyFile === false ? FORGETFUL : SILENT);
    const { now = Date.now, nodeId = crypto.randomUUID() } = options;
    const database = new RedisDatabase(link, new RedisKeys(link.prefix), now);
    const index = await RedisIndex.open(database, link.hasIndex && !link.server.isCopy);
    return new RedisStore({ link, ownsLink: link !== where, database, index }, retention, nodeId);
  }

  append(drafts: readonly Draft[]) {
    return available(this.#log.append(drafts));
  }

  page(roomId: string, range: Range) {
    return available(this.#log.page(roomId, range));
  }

  room(roomId: string) {
    return available(this.#rooms.room(roomId));
  }

  createRoom(room: NewRoom) {
    return available(this.#rooms.createRoom(room));
  }

  rooms(userId: string | undefined, limit: number) {
    return available(this.#rooms.rooms(userId, limit));
  }

  updateRoom(roomId: string, change: RoomChange) {
    return available(this.#rooms.updateRoom(roomId, change));
  }

  standing(roomId: string, userId: string) {
    return available(this.#standings.standing(roomId, userId));
  }

  putMember(roomId: string, userId: string, username: string) {
    return available(this.#standings.putMember(roomId, userId, username));
  }

  removeMember(roomId: string, userId: string) {
    return available(this.#standings.removeMember(roomId, userId));
  }

  changeStanding(roomId: string, userId: string, change: StandingChange) {
    return available(this.#standings.changeStanding(roomId, userId, change));
  }

  advance(cursors: readonly Cursor[]) {
    return available(this.#standings.advance(cursors));
  }

  members(roomId: string, limit: number) {
    return available(this.#standings.members(roomId, limit));
  }

  banned(roomId: string, now: number, limit: number) {
    return available(this.#standings.banned(roomId, now, limit));
  }

  invitations(userId: string, limit: number) {
    return available(this.#standings.invitations(userId, limit));
  }

  async memberships(userId: string, limit: number) {
    const found = await available(this.#standings.memberships(userId, limit));
    return found.map(({ room, membership }) => ({ room, membership }));
  }

  putPerson(person: Person) {
    return available(this.#people.putPerson(person));
  }

  person(userId: string) {
    return available(this.#people.person(userId));
  }

  peopleNamed(username: string, limit: number) {
    return available(this.#people.peopleNamed(username, limit));
  }

  search(query: SearchQuery) {
    return available(this.#search.search(query));
  }

  async retain(): Promise<boolean> {
    const [isToForget, isToIndex] = await available(Promise.all([this.#log.retain(), this.#indexing.step()]));
    return isToForget || isToIndex;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ownsLink) await this.#link[Symbol.asyncDispose]();
  }
}
