import { DIRECT_ROOM, isDirectRoom } from "../store/rooms_of_two.ts";
import { Refusal } from "../protocol/codes.ts";
import type { Standing } from "../store/standing.ts";
import type { RoomRecord } from "../store/store.ts";
import type { User } from "./member.ts";

/** The name of the room of two people, which may be the same one. */
export function directRoom(a: string, b: string): string {
  return DIRECT_ROOM + [a, b].sort().map(encodeURIComponent).join(":");
}

/** Whether the name is one that only direct messages make. */
export function isDirect(roomId: string): boolean {
  return isDirectRoom(roomId);
}

/** Whether the person is one of the two a direct room is for. */
export function isOneOfTwo(userId: string, roomId: string): boolean {
  return roomId.slice(DIRECT_ROOM.length).split(":").includes(encodeURIComponent(userId));
}

/** Who is at the other end of a direct room. */
export function otherOfTwo(userId: string, roomId: string): string {
  const [a, b] = roomId.slice(DIRECT_ROOM.length).split(":").map(decodeURIComponent);
  return a === userId ? b : a;
}

/** Whether the token's list of rooms, if it has one, holds the room. */
export function isOnList(user: User, roomId: string): boolean {
  return user.rooms === undefined ||
    user.rooms.some((pattern) =>
      pattern.endsWith("*") ? roomId.startsWith(pattern.slice(0, -1)) : roomId === pattern
    );
}

/** Whether a person may know of a room: a private one is for who belongs there, is invited or banned, or runs the server. */
export function isVisible(user: User, { visibility }: RoomRecord, standing: Standing | undefined): boolean {
  if (visibility === "public" || user.role === "admin") return true;
  if (standing === undefined) return false;
  return standing.role !== null || standing.isInvited || standing.bannedUntil > Date.now();
}

/** Refuses rooms that a person may not even ask for. */
export function checkReach(user: User, roomId: string): Refusal | undefined {
  if (isDirect(roomId) && !isOneOfTwo(user.userId, roomId)) return new Refusal("room_not_found");
  if (!isOnList(user, roomId)) return new Refusal("forbidden");
}
