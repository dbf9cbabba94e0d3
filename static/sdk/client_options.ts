import type { BackoffOptions } from "./backoff.ts";
import { IndexedDbStore } from "./indexed_db_store.ts";
import { MemoryStore } from "./memory_store.ts";
import type { Token } from "./tokens.ts";
import type { UnsentStore } from "./unsent_store.ts";

const ANSWER_TIMEOUT_MS = 10_000;

/** How a `ParleyClient` is made; only `url` and `token` are needed. */
export type ParleyClientOptions = {
  /** Where the server is: `ws(s):` or `http(s):`, in a page also relative to it. */
  url: string | URL;
  /** Who we are. A function is asked for each new connection that needs a token, and again when one ends. */
  token: Token;
  /** Where unsent messages wait. @default IndexedDB in a browser, memory elsewhere */
  storage?: UnsentStore;
  /** Names this user's unsent messages in the storage. @default the server's host and the user's id */
  userKey?: string;
  /** @default the platform's */
  WebSocket?: typeof WebSocket;
  /** After so long without an answer a message is sent again, under the same `id`. @default 10 000 */
  ackTimeoutMs?: number;
  /** After so long without an answer a command is given up. @default 10 000 */
  commandTimeoutMs?: number;
  /** Waits are random below a ceiling that doubles from `baseMs` to `capMs`. @default 500, 30 000, Infinity */
  backoff?: BackoffOptions & { maxAttempts?: number };
  /** From 0 to 1, as `Math.random`. */
  random?: () => number;
  /** Milliseconds since the epoch, as `Date.now`. */
  now?: () => number;
};

type Settled = ParleyClientOptions & Required<Omit<ParleyClientOptions, "userKey">> & { url: URL };

/** The options with what was left out; throws a `TypeError` if the address cannot be one, or the token is missing. */
export function withDefaults(options: ParleyClientOptions): Settled {
  if (typeof options.token !== "string" && typeof options.token !== "function") {
    throw new TypeError(
      `Cannot connect: the token must be a string or a function, and is ${typeof options.token}`,
    );
  }
  return {
    token: options.token,
    userKey: options.userKey,
    url: socketUrl(options.url),
    storage: options.storage ?? (globalThis.indexedDB ? new IndexedDbStore() : new MemoryStore()),
    WebSocket: options.WebSocket ?? WebSocket,
    ackTimeoutMs: options.ackTimeoutMs ?? ANSWER_TIMEOUT_MS,
    commandTimeoutMs: options.commandTimeoutMs ?? ANSWER_TIMEOUT_MS,
    backoff: options.backoff ?? {},
    random: options.random ?? Math.random,
    now: options.now ?? (() => Date.now()),
  };
}

function socketUrl(url: string | URL): URL {
  const address = new URL(url, globalThis.location?.href);
  if (address.protocol === "http:") address.protocol = "ws:";
  if (address.protocol === "https:") address.protocol = "wss:";
  if (address.protocol !== "ws:" && address.protocol !== "wss:") {
    throw new TypeError(`Cannot connect to "${address.origin}": the protocol must be ws, wss, http or https`);
  }
  address.hash = "";
  return address;
}
