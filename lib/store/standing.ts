export type Role = "owner" | "admin" | "member";

/** Everything that is kept of a person in one room; it outlives their connections. */
export interface Standing {
  readonly roomId: string;
  readonly userId: string;
  /** The display name at the time of the last join. */
  readonly username: string;
  /** `null` for who is no member. */
  readonly role: Role | null;
  readonly isInvited: boolean;
  /** In milliseconds since the Unix epoch: 0 for never, {@linkcode FOREVER} for good. */
  readonly bannedUntil: number;
  /** As `bannedUntil`. */
  readonly mutedUntil: number;
  /** The last message that reached one of their devices. */
  readonly delivered: number;
  /** The last message they have seen. */
  readonly read: number;
}

/** A standing of somebody who has a role. */
export type Membership = Standing & { readonly role: Role };

export function isMember(standing: Standing | undefined): standing is Membership {
  return standing !== undefined && standing.role !== null;
}

/** What is kept of somebody of whom nothing was kept before. */
export function newStanding(roomId: string, userId: string, username: string): Standing {
  const none = { role: null, isInvited: false, bannedUntil: 0, mutedUntil: 0, delivered: 0, read: 0 };
  return { roomId, userId, username, ...none };
}

/** What a moderator can change. */
export type StandingChange = Partial<Pick<Standing, "role" | "isInvited" | "bannedUntil" | "mutedUntil">>;

/** How far somebody has come in a room's log. */
export interface Cursor {
  readonly roomId: string;
  readonly userId: string;
  readonly delivered?: number;
  readonly read?: number;
}

/** A time that does not come; it fits a double and a 64-bit integer. */
export const FOREVER = Number.MAX_SAFE_INTEGER;
