import type { Outcome } from "./sqlite_calls.ts";

/** The primary result codes of SQLite that are handled here; see https://sqlite.org/rescode.html. */
export const RESULT = {
  BUSY: 5,
  LOCKED: 6,
  NOMEM: 7,
  READONLY: 8,
  IOERR: 10,
  CORRUPT: 11,
  FULL: 13,
  CANTOPEN: 14,
  PROTOCOL: 15,
  NOTADB: 26,
} as const;

/** After these nothing was stored, and the same call may succeed later. */
const PASSING: readonly (number | undefined)[] = [
  RESULT.BUSY,
  RESULT.LOCKED,
  RESULT.NOMEM,
  RESULT.READONLY,
  RESULT.IOERR,
  RESULT.FULL,
  RESULT.CANTOPEN,
  RESULT.PROTOCOL,
];

/** The primary result code that an error of a prepared statement carries, if it is one. */
export function resultOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") {
    return undefined;
  }
  return error.errcode & 0xff;
}

/** Whether the disk or a lock is to blame, and not the call. */
export function isPassing(error: unknown): boolean {
  return PASSING.includes(resultOf(error));
}

/** How a call ended that threw. */
export function toOutcome(error: unknown): Outcome {
  const message = error instanceof Error ? error.message : String(error);
  return isPassing(error) ? { unavailable: message } : { failed: message };
}
