import { Refusal } from "../protocol/codes.ts";
import type { BannedInfo, MemberInfo, Message, RoomInfo } from "../protocol/messages.ts";
import { FOREVER, type Membership, type Standing } from "../store/standing.ts";
import type { RoomRecord, Store } from "../store/store.ts";
import { checkReach, isDirect, isOnList, isVisible, otherOfTwo } from "./access.ts";
import { type Attendee, countConnections } from "./attendance.ts";
import { checkUntil } from "./admission.ts";
import type { User } from "./member.ts";
import type { People } from "./people.ts";
import { isAllowed } from "./permissions.ts";
import type { Rooms } from "./rooms.ts";

/** The most entries one answer holds. */
const LIMIT = 1_000;
/** The most invitations anybody is told of. */
const INVITATIONS = 50;

/** What `members` is answered with. */
export type Members = Pick<Message<"members">, "members" | "banned">;

/** Says what there is: which rooms, who is in them, where a person belongs. */
export class Directory {
  readonly #store: Store;
  readonly #rooms: Rooms;
  readonly #people: People;

  constructor(store: Store, rooms: Rooms, people: People) {
    this.#store = store;
    this.#rooms = rooms;
    this.#people = people;
  }

  /** The rooms a person may see, the fullest first. */
  async rooms(user: User): Promise<RoomInfo[]> {
    const records = await this.#store.rooms(user.seesAll ? undefined : user.userId, LIMIT);
    const listed = records.filter(({ roomId }) => isOnList(user, roomId) && !isDirect(roomId));
    const counts = await this.#rooms.countPeople(listed.map(({ roomId }) => roomId));
    return listed
      .map((record) => describe(record, counts.get(record.roomId) ?? 0))
      .sort((a, b) => b.members - a.members);
  }

  /** The rooms a person belongs to, with what they have not read. */
  async belongings(user: User): Promise<Message<"welcome">["rooms"]> {
    const memberships = await this.#store.memberships(user.userId, LIMIT);
    const own = memberships.filter(({ room }) => isOnList(user, room.roomId));
    return await Promise.all(own.map(async ({ room, membership: { read } }) => {
      const { roomId, head: seq, epoch } = room;
      const roomName = isDirect(roomId) ? await this.#nameOther(user, roomId) : room.roomName;
      return { roomId, roomName, seq, epoch, read, unread: Math.max(0, seq - read) };
    }));
  }

  /** The members of a room, those who are there first; for who may let them back in, also those who are banned. */
  async members(user: User, roomId: string): Promise<Members | Refusal> {
    const refusal = await this.checkMember(user, roomId);
    if (refusal !== undefined) return refusal;
    using lease = await this.#rooms.lease(roomId);
    const now = Date.now();
    const members = (await this.#store.members(roomId, LIMIT))
      .map((member) => this.#describeMember(member, lease?.room.attendance.get(member.userId), now))
      .sort((a, b) => Number(a.status === "offline") - Number(b.status === "offline"));
    const standing = await this.#store.standing(roomId, user.userId);
    if (isDirect(roomId) || !isAllowed(user, standing?.role ?? null, "unban")) return { members };
    return { members, banned: (await this.#store.banned(roomId, now, LIMIT)).map(describeBanned) };
  }

  /** The rooms a person is invited to, as far as they may go there now. */
  async invitations(user: User): Promise<RoomRecord[]> {
    const rooms = (await this.#store.invitations(user.userId, INVITATIONS))
      .filter(({ roomId }) => isOnList(user, roomId));
    const standings = await Promise.all(rooms.map(({ roomId }) => this.#store.standing(roomId, user.userId)));
    return rooms.filter((_, i) => checkUntil(standings[i]?.bannedUntil) === undefined);
  }

  /** Remembers a person's name, so that others can find them, and when they were last here. */
  async see({ userId, username }: User, lastSeen?: number): Promise<void> {
    const known = await this.#store.person(userId);
    await this.#store.putPerson({ userId, username, lastSeen: lastSeen ?? known?.lastSeen ?? 0 });
  }

  /** Refuses who does not belong to a room. */
  async checkMember(user: User, roomId: string): Promise<Refusal | undefined> {
    const refusal = checkReach(user, roomId);
    if (refusal !== undefined) return refusal;
    if (user.seesAll && !isDirect(roomId)) {
      return await this.#store.room(roomId) === undefined ? new Refusal("room_not_found") : undefined;
    }
    if (!await this.#isMember(roomId, user.userId)) return this.explainAbsence(user, roomId);
  }

  /** Says why somebody without a seat in a room may not speak there, and nothing of rooms they may not see. */
  async explainAbsence(user: User, roomId: string): Promise<Refusal> {
    const refusal = checkReach(user, roomId);
    if (refusal !== undefined) return refusal;
    const room = await this.#store.room(roomId);
    const standing = await this.#store.standing(roomId, user.userId);
    const banned = checkUntil(standing?.bannedUntil);
    if (banned !== undefined) return banned;
    const isKnown = room !== undefined && isVisible(user, room, standing);
    return new Refusal(isKnown ? "not_a_member" : "room_not_found");
  }

  async #isMember(roomId: string, userId: string): Promise<boolean> {
    const standing = await this.#store.standing(roomId, userId);
    return standing !== undefined && standing.role !== null;
  }

  /** A direct room goes by the name of who is at the other end. */
  async #nameOther(user: User, roomId: string): Promise<string> {
    const userId = otherOfTwo(user.userId, roomId);
    return (await this.#store.person(userId))?.username ?? userId;
  }

  #describeMember(
    member: Membership & { readonly lastSeen: number },
    attendee: Attendee | undefined,
    now: number,
  ): MemberInfo {
    const { userId, username, role, delivered, read, lastSeen, mutedUntil } = member;
    const connections = attendee === undefined ? 0 : countConnections(attendee);
    const status = this.#people.availability(userId) ?? "offline";
    return {
      ...{ userId, username, status, role, connections, delivered, read },
      lastSeen: status === "offline" && lastSeen > 0 ? lastSeen : undefined,
      mutedUntil: mutedUntil > now ? toTime(mutedUntil) : undefined,
    };
  }
}

function describe({ roomId, roomName, passwordHash, visibility }: RoomRecord, members: number): RoomInfo {
  return { roomId, roomName, members, protected: passwordHash !== null, visibility };
}

function describeBanned({ userId, username, bannedUntil }: Standing): BannedInfo {
  return { userId, username, until: toTime(bannedUntil) ?? undefined };
}

/** A time to tell; `null` if it never comes. */
function toTime(until: number): number | null {
  return until === FOREVER ? null : until;
}
