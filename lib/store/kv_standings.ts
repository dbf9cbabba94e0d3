import type { KvLink } from "../kv/kv_link.ts";
import { Lanes } from "../kit/lanes.ts";
import type { KvAppender } from "./kv_appender.ts";
import {
  allBannedKey,
  allInvitedKey,
  allJoinedKey,
  cursorKey,
  membersKey,
  personKey,
  roomKey,
  standingKey,
} from "./kv_keys.ts";
import { type KvRoom, list, newLog, toRecord } from "./kv_room.ts";
import { arrived, readStanding, setStanding } from "./kv_standing.ts";
import { isMember, type Membership, newStanding, type Standing, type StandingChange } from "./standing.ts";
import type { Person, RoomRecord } from "./store.ts";

/** Entries of a list that are read at once, and looked up together. */
const ENTRIES_PER_READ = 200;

/** What is kept of people in rooms. */
export class KvStandings {
  readonly #link: KvLink;
  readonly #appender: KvAppender;
  readonly #now: () => number;
  /** What this instance changes of one standing is changed in the order in which it was asked for. */
  readonly #lanes = new Lanes();
  #lastJoin = 0;

  constructor(link: KvLink, appender: KvAppender, now: () => number) {
    this.#link = link;
    this.#appender = appender;
    this.#now = now;
  }

  async standing(roomId: string, userId: string): Promise<Standing | undefined> {
    const [standing, cursor] = await this.#link.getMany([
      standingKey(roomId, userId),
      cursorKey(roomId, userId),
    ]);
    return readStanding(roomId, userId, { standing, cursor });
  }

  async putMember(roomId: string, userId: string, username: string): Promise<Membership> {
    const standing = await this.#change(roomId, userId, (known) => {
      if (isMember(known) && known.username === username && !known.isInvited) return known;
      return {
        ...known ?? newStanding(roomId, userId, username),
        username,
        role: known?.role ?? "member",
        isInvited: false,
      };
    });
    return standing as Membership;
  }

  async changeStanding(roomId: string, userId: string, change: StandingChange): Promise<Standing> {
    const standing = await this.#change(roomId, userId, (known, person) => {
      const from = known ?? newStanding(roomId, userId, person?.username ?? userId);
      const { role = from.role, isInvited = from.isInvited } = change;
      const { bannedUntil = from.bannedUntil, mutedUntil = from.mutedUntil } = change;
      return { ...from, role, isInvited, bannedUntil, mutedUntil };
    });
    return standing!;
  }

  async removeMember(roomId: string, userId: string): Promise<void> {
    await this.#change(roomId, userId, (known) => {
      if (known === undefined || (known.bannedUntil === 0 && known.mutedUntil === 0)) return undefined;
      return { ...known, role: null, isInvited: false };
    });
  }

  async members(roomId: string, limit: number): Promise<(Membership & { readonly lastSeen: number })[]> {
    return await this.#collect(membersKey(roomId), limit, async (entries) => {
      const userIds = entries.map(({ key }) => String(key.at(-1)));
      const standings = await this.#readMany(userIds.map((userId) => ({ roomId, userId })));
      const people = await this.#link.getMany(userIds.map(personKey));
      return standings.flatMap((standing, i) => {
        const lastSeen = (people[i].value as Person | null)?.lastSeen ?? 0;
        return isMember(standing) ? [{ ...standing, lastSeen }] : [];
      });
    });
  }

  async banned(roomId: string, now: number, limit: number): Promise<Standing[]> {
    return await this.#collect(allBannedKey(roomId), limit, async (entries) => {
      const standings = await this.#readMany(
        entries.map(({ key }) => ({ roomId, userId: String(key.at(-1)) })),
      );
      return standings.filter((standing) =>
        standing !== undefined && standing.bannedUntil > now
      ) as Standing[];
    });
  }

  async invitations(userId: string, limit: number): Promise<RoomRecord[]> {
    const rooms = await this.#roomsIn(allInvitedKey(userId));
    rooms.sort((a, b) => a.roomId < b.roomId ? -1 : 1);
    return rooms.flatMap((room) => toRecord(room) ?? []).slice(0, limit);
  }

  async memberships(userId: string, limit: number): Promise<{ room: RoomRecord; membership: Membership }[]> {
    return await this.#collect<string, { room: RoomRecord; membership: Membership }>(
      allJoinedKey(userId),
      limit,
      async (entries) => {
        const roomIds = entries.map(({ value }) => value);
        const rooms = await this.#link.getMany(roomIds.map(roomKey));
        const standings = await this.#readMany(roomIds.map((roomId) => ({ roomId, userId })));
        return standings.flatMap((membership, i) => {
          const room = toRecord(rooms[i].value as KvRoom | null);
          return room !== undefined && isMember(membership) ? [{ room, membership }] : [];
        });
      },
      true,
    );
  }

  /** The rooms a person belongs to, in no order. */
  async roomsOf(userId: string): Promise<KvRoom[]> {
    return await this.#roomsIn(allJoinedKey(userId));
  }

  /** A number higher than that of every earlier join, as far as clocks agree. */
  nextJoin(): number {
    return this.#lastJoin = Math.max(this.#lastJoin + 1, this.#now() * 1_000);
  }

  /** Decides on a standing what it is to be, `undefined` for none at all, and makes it so. */
  async #change(
    roomId: string,
    userId: string,
    decide: (known: Standing | undefined, person: Person | undefined) => Standing | undefined,
  ): Promise<Standing | undefined> {
    const settled = this.#appender.settled(roomId);
    return await this.#lanes.run(JSON.stringify([roomId, userId]), async () => {
      await settled;
      return await this.#link.untilDone(async () => {
        const [standing, cursor, room, person] = await this.#link.getMany(
          [standingKey(roomId, userId), cursorKey(roomId, userId), roomKey(roomId), personKey(userId)],
        );
        const known = readStanding(roomId, userId, { standing, cursor });
        const next = decide(known, person.value as Person | null ?? undefined);
        if (next === known || JSON.stringify(next) === JSON.stringify(known)) return { done: known };
        const opened = room.value as KvRoom | null ?? newLog(roomId, this.#now());
        const kept = next && arrived(known, next, opened.head);
        const committed = await this.#link.commit((atomic) => {
          if (room.value === null) {
            atomic.check(room).set(room.key, opened);
            list(atomic, opened, null);
          }
          setStanding(atomic, roomId, userId, { standing, cursor }, kept, this.nextJoin());
        });
        return committed && { done: kept };
      });
    });
  }

  /** The rooms of a list of ids. */
  async #roomsIn(prefix: Deno.KvKey): Promise<KvRoom[]> {
    const roomIds: string[] = [];
    for await (const { value } of this.#link.list<string>({ prefix }, ENTRIES_PER_READ)) roomIds.push(value);
    const rooms = await this.#link.getMany(roomIds.map(roomKey));
    return rooms.flatMap(({ value }) => value === null ? [] : [value as KvRoom]);
  }

  async #readMany(places: { roomId: string; userId: string }[]): Promise<(Standing | undefined)[]> {
    const keys = places.flatMap((
      { roomId, userId },
    ) => [standingKey(roomId, userId), cursorKey(roomId, userId)]);
    const entries = await this.#link.getMany(keys);
    return places.map(({ roomId, userId }, i) =>
      readStanding(roomId, userId, { standing: entries[2 * i], cursor: entries[2 * i + 1] })
    );
  }

  /** What becomes of the entries of a list, in its order or backward, until there is enough. */
  async #collect<T, R>(
    prefix: Deno.KvKey,
    limit: number,
    look: (entries: Deno.KvEntry<T>[]) => Promise<R[]>,
    reverse = false,
  ): Promise<R[]> {
    const found: R[] = [];
    let waiting: Deno.KvEntry<T>[] = [];
    const batch = Math.max(1, Math.min(limit, ENTRIES_PER_READ));
    for await (const entry of this.#link.list<T>({ prefix }, batch, reverse)) {
      if (waiting.push(entry) < batch) continue;
      found.push(...await look(waiting));
      waiting = [];
      if (found.length >= limit) break;
    }
    if (waiting.length > 0) found.push(...await look(waiting));
    return found.slice(0, limit);
  }
}
