import type { RedisDatabase } from "./redis_database.ts";
import { TOUCH_EVERY_MS } from "./redis_log.ts";
import { type ActiveRoom, toActiveRoom, toStanding } from "./redis_records.ts";
import { CREATE_ROOM, ROOM, UPDATE_ROOM } from "./redis_room_scripts.ts";
import type { RedisStandings } from "./redis_standings.ts";
import type { NewRoom, RoomChange, RoomRecord } from "./store.ts";

/** Rooms looked at for one list beyond those that are in it. */
const MAX_MORE_ROOMS = 2000;
/** How much older a room may stand in a list than it is: nodes touch rooms in turns, and clocks differ. */
const MAX_LAG_MS = TOUCH_EVERY_MS + 30_000;

/** The records of rooms. */
export class RedisRooms {
  readonly #database: RedisDatabase;
  readonly #standings: RedisStandings;

  constructor(database: RedisDatabase, standings: RedisStandings) {
    this.#database = database;
    this.#standings = standings;
  }

  async room(roomId: string): Promise<RoomRecord | undefined> {
    return (await this.#read(roomId))?.record;
  }

  async createRoom(room: NewRoom): Promise<{ room: RoomRecord; created: boolean }> {
    const { roomId, roomName, visibility, passwordHash, owner } = room;
    const known = await this.room(roomId);
    if (known !== undefined) return { room: known, created: false };
    const { keys, now } = this.#database;
    const used = keys.standings(roomId);
    // Listed before it is there: lists pass over what is not, and nothing is left out if this process ends in between.
    const lists = [keys.logs(roomId), ...visibility === "public" ? [keys.publicRooms] : []];
    await Promise.all(lists.map((key) => this.#database.send("ZADD", key, "GT", String(now), roomId)));
    const reply = await this.#database.runIn(roomId, CREATE_ROOM, used, [
      roomName,
      visibility,
      passwordHash === null ? "" : `=${passwordHash}`,
      String(now),
      owner?.userId ?? "",
      owner?.username ?? "",
      String(this.#database.stamp()),
    ]);
    const [created, record, standing] = reply as [number, unknown, unknown];
    const made = this.#see(roomId, record)!;
    if (created === 1 && owner !== undefined) {
      await this.#standings.list(undefined, toStanding(roomId, owner.userId, standing)!);
    }
    return { room: made.record, created: created === 1 };
  }

  async updateRoom(roomId: string, change: RoomChange): Promise<RoomRecord | undefined> {
    const { keys } = this.#database;
    const { roomName, visibility, passwordHash } = change;
    const reply = await this.#database.runIn(roomId, UPDATE_ROOM, [keys.room(roomId)], [
      roomName === undefined ? "" : `=${roomName}`,
      visibility === undefined ? "" : `=${visibility}`,
      passwordHash === undefined ? "" : passwordHash === null ? "-" : `=${passwordHash}`,
    ]);
    const room = this.#see(roomId, reply);
    if (room === undefined) return undefined;
    if (visibility === "public") {
      await this.#database.send("ZADD", keys.publicRooms, "GT", String(room.activeAt), roomId);
    } else if (visibility === "private") await this.#database.send("ZREM", keys.publicRooms, roomId);
    return room.record;
  }

  async rooms(userId: string | undefined, limit: number): Promise<RoomRecord[]> {
    if (limit <= 0) return [];
    const found = userId === undefined
      ? await this.#newest(this.#database.keys.logs(), limit, () => true)
      : (await Promise.all([
        this.#newest(this.#database.keys.publicRooms, limit, ({ visibility }) => visibility === "public"),
        this.#ownPrivate(userId),
      ])).flat();
    found.sort((a, b) => b.activeAt - a.activeAt);
    return found.slice(0, limit).map(({ record }) => record);
  }

  /** The rooms of a list that were active last, and perhaps some more. */
  async #newest(
    list: string,
    limit: number,
    isWanted: (room: RoomRecord) => boolean,
  ): Promise<ActiveRoom[]> {
    const found: ActiveRoom[] = [];
    for (let from = 0; from < limit + MAX_MORE_ROOMS;) {
      const entries = await this.#entries(list, from, Math.max(20, limit - found.length));
      if (entries.length === 0) break;
      from += entries.length;
      const rooms = await Promise.all(entries.map(([roomId]) => this.#read(roomId)));
      for (const [i, room] of rooms.entries()) {
        if (room !== undefined && isWanted(room.record)) found.push(room);
        else if (list === this.#database.keys.publicRooms) {
          this.#database.drop(list, ...entries[i]).catch(() => {});
        }
      }
      if (found.length < limit) continue;
      const last = found.map(({ activeAt }) => activeAt).sort((a, b) => b - a)[limit - 1];
      // Those further down may have been active since they were listed, but not as lately as this.
      if (entries.at(-1)![1] + MAX_LAG_MS < last) break;
    }
    return found;
  }

  /** Rooms of a list with when they were listed, the newest first. */
  async #entries(list: string, from: number, count: number): Promise<[string, number][]> {
    const range = [String(from), String(from + count - 1)];
    const reply = await this.#database.send("ZRANGE", list, ...range, "REV", "WITHSCORES");
    return (reply as [string, number][]).map(([roomId, score]) => [roomId, Number(score)]);
  }

  async #ownPrivate(userId: string): Promise<ActiveRoom[]> {
    const own = await this.#standings.memberships(userId, MAX_MORE_ROOMS);
    return own.filter(({ room }) => room.visibility === "private")
      .map(({ room, activeAt }) => ({ record: room, activeAt }));
  }

  async #read(roomId: string): Promise<ActiveRoom | undefined> {
    const { keys } = this.#database;
    const reply = await this.#database.runIn(roomId, ROOM, [keys.room(roomId), keys.people(roomId)], [""]);
    return this.#see(roomId, (reply as [unknown])[0]);
  }

  #see(roomId: string, reply: unknown): ActiveRoom | undefined {
    const room = toActiveRoom(roomId, reply);
    if (room !== undefined) this.#database.see(roomId, room.record.epoch, room.record.head);
    return room;
  }
}
