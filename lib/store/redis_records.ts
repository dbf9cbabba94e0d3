import { ROLES } from "./roles.ts";
import type { Standing } from "./standing.ts";
import type { RoomRecord } from "./store.ts";

/** A record, and when its room was last active. */
export interface ActiveRoom {
  readonly record: RoomRecord;
  readonly activeAt: number;
}

/** A standing, and what its places in the person's lists are marked with; 0 where there is none. */
export interface KeptStanding {
  readonly standing: Standing;
  /** When the person became a member. */
  readonly joined: number;
  readonly invited: number;
}

/** What scripts return of a room: nothing for who is none, or a log only. */
export function toActiveRoom(roomId: string, reply: unknown): ActiveRoom | undefined {
  const [epoch, head, roomName, visibility, passwordHash, activeAt] = reply as (string | null)[];
  if (roomName === null || epoch === null) return undefined;
  return {
    record: {
      roomId,
      roomName,
      visibility: visibility === "public" ? "public" : "private",
      passwordHash: passwordHash || null,
      epoch,
      head: Number(head),
    },
    activeAt: Number(activeAt),
  };
}

/** What scripts keep of a standing. */
export function toStanding(roomId: string, userId: string, text: unknown): KeptStanding | undefined {
  if (typeof text !== "string") return undefined;
  const [role, invited, bannedUntil, mutedUntil, joined, delivered, read] = text.split(" ", 7).map(Number);
  const username = text.split(" ").slice(7).join(" ");
  const standing = {
    roomId,
    userId,
    username,
    role: role === 0 ? null : ROLES[role - 1],
    isInvited: invited > 0,
    bannedUntil,
    mutedUntil,
    delivered,
    read,
  };
  return { standing, joined: role === 0 ? 0 : joined, invited };
}

/** What scripts return of several people: each person, and what is kept of them. */
export function toStandings(roomId: string, reply: unknown): Standing[] {
  const texts = reply as string[];
  const standings: Standing[] = [];
  for (let i = 0; i < texts.length; i += 2) {
    const kept = toStanding(roomId, texts[i], texts[i + 1]);
    if (kept !== undefined) standings.push(kept.standing);
  }
  return standings;
}
