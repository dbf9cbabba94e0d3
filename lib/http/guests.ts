import { encodeHex } from "../kit/hex.ts";
import type { TokenIssuer } from "../auth/token_issuer.ts";
import type { RateLimits } from "../connection/rate_limits.ts";
import { BODIES } from "../protocol/api.ts";
import { Refusal } from "../protocol/codes.ts";
import { readBody } from "./body.ts";
import { answerRefusal } from "./problem.ts";

/** What the server expects of its tokens. */
export interface GuestsOptions {
  readonly issuer?: string;
  readonly audience?: string;
  /** Longer tokens are not let in. */
  readonly maxAgeSeconds: number;
}

/** How long a guest's token is good. */
const TTL_SECONDS = 12 * 60 * 60;
/** Guests that may sign in, over all clients. */
const RATE = { amount: 100, periodMs: 1_000 };

/** Lets people in who have no token, under a name of their own choosing. */
export class Guests {
  readonly #issuer: TokenIssuer;
  readonly #options: GuestsOptions;
  readonly #rates: RateLimits;

  constructor(issuer: TokenIssuer, rates: RateLimits, options: GuestsOptions) {
    this.#issuer = issuer;
    this.#rates = rates;
    this.#options = options;
  }

  /** `POST /api/token {username, guestKey?}` */
  async signIn(request: Request): Promise<Response> {
    const body = await readBody(request, BODIES.TokenRequest, 4096);
    if (body instanceof Refusal) return answerRefusal(body);
    const retryAfterMs = await this.#rates.takeOfAll("guests", RATE, Date.now());
    if (retryAfterMs > 0) return answerRefusal(new Refusal("rate_limited", { retryAfterMs }));
    const { username, guestKey = crypto.randomUUID() } = body;
    const { issuer, audience, maxAgeSeconds } = this.#options;
    const userId = `guest-${await fingerprint(guestKey)}`;
    const ttlSeconds = Math.min(TTL_SECONDS, maxAgeSeconds);
    const { token, expiresAt } = await this.#issuer.issue({ userId, username, ttlSeconds, issuer, audience });
    return Response.json({ token, userId, username, expiresAt }, {
      headers: { "cache-control": "no-store" },
    });
  }
}

/** 96 bits that name a key without giving it away. */
async function fingerprint(key: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`guest:${key}`));
  return encodeHex(new Uint8Array(digest, 0, 12));
}
