/** The part of `djwt` that Parley uses, under the same names and with the same texts, on top of `jose`. */
// deno-lint-ignore no-import-prefix
import { base64url, CompactSign, compactVerify, errors } from "npm:jose@6.2.17";
import { checkAudience, checkTiming, type Payload, type VerifyOptions } from "./djwt_claims.ts";

export type { Payload, VerifyOptions };

/** The signature algorithms this stand-in knows. */
export type Algorithm =
  | "HS256"
  | "HS384"
  | "HS512"
  | "PS256"
  | "PS384"
  | "PS512"
  | "RS256"
  | "RS384"
  | "RS512"
  | "ES256"
  | "ES384";

/** The protected header of a token. */
export interface Header {
  alg: Algorithm;
  [key: string]: unknown;
}

const KEY_NAMES: Record<string, string> = {
  HS: "HMAC",
  PS: "RSA-PSS",
  RS: "RSASSA-PKCS1-v1_5",
  ES: "ECDSA",
};

/** Signs the claims. Throws when the key is not one for the header's `alg`. */
export async function create(header: Header, payload: Payload, key: CryptoKey): Promise<string> {
  if (!isObject(payload)) throw new Error("The jwt claims set is not a JSON object.");
  requireKeyFor(header.alg, key);
  return await new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
    .setProtectedHeader(header)
    .sign(key, { crit: extensionsOf(header) });
}

/**
 * Checks a token and gives its claims. Throws a `RangeError` for one that is expired or not yet valid, an `Error`
 * for every other fault. As djwt does, it looks at the claims before the signature, asks for no `exp`, and leaves
 * the header's `crit` to the caller.
 */
export async function verify<PayloadType extends Payload>(
  jwt: string,
  key: CryptoKey,
  options: VerifyOptions = {},
): Promise<PayloadType> {
  const [header, payload] = decode(jwt);
  if (!isObject(header) || typeof header.alg !== "string") {
    throw new Error("The jwt's 'alg' header parameter value must be a string.");
  }
  if (!isObject(payload)) throw new Error("The jwt claims set is not a JSON object.");
  checkTiming(payload, options);
  if (options.audience !== undefined) checkAudience(payload.aud, options.audience);
  requireKeyFor(header.alg, key);
  await requireSignature(jwt, key, header);
  if (!(options.predicates ?? []).every((predicate) => predicate(payload))) {
    throw new Error("The payload does not satisfy all passed predicates.");
  }
  return payload as PayloadType;
}

/** Takes a token apart into header, claims and signature without checking any of them. */
export function decode<PayloadType = unknown>(jwt: string): [unknown, PayloadType, Uint8Array] {
  const parts = jwt.split(".");
  try {
    if (parts.length !== 3 || parts.some((part) => /[^\w-]/.test(part))) throw new TypeError("not a jwt");
    const [header, payload, signature] = parts.map((part) => base64url.decode(part));
    const text = new TextDecoder();
    return [JSON.parse(text.decode(header)), JSON.parse(text.decode(payload)), signature];
  } catch {
    throw new Error("The serialization of the jwt is invalid.");
  }
}

/** Seconds since the Unix epoch, of a date or of so many seconds from now. */
export function getNumericDate(exp: number | Date): number {
  return Math.round((exp instanceof Date ? exp.getTime() : Date.now() + exp * 1000) / 1000);
}

function requireKeyFor(alg: string, key: CryptoKey): void {
  if (alg === "none") throw new Error(`The alg '${alg}' does not allow a key.`);
  if (!key) throw new Error(`The alg '${alg}' demands a key.`);
  const [family, bits] = [alg.slice(0, 2), alg.slice(2)];
  if (!/^(HS|PS|RS)(256|384|512)$|^ES(256|384)$/.test(alg)) {
    throw new Error(`The jwt's alg '${alg}' is not supported.`);
  }
  if (key.algorithm.name !== KEY_NAMES[family] || !hasStrength(key.algorithm, bits)) {
    throw new Error(`The jwt's alg '${alg}' does not match the key's algorithm.`);
  }
}

function hasStrength(algorithm: KeyAlgorithm & { hash?: KeyAlgorithm; namedCurve?: string }, bits: string) {
  return algorithm.hash?.name === `SHA-${bits}` || algorithm.namedCurve === `P-${bits}`;
}

async function requireSignature(jwt: string, key: CryptoKey, header: Record<string, unknown>): Promise<void> {
  try {
    await compactVerify(jwt, key, { crit: extensionsOf(header) });
  } catch (error) {
    if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
    throw new Error("The jwt's signature does not match the verification signature.");
  }
}

/** Declares every extension of the header as known, since djwt lets them all pass. */
function extensionsOf(header: Record<string, unknown>): Record<string, boolean> {
  const names = Array.isArray(header.crit) ? header.crit : [];
  return Object.fromEntries(names.filter((name) => name !== "b64").map((name) => [name, true]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
