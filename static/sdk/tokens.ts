/** Why a token is asked for: for the first connection, because the last one ends, or because it was refused. */
export type TokenReason = "first" | "expired" | "refused";

/**
 * A token, or a function that gets one. The function is asked again when a token has ended or was refused; if it throws
 * a `ParleyError` the client stops, any other error is taken for a passing trouble.
 */
export type Token = string | ((reason: TokenReason) => string | Promise<string>);

// A token this near to its end may end on the way.
const MARGIN_MS = 2_000;

/** The token in hand, and the way to a new one. */
export class Tokens {
  #source: Token;
  #now: () => number;
  #held: string | undefined;
  #needed: TokenReason = "first";
  #asking: Promise<string> | undefined;
  #endsAt = Infinity;
  /** The server's clock less ours. */
  #skewMs = 0;

  constructor(source: Token, now: () => number) {
    this.#source = source;
    this.#now = now;
  }

  /** Whether a new token can be had at all. */
  get renewable(): boolean {
    return typeof this.#source === "function";
  }

  /** The token for a new connection: the one in hand while it lasts, else a new one. */
  get(): Promise<string> {
    if (this.#now() >= this.#endsAt - MARGIN_MS) this.discard("expired");
    return this.#held === undefined ? this.#ask() : Promise.resolve(this.#held);
  }

  /** A new token to take the place of one that ends soon. */
  renew(): Promise<string> {
    this.discard("expired");
    return this.get();
  }

  /** Has the server take a new token on the same connection, if there is one to be had. */
  async replace(authenticate: (token: string) => Promise<{ expiresAt: number }>): Promise<void> {
    if (!this.renewable) return;
    try {
      const { expiresAt } = await authenticate(await this.renew());
      this.accepted(expiresAt);
    } catch {
      // The connection lives on until the old token ends; the next one asks for a token again.
    }
  }

  /** Never gives this token again. A token that cannot be renewed is kept. */
  discard(reason: TokenReason): void {
    if (!this.renewable) return;
    this.#held = undefined;
    this.#needed = reason;
    this.#endsAt = Infinity;
  }

  /** Learns from the server when the token in hand ends, by the server's clock. */
  accepted(expiresAt: number, serverTime?: number): void {
    if (serverTime !== undefined) this.#skewMs = serverTime - this.#now();
    this.#endsAt = expiresAt - this.#skewMs;
  }

  #ask(): Promise<string> {
    this.#asking ??= this.#fetch().finally(() => this.#asking = undefined);
    return this.#asking;
  }

  async #fetch(): Promise<string> {
    const source = this.#source;
    this.#held = typeof source === "string" ? source : await source(this.#needed);
    return this.#held;
  }
}
