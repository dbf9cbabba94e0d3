import type { RedisDatabase } from "./redis_database.ts";
import type { RedisPeople } from "./redis_people.ts";
import { type KeptStanding, toActiveRoom, toStanding, toStandings } from "./redis_records.ts";
import { ROOM } from "./redis_room_scripts.ts";
import { ADVANCE, BANNED, CHANGE, MEMBERS, REMOVE } from "./redis_standing_scripts.ts";
import { ROLES } from "./roles.ts";
import { type Cursor, isMember, type Membership, type Standing, type StandingChange } from "./standing.ts";
import type { RoomRecord } from "./store.ts";

/** Invitations looked at for one list, those that were used up included. */
const MAX_INVITATIONS = 1000;
const ROOMS_PER_LOOK = 100;

/** A membership, its room, and when that was last active. */
export interface ActiveMembership {
  readonly room: RoomRecord;
  readonly membership: Membership;
  readonly activeAt: number;
}

/**
 * What is kept of people in rooms.
 *
 * A standing lies with its room. The lists of a person's rooms lie with the person, are written after it, and may hold
 * too much: whoever reads them looks at the standings too, and takes out what is wrong. They never hold too little.
 */
export class RedisStandings {
  readonly #database: RedisDatabase;
  readonly #people: RedisPeople;

  constructor(database: RedisDatabase, people: RedisPeople) {
    this.#database = database;
    this.#people = people;
  }

  async standing(roomId: string, userId: string): Promise<Standing | undefined> {
    return (await this.#kept(roomId, userId))?.standing;
  }

  async putMember(roomId: string, userId: string, username: string): Promise<Membership> {
    const { keys } = this.#database;
    const [known, listed] = await Promise.all([
      this.#kept(roomId, userId),
      this.#database.send("ZSCORE", keys.memberships(userId), roomId),
    ]);
    if (isMember(known?.standing) && known.standing.username === username && !known.standing.isInvited) {
      // The process that wrote the one may have ended before it wrote the other.
      if (listed === null) await this.list(undefined, known);
      return known.standing;
    }
    const standing = await this.#change(roomId, userId, username, true, ["join", "0", "", ""]);
    if (!isMember(standing)) throw new Error("Cannot make a member: the standing has no role");
    return standing;
  }

  async changeStanding(roomId: string, userId: string, change: StandingChange): Promise<Standing> {
    const { role, isInvited, bannedUntil, mutedUntil } = change;
    const username = (await this.#people.person(userId))?.username ?? userId;
    return await this.#change(roomId, userId, username, false, [
      role === undefined ? "" : role === null ? "0" : String(ROLES.indexOf(role) + 1),
      isInvited === undefined ? "" : isInvited ? "1" : "0",
      bannedUntil === undefined ? "" : String(bannedUntil),
      mutedUntil === undefined ? "" : String(mutedUntil),
    ]);
  }

  async removeMember(roomId: string, userId: string): Promise<void> {
    const text = await this.#database.run(REMOVE, this.#database.keys.standings(roomId), userId);
    const before = toStanding(roomId, userId, text);
    if (before !== undefined) await this.list(before, undefined);
  }

  async advance(cursors: readonly Cursor[]): Promise<boolean[]> {
    const { keys } = this.#database;
    const rooms = Map.groupBy(cursors.keys(), (i) => cursors[i].roomId);
    const moved = new Array<boolean>(cursors.length);
    await Promise.all([...rooms].map(async ([roomId, places]) => {
      const args = places.map((place) => cursors[place])
        .flatMap(({ userId, delivered = 0, read = 0 }) => [userId, String(delivered), String(read)]);
      const reply = await this.#database.runIn(
        roomId,
        ADVANCE,
        [keys.room(roomId), keys.people(roomId)],
        args,
      );
      (reply as number[]).forEach((hasMoved, i) => moved[places[i]] = hasMoved === 1);
    }));
    return moved;
  }

  async members(roomId: string, limit: number): Promise<(Membership & { lastSeen: number })[]> {
    const { keys } = this.#database;
    const used = [keys.people(roomId), keys.members(roomId)];
    const members = toStandings(roomId, await this.#database.run(MEMBERS, used, String(limit)))
      .filter(isMember);
    const lastSeen = await Promise.all(members.map(({ userId }) => this.#people.lastSeen(userId)));
    return members.map((member, i) => ({ ...member, lastSeen: lastSeen[i] }));
  }

  async banned(roomId: string, now: number, limit: number): Promise<Standing[]> {
    const { keys } = this.#database;
    const used = [keys.people(roomId), keys.banned(roomId)];
    return toStandings(roomId, await this.#database.run(BANNED, used, String(now), String(limit)));
  }

  async memberships(userId: string, limit: number): Promise<ActiveMembership[]> {
    const found: { joined: number; entry: ActiveMembership }[] = [];
    const list = this.#database.keys.memberships(userId);
    for (let from = 0; found.length < limit;) {
      const to = from + Math.min(ROOMS_PER_LOOK, limit - found.length) - 1;
      const reply = await this.#database.send("ZRANGE", list, `${from}`, `${to}`, "REV", "WITHSCORES");
      const entries = reply as [string, number][];
      if (entries.length === 0) break;
      from += entries.length;
      const looks = await Promise.all(entries.map(([roomId]) => this.#look(roomId, userId)));
      for (const [i, { room, kept }] of looks.entries()) {
        if (!isMember(kept?.standing)) {
          this.#database.drop(list, entries[i][0], Number(entries[i][1])).catch(() => {});
        } else if (room !== undefined) {
          const entry = { room: room.record, membership: kept.standing, activeAt: room.activeAt };
          found.push({ joined: kept.joined, entry });
        }
      }
    }
    return found.sort((a, b) => b.joined - a.joined).map(({ entry }) => entry);
  }

  /** The rooms that a person belongs to, those that are only logs too. */
  async roomIds(userId: string, limit: number): Promise<string[]> {
    const list = this.#database.keys.memberships(userId);
    const roomIds = await this.#database.send("ZRANGE", list, "0", String(limit - 1), "REV") as string[];
    const kept = await Promise.all(roomIds.map((roomId) => this.#kept(roomId, userId)));
    return roomIds.filter((_, i) => isMember(kept[i]?.standing));
  }

  async invitations(userId: string, limit: number): Promise<RoomRecord[]> {
    const list = this.#database.keys.invitations(userId);
    const range = ["0", String(MAX_INVITATIONS - 1)];
    const reply = await this.#database.send("ZRANGE", list, ...range, "REV", "WITHSCORES");
    const entries = (reply as [string, number][]).sort(([a], [b]) => a < b ? -1 : 1);
    const found: RoomRecord[] = [];
    for (let from = 0; from < entries.length && found.length < limit; from += ROOMS_PER_LOOK) {
      const some = entries.slice(from, from + ROOMS_PER_LOOK);
      const looks = await Promise.all(some.map(([roomId]) => this.#look(roomId, userId)));
      for (const [i, { room, kept }] of looks.entries()) {
        if (kept === undefined || kept.invited === 0) {
          this.#database.drop(list, some[i][0], Number(some[i][1])).catch(() => {});
        } else if (room !== undefined && !isMember(kept.standing)) found.push(room.record);
      }
    }
    return found.slice(0, limit);
  }

  /** Brings a person's lists to where a standing has come, from where it was before. */
  async list(before: KeptStanding | undefined, after: KeptStanding | undefined): Promise<void> {
    const { keys } = this.#database;
    const { userId, roomId } = (after ?? before)!.standing;
    const lists = [
      [keys.memberships(userId), before?.joined ?? 0, after?.joined ?? 0],
      [keys.invitations(userId), before?.invited ?? 0, after?.invited ?? 0],
    ] as const;
    await Promise.all(lists.map(([list, from, to]) => {
      if (from === to) return;
      // Who has come back meanwhile has another mark, and stays.
      if (to === 0) return this.#database.drop(list, roomId, from);
      return this.#database.send("ZADD", list, String(to), roomId);
    }));
  }

  async #change(
    roomId: string,
    userId: string,
    username: string,
    isRenamed: boolean,
    change: readonly string[],
  ): Promise<Standing> {
    const args = [userId, username, isRenamed ? "1" : "0", ...change, String(this.#database.stamp())];
    const reply = await this.#database.runIn(roomId, CHANGE, this.#database.keys.standings(roomId), args);
    const [before, after] = (reply as unknown[]).map((text) => toStanding(roomId, userId, text));
    await this.list(before, after!);
    return after!.standing;
  }

  async #kept(roomId: string, userId: string): Promise<KeptStanding | undefined> {
    const text = await this.#database.send("HGET", this.#database.keys.people(roomId), userId);
    return toStanding(roomId, userId, text);
  }

  async #look(roomId: string, userId: string) {
    const { keys } = this.#database;
    const used = [keys.room(roomId), keys.people(roomId)];
    const [room, text] = await this.#database.runIn(roomId, ROOM, used, [userId]) as unknown[];
    return { room: toActiveRoom(roomId, room), kept: toStanding(roomId, userId, text) };
  }
}
