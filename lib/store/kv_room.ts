import { listedKey, type Listing } from "./kv_keys.ts";
import { newEpoch } from "./message.ts";
import type { RoomRecord } from "./store.ts";

/** The value of a room's key: where its log stands and, once there is one, its record. */
export interface KvRoom extends Omit<RoomRecord, "roomName" | "visibility" | "passwordHash"> {
  /** When it was made or last written to, in milliseconds since the Unix epoch. */
  readonly activeAt: number;
  /** Where it stands in the lists: `activeAt` as it was up to {@linkcode LIST_LAG_MS} ago. */
  readonly listedAt: number;
  /** Missing while the room is only a log. */
  readonly settings?: Pick<RoomRecord, "roomName" | "visibility" | "passwordHash">;
}

/** Busy rooms are moved up in the lists no more often than this. */
const LIST_LAG_MS = 1_000;

export function newLog(roomId: string, now: number): KvRoom {
  return { roomId, epoch: newEpoch(), head: 0, activeAt: now, listedAt: now };
}

export function toRecord(room: KvRoom | null): RoomRecord | undefined {
  if (room?.settings === undefined) return undefined;
  const { roomId, epoch, head, settings } = room;
  return { roomId, ...settings, epoch, head };
}

/** The room as it is after something was said in it. */
export function moved(room: KvRoom, head: number, timestamp: number): KvRoom {
  const activeAt = Math.max(room.activeAt, timestamp);
  const listedAt = activeAt - room.listedAt < LIST_LAG_MS ? room.listedAt : activeAt;
  return { ...room, head, activeAt, listedAt };
}

export function listingOf({ settings }: KvRoom): Listing {
  return settings?.visibility ?? "log";
}

/** Puts a room where it belongs in the lists; `known` is where it stood. */
export function list(atomic: Deno.AtomicOperation, room: KvRoom, known: KvRoom | null): void {
  const { roomId, listedAt } = room;
  const listing = listingOf(room);
  if (known !== null) {
    const before = listingOf(known);
    if (before === listing && known.listedAt === listedAt) return;
    const key = listedKey(roomId, before, known.listedAt);
    if (key !== undefined) atomic.delete(key);
  }
  const key = listedKey(roomId, listing, listedAt);
  if (key !== undefined) atomic.set(key, roomId);
}
