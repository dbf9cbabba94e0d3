import type { Passwords } from "../auth/passwords.ts";
import { Refusal } from "../protocol/codes.ts";
import type { Limits } from "../store/limits.ts";
import { LocalLimits } from "../store/local_limits.ts";
import type { RoomRecord } from "../store/store.ts";
import { FOREVER, type Standing } from "../store/standing.ts";
import { isDirect, isOneOfTwo } from "./access.ts";
import type { User } from "./member.ts";

/** Wrong passwords of one person for one room: after so many, even the right one has to wait out the minute. */
const TRIES = { amount: 5, periodMs: 60_000 };
/** When to ask again of a mute that has no end: somebody may have lifted it by then. */
const ENDLESS_MUTE_RETRY_MS = 24 * 60 * 60 * 1000;

/** Decides who may come into a room that exists. */
export class Admission {
  readonly #passwords: Passwords;
  readonly #limits: Limits;

  constructor(passwords: Passwords, limits: Limits = new LocalLimits()) {
    this.#passwords = passwords;
    this.#limits = limits;
  }

  /** Refuses who is banned, who was not invited, and who does not know the password; members need neither. */
  async check(
    user: User,
    room: RoomRecord,
    standing: Standing | undefined,
    password: string | undefined,
  ): Promise<Refusal | undefined> {
    const banned = checkUntil(standing?.bannedUntil);
    if (banned !== undefined) return banned;
    if (user.role === "admin" || standing !== undefined && standing.role !== null) return;
    const isExpected = standing?.isInvited || isDirect(room.roomId) && isOneOfTwo(user.userId, room.roomId);
    if (room.visibility === "private" && !isExpected) return new Refusal("room_not_found");
    if (room.passwordHash === null) return;
    if (password === undefined) return new Refusal("wrong_password");
    const key = `password ${JSON.stringify([user.userId, room.roomId])}`;
    const retryAfterMs = await this.#limits.begin(key, TRIES, Date.now());
    if (retryAfterMs > 0) return new Refusal("rate_limited", { retryAfterMs });
    if (!await this.#passwords.verify(password, room.passwordHash)) return new Refusal("wrong_password");
    await this.#limits.forgive(key);
  }
}

/** Refuses while a mute lasts, and always says when to try again. */
export function checkMute(until = 0): Refusal | undefined {
  if (until === FOREVER) return new Refusal("forbidden", { retryAfterMs: ENDLESS_MUTE_RETRY_MS });
  return checkUntil(until);
}

/** Refuses while a ban lasts. */
export function checkUntil(until = 0): Refusal | undefined {
  const lastsMs = until - Date.now();
  if (lastsMs > 0) return new Refusal("forbidden", { retryAfterMs: until === FOREVER ? undefined : lastsMs });
}
