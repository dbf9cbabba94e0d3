import { MemoryLog } from "./memory_log.ts";
import { ROLES } from "./roles.ts";
import { isMember, type Membership, type Standing, type StandingChange } from "./standing.ts";
import type { Appended, Draft, Retention, RoomRecord } from "./store.ts";

/** One room in memory: its log, and everybody who has a standing in it. */
export class MemoryRoom {
  readonly roomId: string;
  readonly log: MemoryLog;
  /** Missing while the room is only a log. */
  settings: Pick<RoomRecord, "roomName" | "visibility" | "passwordHash"> | undefined;
  /** Higher in rooms that were active later. */
  activity = 0;
  readonly #standings = new Map<string, Standing>();
  /** The members in the order of the list, until one of them changes. */
  #listed: Membership[] | undefined;

  constructor(roomId: string, retention: Retention) {
    this.roomId = roomId;
    this.log = new MemoryLog(retention);
  }

  get record(): RoomRecord | undefined {
    const { roomId, settings, log } = this;
    return settings && { roomId, ...settings, epoch: log.epoch, head: log.head };
  }

  append(draft: Draft, now: number): Appended {
    const appended = this.log.append(draft, now);
    const { seq, duplicate } = appended;
    if (!duplicate) this.advance(draft.userId, seq, seq);
    return appended;
  }

  standing(userId: string): Standing | undefined {
    return this.#standings.get(userId);
  }

  member(userId: string): Membership | undefined {
    const standing = this.#standings.get(userId);
    return isMember(standing) ? standing : undefined;
  }

  /** Sets what is given; who gets a role has read everything so far. */
  change(userId: string, username: string, change: StandingChange): Standing {
    const known = this.#standings.get(userId);
    const { role = known?.role ?? null, isInvited, bannedUntil, mutedUntil } = change;
    const { head } = this.log;
    const hasJoined = role !== null && !isMember(known);
    const standing = {
      roomId: this.roomId,
      userId,
      username,
      role,
      isInvited: isInvited ?? known?.isInvited ?? false,
      bannedUntil: bannedUntil ?? known?.bannedUntil ?? 0,
      mutedUntil: mutedUntil ?? known?.mutedUntil ?? 0,
      delivered: hasJoined ? head : known?.delivered ?? 0,
      read: hasJoined ? head : known?.read ?? 0,
    };
    this.#set(standing);
    return standing;
  }

  /** Takes role and invitation. */
  remove(userId: string): void {
    const known = this.#standings.get(userId);
    if (known === undefined) return;
    this.#listed = undefined;
    if (known.bannedUntil === 0 && known.mutedUntil === 0) this.#standings.delete(userId);
    else this.#standings.set(userId, { ...known, role: null, isInvited: false });
  }

  /** Moves a member's cursors forward; tells whether one moved. */
  advance(userId: string, delivered: number, read: number): boolean {
    const known = this.member(userId);
    if (known === undefined) return false;
    const { head } = this.log;
    const next = {
      ...known,
      delivered: Math.max(known.delivered, Math.min(delivered, head), Math.min(read, head)),
      read: Math.max(known.read, Math.min(read, head)),
    };
    if (next.delivered === known.delivered && next.read === known.read) return false;
    this.#set(next);
    return true;
  }

  members(limit: number): Membership[] {
    this.#listed ??= [...this.#standings.values()].filter(isMember).sort(byRoleAndName);
    return this.#listed.slice(0, limit).map(({ userId }) => this.member(userId)!);
  }

  /** Those who are banned at the time `now`, by name. */
  banned(now: number, limit: number): Standing[] {
    const banned = [...this.#standings.values()].filter(({ bannedUntil }) => bannedUntil > now);
    return banned.sort(byName).slice(0, limit);
  }

  #set(standing: Standing): void {
    const known = this.#standings.get(standing.userId);
    if (known?.role !== standing.role || known.username !== standing.username) this.#listed = undefined;
    this.#standings.set(standing.userId, standing);
  }
}

function byRoleAndName(a: Membership, b: Membership): number {
  return ROLES.indexOf(a.role) - ROLES.indexOf(b.role) || byName(a, b);
}

function byName(a: Standing, b: Standing): number {
  return compare(a.username, b.username) || compare(a.userId, b.userId);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
