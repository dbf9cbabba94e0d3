import { Buffer } from "node:buffer";
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";

/** A fraction of a second and 16 MiB a hash: OWASP asks for N = 2^17 at least, or 2^14 with p = 5. */
const COST = { N: 2 ** 14, r: 8, p: 5, maxmem: 64 << 20 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Hashes are made by threads of the runtime's pool; more at once would only make all of them slower. */
const MAX_AT_ONCE = 2;

/** Too many passwords are waiting to be hashed: the same call may succeed later. */
export class PasswordsBusy extends Error {
  override readonly name = "PasswordsBusy";
}

/** Hashes passwords with scrypt (RFC 7914), off the event loop and a few at a time. */
export class Passwords {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #maxWaiting: number;

  constructor(maxWaiting = 100) {
    this.#maxWaiting = maxWaiting;
  }

  /** A salted hash to keep in place of the password. */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES);
    const hash = await this.#derive(password, salt);
    return `scrypt$${salt.toString("base64url")}$${hash.toString("base64url")}`;
  }

  /** Whether the password is the one that was hashed; takes the same time either way. */
  async verify(password: string, kept: string): Promise<boolean> {
    const [, salt, hash] = kept.split("$").map((part) => Buffer.from(part, "base64url"));
    return timingSafeEqual(await this.#derive(password, salt), hash);
  }

  async #derive(password: string, salt: Uint8Array): Promise<Buffer> {
    if (this.#running >= MAX_AT_ONCE) {
      if (this.#waiting.length >= this.#maxWaiting) {
        throw new PasswordsBusy("Cannot hash a password: too many are waiting");
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running++;
    try {
      return await new Promise((resolve, reject) =>
        scrypt(password, salt, HASH_BYTES, COST, (error, hash) => error ? reject(error) : resolve(hash))
      );
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }
}
