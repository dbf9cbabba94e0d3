import { Refusal } from "../protocol/codes.ts";
import type { MemberInfo, Message, RoomInfo } from "../protocol/messages.ts";
import type { RoomRecord, Store } from "../store/store.ts";
import { checkReach, isDirect, isOnList } from "./access.ts";
import type { User } from "./member.ts";
import type { Rooms } from "./rooms.ts";

/** The most entries one answer holds. */
const LIMIT = 1_000;

/** Says what there is: which rooms, who is in them, where a person belongs. */
export class Directory {
  readonly #store: Store;
  readonly #rooms: Rooms;

  constructor(store: Store, rooms: Rooms) {
    this.#store = store;
    this.#rooms = rooms;
  }

  /** The rooms a person may see, the fullest first. */
  async rooms(user: User): Promise<RoomInfo[]> {
    const records = await this.#store.rooms(user.userId, LIMIT);
    return records
      .filter(({ roomId }) => isOnList(user, roomId) && !isDirect(roomId))
      .map((record) => this.#describe(record))
      .sort((a, b) => b.members - a.members);
  }

  /** The rooms a person belongs to, with what they have not read. */
  async belongings(user: User): Promise<Message<"welcome">["rooms"]> {
    const memberships = await this.#store.memberships(user.userId, LIMIT);
    return memberships
      .filter(({ room }) => isOnList(user, room.roomId))
      .map(({ room, membership: { read } }) => {
        const { roomId, roomName, head: seq, epoch } = room;
        return { roomId, roomName, seq, epoch, read, unread: Math.max(0, seq - read) };
      });
  }

  /** The members of a room, those who are there first. */
  async members(user: User, roomId: string): Promise<MemberInfo[] | Refusal> {
    const refusal = await this.checkMember(user, roomId);
    if (refusal !== undefined) return refusal;
    const attendance = this.#rooms.live(roomId)?.attendance;
    const members = await this.#store.members(roomId, LIMIT);
    return members
      .map(({ userId, username, role, delivered, read }) => {
        const here = attendance?.get(userId);
        const status = here ? "online" as const : "offline" as const;
        return { userId, username, status, role, connections: here?.connections ?? 0, delivered, read };
      })
      .sort((a, b) => Number(b.status === "online") - Number(a.status === "online"));
  }

  /** Refuses who does not belong to a room. */
  async checkMember(user: User, roomId: string): Promise<Refusal | undefined> {
    const refusal = checkReach(user, roomId);
    if (refusal !== undefined) return refusal;
    if (await this.#store.membership(roomId, user.userId) === undefined) {
      return this.explainAbsence(user, roomId);
    }
  }

  /** Says why somebody without a seat in a room may not speak there, and nothing of rooms they may not see. */
  async explainAbsence(user: User, roomId: string): Promise<Refusal> {
    const refusal = checkReach(user, roomId);
    if (refusal !== undefined) return refusal;
    const room = await this.#store.room(roomId);
    const isVisible = room?.visibility === "public" ||
      room && await this.#store.membership(roomId, user.userId);
    return new Refusal(isVisible ? "not_a_member" : "room_not_found");
  }

  #describe({ roomId, roomName, passwordHash, visibility }: RoomRecord): RoomInfo {
    const members = this.#rooms.live(roomId)?.attendance.size ?? 0;
    return { roomId, roomName, members, protected: passwordHash !== null, visibility };
  }
}
