import { RecentMap } from "../kit/recent_map.ts";
import { type Algorithm, type Header, readHeader, readSigned } from "./jwt.ts";
import type { Keys } from "./keys.ts";

export interface TokenVerifierOptions {
  readonly algorithm: Algorithm;
  readonly issuer?: string;
  readonly audience?: string;
  /** A token may not be good for longer than this. */
  readonly maxAgeSeconds: number;
}

/** Whom a good token names. */
export interface Identity {
  readonly userId: string;
  readonly username: string;
  readonly role: "admin" | "user";
  readonly rooms?: readonly string[];
  /** When the token ends, in milliseconds since the Unix epoch. */
  readonly expiresAt: number;
}

/** What there is to say of a token; `unavailable` if that cannot be told now. */
export type Verdict = Identity | "invalid" | "expired" | "unavailable";

/** Larger tokens are not looked at. */
const MAX_TOKEN_LENGTH = 8_192;
/** How far clocks may be apart for `nbf` and `iat`. */
const LEEWAY_SECONDS = 5;
/** Headers that are remembered: an issuer writes the same one before all its tokens. */
const MAX_HEADERS = 32;
/** A display name is cut to this. */
const MAX_NAME = 64;

// deno-lint-ignore no-control-regex -- control characters are exactly what must not stand in a name
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/** Verifies JSON Web Tokens (RFC 7519) with one algorithm, which the token has no say in. */
export class TokenVerifier {
  readonly #keys: Keys;
  readonly #options: TokenVerifierOptions;
  readonly #headers = new RecentMap<string, Header>(MAX_HEADERS);

  constructor(keys: Keys, options: TokenVerifierOptions) {
    this.#keys = keys;
    this.#options = options;
  }

  /** Resolves to who the token names, or to why it is refused; a forger learns nothing more than `invalid`. */
  async verify(token: string): Promise<Verdict> {
    if (token.length > MAX_TOKEN_LENGTH) return "invalid";
    const header = this.#readHeader(token);
    // RFC 7515 §4.1.11: extensions that are not understood must make the token invalid.
    if (header === undefined || header.alg !== this.#options.algorithm || header.crit !== undefined) {
      return "invalid";
    }
    const key = await this.#keys.find(header);
    if (key === undefined && !this.#keys.areKnown) return "unavailable";
    const claims = key && await readSigned(token, key);
    return claims === undefined ? "invalid" : this.#check(claims, Date.now() / 1000);
  }

  /** What a token says of itself; whether it holds together is seen with its signature. */
  #readHeader(token: string): Header | undefined {
    const text = token.slice(0, token.indexOf("."));
    const known = this.#headers.get(text);
    if (known !== undefined) return known;
    const header = readHeader(token);
    if (header !== undefined) this.#headers.set(text, header);
    return header;
  }

  #check(claims: Record<string, unknown>, now: number): Identity | "invalid" | "expired" {
    const { exp, nbf, iat, iss, aud } = claims;
    const { issuer, audience, maxAgeSeconds } = this.#options;
    if (typeof exp !== "number" || !Number.isFinite(exp)) return "invalid";
    if (isAhead(nbf, now) || isAhead(iat, now)) return "invalid";
    if (issuer !== undefined && iss !== issuer) return "invalid";
    if (audience !== undefined && aud !== audience && !(Array.isArray(aud) && aud.includes(audience))) {
      return "invalid";
    }
    if (exp > now + maxAgeSeconds) return "invalid";
    const identity = identify(claims, Math.floor(exp * 1000));
    if (identity === undefined) return "invalid";
    return exp <= now ? "expired" : identity;
  }
}

/** Whether a time lies in the future, or is no time at all. */
function isAhead(time: unknown, now: number): boolean {
  return time !== undefined && !(typeof time === "number" && time <= now + LEEWAY_SECONDS);
}

function identify(claims: Record<string, unknown>, expiresAt: number): Identity | undefined {
  const userId = readId(claims.sub) ?? readId(claims.userId);
  const { rooms } = claims;
  if (userId === undefined) return undefined;
  if (rooms !== undefined && !(Array.isArray(rooms) && rooms.every((room) => typeof room === "string"))) {
    return undefined;
  }
  const username = readName(claims.name) ?? readName(claims.username) ?? readName(userId) ?? userId;
  return { userId, username, role: claims.role === "admin" ? "admin" : "user", rooms, expiresAt };
}

function readId(claim: unknown): string | undefined {
  const id = typeof claim === "number" && Number.isSafeInteger(claim) ? String(claim) : claim;
  if (typeof id !== "string" || id === "" || [...id].length > 128) return undefined;
  return CONTROL.test(id) || !id.isWellFormed() ? undefined : id;
}

function readName(claim: unknown): string | undefined {
  if (typeof claim !== "string" || claim === "") return undefined;
  return [...claim.replace(new RegExp(CONTROL, "g"), " ").toWellFormed()].slice(0, MAX_NAME).join("");
}
