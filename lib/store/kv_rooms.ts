import type { KvLink } from "../kv/kv_link.ts";
import type { KvAppender } from "./kv_appender.ts";
import { activeKey, cursorKey, type Listing, roomKey, standingKey } from "./kv_keys.ts";
import { type KvRoom, list, listingOf, newLog, toRecord } from "./kv_room.ts";
import { arrived, readStanding, setStanding } from "./kv_standing.ts";
import type { KvStandings } from "./kv_standings.ts";
import { newStanding } from "./standing.ts";
import type { NewRoom, RoomChange, RoomRecord } from "./store.ts";

/** Rooms that are listed at once. */
const ROOMS_PER_READ = 200;

/** The records of rooms. */
export class KvRooms {
  readonly #link: KvLink;
  readonly #appender: KvAppender;
  readonly #standings: KvStandings;
  readonly #now: () => number;

  constructor(link: KvLink, appender: KvAppender, standings: KvStandings, now: () => number) {
    this.#link = link;
    this.#appender = appender;
    this.#standings = standings;
    this.#now = now;
  }

  async room(roomId: string): Promise<RoomRecord | undefined> {
    return toRecord((await this.#link.get<KvRoom>(roomKey(roomId))).value);
  }

  async createRoom(wanted: NewRoom): Promise<{ room: RoomRecord; created: boolean }> {
    const { roomId, roomName, visibility, passwordHash, owner } = wanted;
    await this.#appender.settled(roomId);
    /** Tells whether an attempt that seemed to fail was done after all. */
    let epoch: string | undefined;
    return await this.#link.untilDone(async () => {
      const keys = [roomKey(roomId)];
      if (owner !== undefined) keys.push(standingKey(roomId, owner.userId), cursorKey(roomId, owner.userId));
      const [entry, standing, cursor] = await this.#link.getMany(keys);
      const known = entry.value as KvRoom | null;
      const record = toRecord(known);
      if (record !== undefined) return { done: { room: record, created: record.epoch === epoch } };
      const now = this.#now();
      const log = known ?? newLog(roomId, now);
      const room: KvRoom = {
        ...log,
        activeAt: now,
        listedAt: now,
        settings: { roomName, visibility, passwordHash },
      };
      if (known === null) epoch = room.epoch;
      const committed = await this.#link.commit((atomic) => {
        atomic.check(entry).set(entry.key, room);
        list(atomic, room, known);
        if (owner === undefined) return;
        const { userId, username } = owner;
        const before = readStanding(roomId, userId, { standing, cursor });
        const from = before ?? newStanding(roomId, userId, username);
        const next = { ...from, username, role: "owner" as const };
        const kept = arrived(before, next, room.head);
        setStanding(atomic, roomId, userId, { standing, cursor }, kept, this.#standings.nextJoin());
      });
      return committed && { done: { room: toRecord(room)!, created: true } };
    });
  }

  async updateRoom(roomId: string, change: RoomChange): Promise<RoomRecord | undefined> {
    await this.#appender.settled(roomId);
    return await this.#link.untilDone(async () => {
      const entry = await this.#link.get<KvRoom>(roomKey(roomId));
      const known = entry.value;
      if (known?.settings === undefined) return { done: undefined };
      const { settings } = known;
      const { roomName = settings.roomName, visibility = settings.visibility } = change;
      const { passwordHash = settings.passwordHash } = change;
      const room: KvRoom = { ...known, settings: { roomName, visibility, passwordHash } };
      const committed = await this.#link.commit((atomic) => {
        atomic.check(entry).set(entry.key, room);
        list(atomic, room, known);
      });
      return committed && { done: toRecord(room) };
    });
  }

  async rooms(userId: string | undefined, limit: number): Promise<RoomRecord[]> {
    const own = userId === undefined ? this.newest("private", limit) : this.#standings.roomsOf(userId);
    const [shared, others] = await Promise.all([this.newest("public", limit), own]);
    const visible = [...shared, ...others.filter(({ settings }) => settings?.visibility === "private")];
    visible.sort((a, b) => b.activeAt - a.activeAt);
    return visible.slice(0, limit).flatMap((room) => toRecord(room) ?? []);
  }

  /** The rooms of one kind that were active last, as far as the lists know. */
  async newest(listing: Listing, limit: number): Promise<KvRoom[]> {
    const roomIds: string[] = [];
    const batch = Math.max(1, Math.min(limit, ROOMS_PER_READ));
    for await (const { value } of this.#link.list<string>({ prefix: activeKey(listing) }, batch, true)) {
      if (roomIds.length >= limit) break;
      roomIds.push(value);
    }
    const entries = await this.#link.getMany(roomIds.map(roomKey));
    // A room that moves while the list is read may stand in it twice.
    const rooms = new Map(
      entries.flatMap(({ value }) => value === null ? [] : [value as KvRoom]).map(
        (room) => [room.roomId, room],
      ),
    );
    return [...rooms.values()].filter((room) => listingOf(room) === listing);
  }
}
