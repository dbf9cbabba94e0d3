import type { Moderation, Room } from "../sdk/mod.ts";

const RANK: Record<string, number> = { member: 1, admin: 2, owner: 3 };
const SERVER_ADMIN = 4;

/** How high this user stands in a room; a server's administrator above all. */
function rankIn(room: Room, serverRole: string | undefined): number {
  return serverRole === "admin" ? SERVER_ADMIN : RANK[room.role] ?? 0;
}

/** Whether this user may change the room and invite people. */
export function mayManage(room: Room, serverRole: string | undefined): boolean {
  return !room.isDirect && rankIn(room, serverRole) >= RANK.admin;
}

/** What this user may do to somebody who stands this high. */
export function powersOver(role: string, room: Room, serverRole: string | undefined): Moderation[] {
  const rank = rankIn(room, serverRole);
  if (!mayManage(room, serverRole) || rank <= (RANK[role] ?? 0)) return [];
  const may: Moderation[] = ["mute", "unmute", "kick", "ban"];
  if (rank >= RANK.owner) may.unshift(role === "admin" ? "demote" : "promote");
  return may;
}
