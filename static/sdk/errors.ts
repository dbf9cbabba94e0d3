import type { ErrorMessage } from "./types.ts";

/**
 * A refusal. `code` is the server's (`forbidden`, `rate_limited`, …) or one of the library's own: `timeout` (no answer
 * in time), `disconnected` (the connection was lost before the answer), `closed` (the client has stopped), `discarded`
 * (a message taken back before it was kept), `cancelled`, `file_too_large`, `file_unreadable` (of files),
 * `unexpected_reply`.
 */
export class ParleyError extends Error {
  override readonly name = "ParleyError";
  readonly code: string;
  /** How long to wait before the same can work, in milliseconds. */
  readonly retryAfterMs?: number;
  readonly roomId?: string;

  constructor(code: string, message: string, about: { retryAfterMs?: number; roomId?: string } = {}) {
    super(message);
    this.code = code;
    this.retryAfterMs = about.retryAfterMs;
    this.roomId = about.roomId;
  }

  /** The error that a server's `error` message speaks of. */
  static from(message: ErrorMessage): ParleyError {
    return new ParleyError(message.code, message.message, message);
  }
}

const PASSING = new Set(["unavailable", "timeout", "disconnected"]);

/** Whether the same command, sent again later, may well succeed. */
export function isPassing(error: unknown): boolean {
  return error instanceof ParleyError && PASSING.has(error.code);
}
