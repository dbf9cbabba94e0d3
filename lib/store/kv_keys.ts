import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { isLongerThan } from "../kit/utf8.ts";
import { ROLES } from "./roles.ts";
import { isDirectRoom } from "./rooms_of_two.ts";
import type { Standing } from "./standing.ts";
import type { Visibility } from "./store.ts";

/** Others may use the same database. */
const ROOT = "parley";
/** Longer names are hashed: those of the rooms of two people would not fit into a key. */
const MAX_PART_BYTES = 256;

/** A room, or something else with a name, as part of a key. */
function partOf(name: string): string | Uint8Array<ArrayBuffer> {
  if (!isLongerThan(name, MAX_PART_BYTES)) return name;
  return new Uint8Array(createHash("sha256").update(Buffer.from(name)).digest());
}

/** {@linkcode KvRoom}: what there is to know of a room and its log. */
export function roomKey(roomId: string): Deno.KvKey {
  return [ROOT, "room", partOf(roomId)];
}

export const ALL_ROOMS: Deno.KvKey = [ROOT, "room"];

/** The oldest `seq` of a room that was not deleted, where any was. */
export function oldestKey(roomId: string): Deno.KvKey {
  return [ROOT, "oldest", partOf(roomId)];
}

/** {@linkcode KvMessage}; what did not fit follows under the same key with one more part, counted from 1. */
export function messageKey(roomId: string, seq: number): Deno.KvKey {
  return [ROOT, "message", partOf(roomId), seq];
}

/** Where the message stands that somebody sent under an id: `[seq, timestamp]`. */
export function sentKey(roomId: string, userId: string, id: string): Deno.KvKey {
  return [ROOT, "sent", partOf(roomId), userId, id];
}

/** {@linkcode KvStanding}. */
export function standingKey(roomId: string, userId: string): Deno.KvKey {
  return [ROOT, "standing", partOf(roomId), userId];
}

/** How far a member has come: `[delivered, read]`; of nobody else it means anything. */
export function cursorKey(roomId: string, userId: string): Deno.KvKey {
  return [ROOT, "cursor", partOf(roomId), userId];
}

/** The members of a room, in the order in which they are listed; the last part is the person. */
export function membersKey(roomId: string): Deno.KvKey {
  return [ROOT, "member", partOf(roomId)];
}

export function memberKey({ roomId, userId, username, role }: Standing): Deno.KvKey | undefined {
  if (role !== null) return [...membersKey(roomId), ROLES.indexOf(role), username, userId];
}

/** Who was ever banned from a room and not let in again, by name; the last part is the person. */
export function allBannedKey(roomId: string): Deno.KvKey {
  return [ROOT, "banned", partOf(roomId)];
}

export function bannedKey({ roomId, userId, username, bannedUntil }: Standing): Deno.KvKey | undefined {
  if (bannedUntil > 0) return [...allBannedKey(roomId), username, userId];
}

/** The ids of a person's rooms, in the order of joining. */
export function allJoinedKey(userId: string): Deno.KvKey {
  return [ROOT, "joined", userId];
}

export function joinedKey({ roomId, userId, role }: Standing, joinedAt: number): Deno.KvKey | undefined {
  if (role !== null) return [...allJoinedKey(userId), joinedAt, partOf(roomId)];
}

/** The ids of the rooms that a person is invited to. */
export function allInvitedKey(userId: string): Deno.KvKey {
  return [ROOT, "invited", userId];
}

export function invitedKey({ roomId, userId, role, isInvited }: Standing): Deno.KvKey | undefined {
  if (isInvited && role === null) return [...allInvitedKey(userId), partOf(roomId)];
}

/** What rooms are listed by: who may see them; `log` for those without a record. */
export type Listing = Visibility | "log";

/** The ids of the rooms of one kind, by their last activity. */
export function activeKey(listing: Listing): Deno.KvKey {
  return [ROOT, "active", listing];
}

/** Where a room is listed; those of two people are not. */
export function listedKey(roomId: string, listing: Listing, listedAt: number): Deno.KvKey | undefined {
  if (!isDirectRoom(roomId)) return [...activeKey(listing), listedAt, partOf(roomId)];
}

/** `{ username, lastSeen }`. */
export function personKey(userId: string): Deno.KvKey {
  return [ROOT, "person", userId];
}

/** The people of a display name, by id, which is the last part. */
export function namedKey(username: string): Deno.KvKey {
  return [ROOT, "named", username];
}

/** How often something was tried lately. */
export function triesKey(name: string): Deno.KvKey {
  return [ROOT, "tries", partOf(name)];
}

/** Who forgets at the moment, and when all rooms were last gone through. */
export const SWEEP: Deno.KvKey = [ROOT, "sweep"];
