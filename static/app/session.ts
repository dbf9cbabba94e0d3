import { newId } from "../sdk/mod.ts";
import { recall, remember } from "./remembered.ts";

/**
 * Who is signed in on this tab. A guest's unsent messages are kept under `queueKey`, which stays the same when the
 * server has forgotten the guest and gives a new id.
 */
export type Session = {
  token: string;
  guest: boolean;
  userId?: string;
  username?: string;
  queueKey?: string;
  /** What makes a guest the same person again after the server has forgotten them. */
  guestKey?: string;
};

/** Why a guest could not come in; `code` is the server's, or `guests_off`, or `unreachable`. */
export class SignInError extends Error {
  readonly code: string;
  readonly retryAfterMs: number | undefined;

  constructor(code: string, message: string, retryAfterMs?: number) {
    super(message);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The session of this tab, kept across reloads. */
export function loadSession(): Session | undefined {
  try {
    const kept: unknown = JSON.parse(recall("tab", "session") ?? "null");
    return isSession(kept) ? kept : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps the session for this tab only, so that another tab can be someone else. */
export function saveSession(session: Session): void {
  remember("tab", "session", JSON.stringify(session));
  if (session.username !== undefined) remember("browser", "name", session.username);
}

/** Forgets the session of this tab. */
export function forgetSession(): void {
  remember("tab", "session", undefined);
}

/** The name last used in this browser. */
export function lastName(): string {
  return recall("browser", "name") ?? "";
}

/** Asks the server for a guest's token, for the same guest if the key is the same; throws `SignInError`. */
export async function signInAsGuest(username: string, guestKey: string = newId()): Promise<Session> {
  const response = await fetch(new URL("api/token", document.baseURI), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username, guestKey }),
  }).catch(() => {
    throw new SignInError("unreachable", "The server cannot be reached");
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw refusal(response, answer);
  const session = { ...(answer as object), guest: true };
  if (!isSession(session)) throw new SignInError("internal", "The server's answer holds no token");
  const { token, userId, username: name } = session;
  return { token, guest: true, userId, username: name, queueKey: userId, guestKey };
}

/** What a token says about its bearer, unchecked: only the server knows whether it is true. */
export function readToken(token: string): { userId?: string; username?: string } | undefined {
  try {
    const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(payload), (sign) => sign.charCodeAt(0));
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof claims !== "object" || claims === null) return undefined;
    const said = claims as Record<string, unknown>;
    return { userId: text(said.sub ?? said.userId), username: text(said.name ?? said.username) };
  } catch {
    return undefined;
  }
}

function refusal(response: Response, answer: unknown): SignInError {
  if (response.status === 404) return new SignInError("guests_off", "This server takes no guests");
  const problem = (answer ?? {}) as Record<string, unknown>;
  const code = text(problem.code) ?? (response.status === 429 ? "rate_limited" : "internal");
  const message = text(problem.detail) ?? text(problem.message) ?? text(problem.title) ??
    `HTTP ${response.status}`;
  const waitSeconds = Number(response.headers.get("retry-after")) || undefined;
  const waitMs = typeof problem.retryAfterMs === "number" ? problem.retryAfterMs : undefined;
  return new SignInError(code, message, waitMs ?? (waitSeconds && waitSeconds * 1000));
}

function isSession(value: unknown): value is Session {
  return typeof value === "object" && value !== null && "token" in value && typeof value.token === "string" &&
    "guest" in value && typeof value.guest === "boolean";
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
