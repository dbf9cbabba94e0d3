import { SECRET } from "./server.ts";

/** How a token is signed; its header may say something else. */
export interface Signing {
  /** Fields of the header beside, or in place of, `alg` and `typ`. */
  readonly header?: Record<string, unknown>;
  /** The shared test secret, unless given; `null` leaves the signature empty. */
  readonly key?: CryptoKey | null;
}

const PARAMETERS = {
  "HMAC": ["HS256", { name: "HMAC" }],
  "RSASSA-PKCS1-v1_5": ["RS256", { name: "RSASSA-PKCS1-v1_5" }],
  "RSA-PSS": ["PS256", { name: "RSA-PSS", saltLength: 32 }],
  "ECDSA": ["ES256", { name: "ECDSA", hash: "SHA-256" }],
} as const;

const BASE64URL = { alphabet: "base64url", omitPadding: true } as const;

/** A time in whole seconds since the Unix epoch, as claims want it. */
export function inSeconds(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds;
}

/** Imports a shared secret for signing. */
export function importTestSecret(secret = SECRET): Promise<CryptoKey> {
  const bytes = new TextEncoder().encode(secret);
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
}

/** Makes a key pair for one of the algorithms that have one. */
export async function makeKeyPair(algorithm: "RS256" | "PS256" | "ES256"): Promise<CryptoKeyPair> {
  const rsa = { hash: "SHA-256", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
  if (algorithm === "ES256") {
    return await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  }
  const name = algorithm === "RS256" ? "RSASSA-PKCS1-v1_5" : "RSA-PSS";
  return await crypto.subtle.generateKey({ name, ...rsa }, true, ["sign", "verify"]);
}

/** A public key as PEM. */
export async function exportPem(key: CryptoKey): Promise<string> {
  const base64 = new Uint8Array(await crypto.subtle.exportKey("spki", key)).toBase64();
  return `-----BEGIN PUBLIC KEY-----\n${base64.replace(/.{64}/g, "$&\n")}\n-----END PUBLIC KEY-----\n`;
}

/** Signs any claims, right or wrong. */
export async function signToken(claims: Record<string, unknown>, signing: Signing = {}): Promise<string> {
  const key = signing.key === undefined ? await importTestSecret() : signing.key;
  const [alg, parameters] = key === null ? ["none", undefined] : PARAMETERS[key.algorithm.name as "HMAC"];
  const header = { alg, typ: "JWT", ...signing.header };
  const input = [header, claims].map((part) =>
    new TextEncoder().encode(JSON.stringify(part)).toBase64(BASE64URL)
  )
    .join(".");
  if (key === null) return `${input}.`;
  const signature = await crypto.subtle.sign(parameters!, key, new TextEncoder().encode(input));
  return `${input}.${new Uint8Array(signature).toBase64(BASE64URL)}`;
}
