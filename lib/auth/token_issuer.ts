import { importSecret, sign } from "./jwt.ts";

/** Whom a new token is to name. */
export interface TokenRequest {
  readonly userId: string;
  readonly username: string;
  readonly ttlSeconds: number;
  readonly role?: "admin";
  readonly rooms?: readonly string[];
  readonly issuer?: string;
  readonly audience?: string;
}

/** A token and when it ends, in milliseconds since the Unix epoch. */
export interface IssuedToken {
  readonly token: string;
  readonly expiresAt: number;
}

/** Makes tokens with a shared secret: for guests, and for trying things out. */
export class TokenIssuer {
  readonly #key: CryptoKey;

  private constructor(key: CryptoKey) {
    this.#key = key;
  }

  static async open(secret: string): Promise<TokenIssuer> {
    return new TokenIssuer(await importSecret(secret));
  }

  async issue(request: TokenRequest): Promise<IssuedToken> {
    const { userId, username, ttlSeconds, role, rooms, issuer, audience } = request;
    const iat = Math.floor(Date.now() / 1000);
    const exp = iat + ttlSeconds;
    const claims = { sub: userId, name: username, role, rooms, iss: issuer, aud: audience, iat, exp };
    const present = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
    return { token: await sign(present, this.#key), expiresAt: exp * 1000 };
  }
}
