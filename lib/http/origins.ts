/** What a page is told that may not, for who runs the server to read. */
export const ORIGIN_REFUSED = "Origin not allowed: ORIGINS must name it";

/** Decides which web pages may talk to this server. */
export class Origins {
  readonly #allowed: ReadonlySet<string>;
  readonly #isLoopback: boolean;

  /**
   * @param allowed The origins that may, or none for the server's own
   * @param isLoopback Whether only this machine is served, so that any other host name is a trick
   */
  constructor(allowed: readonly string[], isLoopback: boolean) {
    this.#allowed = new Set(allowed);
    this.#isLoopback = isLoopback;
  }

  /** Whether a request may go on; one without an origin does not come from a page. */
  allows(headers: Headers): boolean {
    const origin = headers.get("origin");
    if (origin === null || this.#allowed.has("*")) return true;
    if (this.#allowed.size > 0) return this.#allowed.has(origin);
    const own = headers.get("host")?.toLowerCase();
    if (!URL.canParse(origin)) return false;
    const { host, hostname, protocol } = new URL(origin);
    if (protocol !== "http:" && protocol !== "https:" || host !== own) return false;
    // A page whose name was made to point at this machine (DNS rebinding) would look like our own.
    return !this.#isLoopback || isLoopbackName(hostname);
  }
}

/** Whether a host name or address always means this machine. */
export function isLoopbackName(name: string): boolean {
  return name === "localhost" || name.endsWith(".localhost") || name === "[::1]" || name === "::1" ||
    /^127(\.\d+){3}$/.test(name);
}
