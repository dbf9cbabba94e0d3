import type { SQLOutputValue } from "node:sqlite";
import { ROLES } from "./roles.ts";
import type { Standing } from "./standing.ts";
import type { RoomRecord } from "./store.ts";

type Row = Record<string, SQLOutputValue>;

/** What is read of a room. */
export const ROOM_COLUMNS = "room_id, room_name, visibility, password_hash, epoch, head";
/** What is read of a standing and its room. */
export const STANDING_COLUMNS =
  "room_id, user_id, username, role, is_invited, banned_until, muted_until, delivered, read";

/** The record of a row of {@linkcode ROOM_COLUMNS}. */
export function toRoom(row: Row): RoomRecord {
  return {
    roomId: String(row.room_id),
    roomName: String(row.room_name),
    visibility: row.visibility === "public" ? "public" : "private",
    passwordHash: row.password_hash === null ? null : String(row.password_hash),
    epoch: String(row.epoch),
    head: Number(row.head),
  };
}

/** The standing of a row of {@linkcode STANDING_COLUMNS}. */
export function toStanding(row: Row): Standing {
  return {
    roomId: String(row.room_id),
    userId: String(row.user_id),
    username: String(row.username),
    role: row.role === null ? null : ROLES[Number(row.role)],
    isInvited: row.is_invited === 1,
    bannedUntil: Number(row.banned_until),
    mutedUntil: Number(row.muted_until),
    delivered: Number(row.delivered),
    read: Number(row.read),
  };
}
