import type { Passwords } from "../auth/passwords.ts";
import { Refusal } from "../protocol/codes.ts";
import type { RoomRecord } from "../store/store.ts";
import { FOREVER, type Standing } from "../store/standing.ts";
import { isDirect, isOneOfTwo } from "./access.ts";
import { Lockout } from "./lockout.ts";
import type { User } from "./member.ts";

/** Decides who may come into a room that exists. */
export class Admission {
  readonly #passwords: Passwords;
  readonly #lockout = new Lockout();

  constructor(passwords: Passwords) {
    this.#passwords = passwords;
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
    const key = JSON.stringify([user.userId, room.roomId]);
    const retryAfterMs = this.#lockout.begin(key, Date.now());
    if (retryAfterMs > 0) return new Refusal("rate_limited", { retryAfterMs });
    if (!await this.#passwords.verify(password, room.passwordHash)) return new Refusal("wrong_password");
    this.#lockout.forgive(key);
  }
}

/** Refuses while a ban or a mute lasts. */
export function checkUntil(until = 0): Refusal | undefined {
  const lastsMs = until - Date.now();
  if (lastsMs > 0) return new Refusal("forbidden", { retryAfterMs: until === FOREVER ? undefined : lastsMs });
}
