import type { Role } from "../store/standing.ts";
import type { User } from "./member.ts";

/** What somebody may do to a room, or to somebody in it. */
export type Operation =
  | "update"
  | "invite"
  | "kick"
  | "ban"
  | "unban"
  | "mute"
  | "unmute"
  | "promote"
  | "demote";

const RANK = { member: 1, admin: 2, owner: 3 } as const;
/** A server administrator stands above every owner. */
const SERVER_ADMIN = 4;

/** The least role that may do it. */
const LEAST: Record<Operation, Role> = {
  update: "admin",
  invite: "admin",
  kick: "admin",
  ban: "admin",
  unban: "admin",
  mute: "admin",
  unmute: "admin",
  promote: "owner",
  demote: "owner",
};

/**
 * Whether somebody with the given role in a room may do something there: to the room, or to somebody, who must then
 * stand below them.
 */
export function isAllowed(
  actor: User,
  role: Role | null,
  operation: Operation,
  target: Role | null = null,
): boolean {
  const rank = actor.role === "admin" ? SERVER_ADMIN : rankOf(role);
  return rank >= RANK[LEAST[operation]] && rank > rankOf(target);
}

function rankOf(role: Role | null): number {
  return role === null ? 0 : RANK[role];
}
