import { bannedKey, cursorKey, invitedKey, joinedKey, memberKey, standingKey } from "./kv_keys.ts";
import { isMember, type Standing } from "./standing.ts";

/** The value of a standing's key. How far a member has come is kept apart, where others can write it blindly. */
export interface KvStanding extends Omit<Standing, "roomId" | "userId"> {
  /** Puts a person's rooms into the order of joining. */
  readonly joinedAt: number;
}

/** What is known of a standing, and whether it still holds when something else is written. */
export interface StandingEntries {
  readonly standing: Deno.KvEntryMaybe<unknown>;
  readonly cursor: Deno.KvEntryMaybe<unknown>;
}

export function readStanding(
  roomId: string,
  userId: string,
  { standing, cursor }: StandingEntries,
): Standing | undefined {
  if (standing.value === null) return undefined;
  const { joinedAt: _, ...kept } = standing.value as KvStanding;
  if (kept.role === null) return { roomId, userId, ...kept };
  const [delivered, read] = cursor.value as readonly [number, number] | null ?? [0, 0];
  return { roomId, userId, ...kept, delivered, read };
}

/** The standing as it will be kept: who gets a role has read everything so far. */
export function arrived(known: Standing | undefined, next: Standing, head: number): Standing {
  return isMember(next) && !isMember(known) ? { ...next, delivered: head, read: head } : next;
}

/** Writes a standing and its places in the lists, or takes them away, if nobody changed them in the meantime. */
export function setStanding(
  atomic: Deno.AtomicOperation,
  roomId: string,
  userId: string,
  entries: StandingEntries,
  next: Standing | undefined,
  joinsAt: number,
): void {
  const { standing, cursor } = entries;
  const known = readStanding(roomId, userId, entries);
  const joinedAt = (standing.value as KvStanding | null)?.joinedAt ?? 0;
  const nextJoinedAt = isMember(known) ? joinedAt : joinsAt;
  atomic.check(standing);
  if (isMember(known) !== isMember(next)) {
    atomic.check(cursor);
    const key = cursorKey(roomId, userId);
    if (isMember(next)) atomic.set(key, [next.delivered, next.read]);
    else atomic.delete(key);
  }
  if (next === undefined) atomic.delete(standingKey(roomId, userId));
  else {
    const { roomId: _, userId: __, ...kept } = next;
    const value: KvStanding = { ...kept, joinedAt: nextJoinedAt };
    atomic.set(standingKey(roomId, userId), value);
  }
  for (const keyOf of [memberKey, bannedKey, invitedKey]) {
    move(atomic, known && keyOf(known), next && keyOf(next), roomId);
  }
  move(atomic, known && joinedKey(known, joinedAt), next && joinedKey(next, nextJoinedAt), roomId);
}

function move(
  atomic: Deno.AtomicOperation,
  from: Deno.KvKey | undefined,
  to: Deno.KvKey | undefined,
  value: string,
): void {
  if (JSON.stringify(from) === JSON.stringify(to)) return;
  if (from !== undefined) atomic.delete(from);
  if (to !== undefined) atomic.set(to, value);
}
