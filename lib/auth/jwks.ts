import type { Algorithm, Header } from "./jwt.ts";
import { importJwk, type Keys } from "./keys.ts";

/** How long fetched keys are trusted before they are fetched again. */
const FRESH_MS = 10 * 60_000;
/** An unknown key id makes us look again, but not more often than this. */
const RETRY_MS = 30_000;
/** How long the key server may take. */
const TIMEOUT_MS = 5_000;
/** More keys than this are not read. */
const MAX_KEYS = 50;

/**
 * The keys that a key server publishes (RFC 7517), fetched when first needed, kept, and fetched again when they are old
 * or a token names one that is not among them. While the server cannot be reached, known keys stay good.
 */
export class Jwks implements Keys {
  readonly #url: string;
  readonly #algorithm: Exclude<Algorithm, "HS256">;
  #keys = new Map<string | undefined, CryptoKey>();
  #fetchedAt = -Infinity;
  #triedAt = -Infinity;
  #fetching: Promise<void> | undefined;

  constructor(url: string, algorithm: Exclude<Algorithm, "HS256">) {
    this.#url = url;
    this.#algorithm = algorithm;
  }

  async find(header: Header): Promise<CryptoKey | undefined> {
    const id = typeof header.kid === "string" ? header.kid : undefined;
    const now = Date.now();
    const isStale = now - this.#fetchedAt > FRESH_MS;
    if ((isStale || this.#pick(id) === undefined) && now - this.#triedAt > RETRY_MS || this.#fetching) {
      await (this.#fetching ??= this.#fetch().finally(() => this.#fetching = undefined));
    }
    return this.#pick(id);
  }

  get areKnown(): boolean {
    return this.#fetchedAt >= this.#triedAt;
  }

  /** A token that names no key may only mean the one there is. */
  #pick(id: string | undefined): CryptoKey | undefined {
    if (id !== undefined) return this.#keys.get(id);
    return this.#keys.size === 1 ? this.#keys.values().next().value : undefined;
  }

  async #fetch(): Promise<void> {
    this.#triedAt = Date.now();
    try {
      const response = await fetch(this.#url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: "error" });
      if (!response.ok) return void await response.body?.cancel();
      const { keys } = await response.json() as { keys: (JsonWebKey & { kid?: string })[] };
      const found = new Map<string | undefined, CryptoKey>();
      for (const jwk of keys.slice(0, MAX_KEYS)) {
        const key = await importJwk(jwk, this.#algorithm).catch(() => undefined); // A key of another kind.
        if (key !== undefined) found.set(jwk.kid, key);
      }
      if (found.size === 0) return;
      this.#keys = found;
      this.#fetchedAt = Date.now();
    } catch {
      // Known keys stay good; about a token that needs another nothing can be said.
    }
  }
}
