import { type Algorithm, type Header, importSecret } from "./jwt.ts";

/** Finds the key that a token must be signed with. */
export interface Keys {
  /** `undefined` if there is none, or none is known. */
  find(header: Header): Promise<CryptoKey | undefined>;
  /** Whether all keys are known, so that one not found does not exist. */
  readonly areKnown: boolean;
}

const PARAMETERS = {
  RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  PS256: { name: "RSA-PSS", hash: "SHA-256" },
  ES256: { name: "ECDSA", namedCurve: "P-256" },
} as const;

/** One shared secret for all tokens. */
export async function openSecret(secret: string): Promise<Keys> {
  const key = await importSecret(secret);
  return { find: () => Promise.resolve(key), areKnown: true };
}

/**
 * One public key for all tokens.
 *
 * @throws {TypeError} If the text is neither a PEM "PUBLIC KEY" nor a JWK of the algorithm's kind
 */
export async function openPublicKey(text: string, algorithm: Exclude<Algorithm, "HS256">): Promise<Keys> {
  const key = await importPublicKey(text, algorithm);
  return { find: () => Promise.resolve(key), areKnown: true };
}

async function importPublicKey(text: string, algorithm: Exclude<Algorithm, "HS256">): Promise<CryptoKey> {
  try {
    if (text.trimStart().startsWith("{")) return await importJwk(JSON.parse(text), algorithm);
    const base64 = text.replace(/\\n/g, "\n").replace(/-----[A-Z ]+-----/g, "").replace(/\s/g, "");
    const der = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    return await crypto.subtle.importKey("spki", der, PARAMETERS[algorithm], false, ["verify"]);
  } catch (cause) {
    const message = `Cannot read the public key: it must be a PEM "PUBLIC KEY" or a JWK for ${algorithm}`;
    throw new TypeError(message, { cause });
  }
}

/** Imports a public JWK (RFC 7517) for one algorithm, whatever use or operations it names. */
export function importJwk(jwk: JsonWebKey, algorithm: Exclude<Algorithm, "HS256">): Promise<CryptoKey> {
  const { kty, n, e, crv, x, y } = jwk;
  return crypto.subtle.importKey("jwk", { kty, n, e, crv, x, y }, PARAMETERS[algorithm], false, ["verify"]);
}
