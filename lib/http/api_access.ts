import { createHash, timingSafeEqual } from "node:crypto";
import type { TokenVerifier } from "../auth/token_verifier.ts";
import { checkReach, isDirect } from "../chat/access.ts";
import type { User } from "../chat/member.ts";
import type { RateLimits } from "../connection/rate_limits.ts";
import { Refusal } from "../protocol/codes.ts";
import { readBearer } from "./credentials.ts";

/** Who calls the API. */
export interface ApiCaller {
  /** Whose eyes they read with. */
  readonly user: User;
  /** In whose name they publish. */
  readonly author: User;
  /** Whether it is a program with the key. */
  readonly hasKey: boolean;
  readonly mayWrite: boolean;
}

export interface ApiAccessOptions {
  /** `undefined` where there is none: then only tokens open the API. */
  readonly apiKey: string | undefined;
  /** Whether callers are limited at all. */
  readonly limitsFlood: boolean;
}

/** Why a call is nobody's; `unavailable` if it cannot be told now whose it is. */
export type Unidentified = "missing" | "invalid" | "expired" | "unavailable";

/** A program with the key: it reads as nobody, whom no direct room can be for, and publishes as `api`. */
const PROGRAM: ApiCaller = {
  user: { userId: "", username: "API", role: "admin", seesAll: true },
  author: { userId: "api", username: "API", role: "admin" },
  hasKey: true,
  mayWrite: true,
};
/** As much as all programs with the key may ask for, over all routes. */
const KEY_RATE = { amount: 10_000, periodMs: 10_000 };

/** Finds out who calls the API, what they may do, and how fast. */
export class ApiAccess {
  readonly #verifier: TokenVerifier;
  readonly #rates: RateLimits;
  readonly #keyHash: Uint8Array | undefined;
  readonly #limitsKey: boolean;

  constructor(verifier: TokenVerifier, rates: RateLimits, { apiKey, limitsFlood }: ApiAccessOptions) {
    this.#verifier = verifier;
    this.#rates = rates;
    if (apiKey !== undefined) this.#keyHash = hash(apiKey);
    this.#limitsKey = limitsFlood;
  }

  /** Reads `Authorization: Bearer` with the key or a token. */
  async identify(headers: Headers): Promise<ApiCaller | Unidentified> {
    const bearer = readBearer(headers);
    if (bearer === undefined) return "missing";
    // Hashes have the same length whatever was sent, so that the time says nothing about the key.
    if (this.#keyHash !== undefined && timingSafeEqual(hash(bearer), this.#keyHash)) return PROGRAM;
    const identity = await this.#verifier.verify(bearer);
    if (typeof identity === "string") return identity;
    const isAdmin = identity.role === "admin";
    return { user: { ...identity, seesAll: isAdmin }, author: identity, hasKey: false, mayWrite: isAdmin };
  }

  /** Takes one call from the caller's budget; returns 0, or the milliseconds until there is one. */
  take({ user, hasKey }: ApiCaller, budget: string): number | Promise<number> {
    const now = Date.now();
    if (hasKey) return this.#limitsKey ? this.#rates.takeOfAll("API key", KEY_RATE, now) : 0;
    return this.#rates.take(user.userId, budget, now);
  }
}

/** Refuses rooms that a caller may not write to; what is said between two people is theirs alone. */
export function checkWriting({ user }: ApiCaller, roomId: string): Refusal | undefined {
  return isDirect(roomId) ? new Refusal("room_not_found") : checkReach(user, roomId);
}

function hash(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
