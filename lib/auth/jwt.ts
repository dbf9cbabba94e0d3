import { create, decode, type Payload, verify } from "djwt";

/** The algorithms a server can be set to; none is ever taken from a token. */
export const ALGORITHMS = ["HS256", "RS256", "PS256", "ES256"] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** What a token says of its making. */
export interface Header {
  readonly alg?: unknown;
  readonly kid?: unknown;
  readonly crit?: unknown;
}

/** Reads a token's header without trusting it; `undefined` for what is not a token. */
export function readHeader(token: string): Header | undefined {
  try {
    const [header] = decode(token);
    return typeof header === "object" && header !== null ? header as Header : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Checks a token's signature and returns its claims, unchecked; `undefined` for anything else.
 *
 * The library looks at times before it looks at the signature, and its errors would tell a forger which. So it is asked
 * for the signature alone here, and everything it throws is the same to us.
 */
export async function readSigned(
  token: string,
  key: CryptoKey,
): Promise<Record<string, unknown> | undefined> {
  try {
    return await verify(token, key, { ignoreExp: true, ignoreNbf: true });
  } catch {
    return undefined;
  }
}

/** Signs claims with HMAC SHA-256. */
export function sign(claims: Record<string, unknown>, key: CryptoKey): Promise<string> {
  return create({ alg: "HS256", typ: "JWT" }, claims as Payload, key);
}

/** Imports a shared secret for HMAC SHA-256. */
export function importSecret(secret: string): Promise<CryptoKey> {
  const bytes = new TextEncoder().encode(secret);
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
}
