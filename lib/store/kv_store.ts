import { KvLink, KvUnavailable } from "../kv/kv_link.ts";
import { openKv } from "../kv/open_kv.ts";
import { KvAppender } from "./kv_appender.ts";
import { KvCursors } from "./kv_cursors.ts";
import { KvForgetting } from "./kv_forgetting.ts";
import { KvLog } from "./kv_log.ts";
import { KvPeople } from "./kv_people.ts";
import { KvRooms } from "./kv_rooms.ts";
import { KvSearch } from "./kv_search.ts";
import { KvStandings } from "./kv_standings.ts";
import { isLimited } from "./retention.ts";
import type { Cursor, StandingChange } from "./standing.ts";
import {
  type Appended,
  type Draft,
  type NewRoom,
  type Page,
  type Person,
  type Range,
  type Retention,
  type RoomChange,
  type SearchQuery,
  type Store,
  StoreUnavailable,
} from "./store.ts";

/**
 * Keeps everything in a Deno KV database, which several instances may share.
 *
 * A room is the unit of agreement: every commit is about one room, or one person, and made only if nobody else came
 * in between.
 */
export class KvStore implements Store {
  readonly kind = "kv";
  readonly #link: KvLink;
  readonly #now: () => number;
  readonly #forgets: boolean;
  readonly #appender: KvAppender;
  readonly #log: KvLog;
  readonly #standings: KvStandings;
  readonly #cursors: KvCursors;
  readonly #rooms: KvRooms;
  readonly #people: KvPeople;
  readonly #search: KvSearch;
  readonly #forgetting: KvForgetting;
  /** The calls under way. */
  readonly #calls = new Set<Promise<void>>();
  #isClosed = false;

  /** A store on a database that it closes in the end; its clock is `now`, in milliseconds since the Unix epoch. */
  constructor(link: KvLink, retention: Retention, now: () => number = Date.now) {
    this.#link = link;
    this.#now = now;
    this.#forgets = isLimited(retention);
    this.#appender = new KvAppender(link, now);
    this.#log = new KvLog(link, retention);
    this.#standings = new KvStandings(link, this.#appender, now);
    this.#cursors = new KvCursors(link, this.#appender);
    this.#rooms = new KvRooms(link, this.#appender, this.#standings, now);
    this.#people = new KvPeople(link);
    this.#search = new KvSearch(link, this.#log, this.#rooms, this.#standings);
    this.#forgetting = new KvForgetting(link, this.#log);
  }

  /**
   * Opens the database in a file, or for "" the one of the place where the program runs.
   *
   * @throws {Error} If it cannot be opened; the message is one sentence
   */
  static async open(file: string, retention: Retention, now?: () => number): Promise<KvStore> {
    return new KvStore(new KvLink(await openKv(file)), retention, now);
  }

  append(drafts: readonly Draft[]): Promise<Appended[]> {
    return this.#reach(async () => {
      const rooms = Map.groupBy(drafts.keys(), (index) => drafts[index].roomId);
      const appended: Appended[] = new Array(drafts.length);
      await Promise.all([...rooms].map(async ([roomId, indices]) => {
        const places = await this.#appender.append(roomId, indices.map((index) => drafts[index]));
        for (const [i, index] of indices.entries()) appended[index] = places[i];
      }));
      return appended;
    });
  }

  page(roomId: string, range: Range): Promise<Page> {
    return this.#reach(() => this.#log.page(roomId, range, this.#now()));
  }

  room(roomId: string) {
    return this.#reach(() => this.#rooms.room(roomId));
  }

  createRoom(room: NewRoom) {
    return this.#reach(() => this.#rooms.createRoom(room));
  }

  rooms(userId: string | undefined, limit: number) {
    return this.#reach(() => this.#rooms.rooms(userId, limit));
  }

  updateRoom(roomId: string, change: RoomChange) {
    return this.#reach(() => this.#rooms.updateRoom(roomId, change));
  }

  standing(roomId: string, userId: string) {
    return this.#reach(() => this.#standings.standing(roomId, userId));
  }

  putMember(roomId: string, userId: string, username: string) {
    return this.#reach(() => this.#standings.putMember(roomId, userId, username));
  }

  removeMember(roomId: string, userId: string) {
    return this.#reach(() => this.#standings.removeMember(roomId, userId));
  }

  changeStanding(roomId: string, userId: string, change: StandingChange) {
    return this.#reach(() => this.#standings.changeStanding(roomId, userId, change));
  }

  advance(cursors: readonly Cursor[]) {
    return this.#reach(() => this.#cursors.advance(cursors));
  }

  members(roomId: string, limit: number) {
    return this.#reach(() => this.#standings.members(roomId, limit));
  }

  banned(roomId: string, now: number, limit: number) {
    return this.#reach(() => this.#standings.banned(roomId, now, limit));
  }

  invitations(userId: string, limit: number) {
    return this.#reach(() => this.#standings.invitations(userId, limit));
  }

  memberships(userId: string, limit: number) {
    return this.#reach(() => this.#standings.memberships(userId, limit));
  }

  putPerson(person: Person) {
    return this.#reach(() => this.#people.putPerson(person));
  }

  person(userId: string) {
    return this.#reach(() => this.#people.person(userId));
  }

  peopleNamed(username: string, limit: number) {
    return this.#reach(() => this.#people.peopleNamed(username, limit));
  }

  search(query: SearchQuery) {
    return this.#reach(() => this.#search.search(query, this.#now()));
  }

  retain(): Promise<boolean> {
    if (!this.#forgets) return Promise.resolve(false);
    return this.#reach(() => this.#forgetting.step(this.#now()));
  }

  /** Waits for the calls under way, as long as they may take, and closes the database. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#calls);
    this.#link[Symbol.dispose]();
  }

  /** Makes a call; what the database cannot do now may succeed later. */
  #reach<T>(call: () => Promise<T>): Promise<T> {
    if (this.#isClosed) return Promise.reject(new StoreUnavailable("The store is closed"));
    const done = call().catch((cause) => {
      if (!(cause instanceof KvUnavailable)) throw cause;
      throw new StoreUnavailable(`Cannot reach the store: ${cause.message}`, { cause });
    });
    const settled = done.then(() => {}, () => {}).then(() => void this.#calls.delete(settled));
    this.#calls.add(settled);
    return done;
  }
}
