import {
  type ParleyClient,
  ParleyError,
  type Room,
  type RoomSummary,
  type Token,
} from "../../static/sdk/mod.ts";
import { TokenIssuer } from "../auth/token_issuer.ts";
import { type Config, type Environment, readConfig } from "../config.ts";
import { within } from "../kit/wait.ts";
import { UsageError } from "./command.ts";

/** The part of a command's help that says how it finds the server and a token. */
export const SIGN_IN_HELP = `  --url      where the server is (default: PARLEY_URL, or this machine at PORT)
  --as       who to be where a token must be made first (default: terminal)

It signs in with PARLEY_TOKEN; without that with a token made with JWT_SECRET; without that as a guest.`;

/** Arguments that every command has which talks to a server. */
export const SIGN_IN_OPTIONS = { url: { type: "string" }, as: { type: "string" } } as const;

/** Where to connect to, and what as. */
export interface SignIn {
  readonly url: URL;
  readonly token: Token;
}

/** Longer than this nobody waits to be out of a room. */
const LEAVING_MS = 2_000;
const TTL_SECONDS = 60 * 60;

/** Finds out where the server is and how to get in. Throws with one sentence where that makes no sense. */
export function signIn(values: { url?: string; as?: string }, environment: Environment): SignIn {
  const url = findServer(values.url ?? (environment("PARLEY_URL") || undefined), environment);
  return { url, token: findToken(url, values.as ?? "terminal", environment) };
}

/** Leaves a room when its use is over, unless we belonged to it before we came. */
export function leaveAsFound(
  client: ParleyClient,
  room: Room,
  before: readonly RoomSummary[],
): AsyncDisposable {
  const wasOurs = before.some(({ roomId }) => roomId === room.roomId);
  return {
    async [Symbol.asyncDispose]() {
      if (wasOurs || client.state.name !== "open") return;
      // Where we are out of it already, nothing is left to do.
      await within(LEAVING_MS, room.leave().catch(() => {}));
    },
  };
}

function findServer(text: string | undefined, environment: Environment): URL {
  if (text === undefined) return addressOf(readConfig(environment));
  const url = URL.parse(text);
  if (url === null || !/^(ws|http)s?:$/.test(url.protocol)) {
    throw new UsageError("--url must be an address like https://chat.example.org");
  }
  if (url.pathname === "/") url.pathname = "/ws";
  return url;
}

function addressOf({ host, port }: Config): URL {
  if (port === 0) throw new UsageError("--url must be given while PORT is 0");
  const name = ({ "0.0.0.0": "127.0.0.1", "::": "[::1]" })[host] ?? (host.includes(":") ? `[${host}]` : host);
  return new URL(`ws://${name}:${port}/ws`);
}

function findToken(url: URL, name: string, environment: Environment): Token {
  const given = environment("PARLEY_TOKEN");
  if (given) return given;
  if (environment("JWT_SECRET") === undefined) return askAsGuest(url, name);
  const { secret, algorithm, maxAgeSeconds, issuer, audience } = readConfig(environment).jwt;
  if (algorithm !== "HS256") {
    throw new UsageError("PARLEY_TOKEN must be set: only HS256 tokens can be made here");
  }
  return async () => {
    const tokens = await TokenIssuer.open(secret!);
    const ttlSeconds = Math.min(TTL_SECONDS, maxAgeSeconds);
    return (await tokens.issue({ userId: name, username: name, ttlSeconds, issuer, audience })).token;
  };
}

/** Gets tokens for one and the same guest, as often as one is needed. */
function askAsGuest(url: URL, username: string): Token {
  const guestKey = crypto.randomUUID();
  const address = new URL("/api/token", url);
  address.protocol = address.protocol.replace("ws", "http");
  return async () => {
    const body = JSON.stringify({ username, guestKey });
    const response = await fetch(address, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    if (response.ok) return (await response.json()).token;
    await response.body?.cancel();
    if (response.status !== 404) throw new Error(`${address.href} answers ${response.status}`);
    throw new ParleyError("forbidden", "The server lets no guests in: set PARLEY_TOKEN, or JWT_SECRET");
  };
}
