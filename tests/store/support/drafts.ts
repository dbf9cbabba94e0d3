import type { Draft, Retention } from "../../../lib/store/store.ts";

/** Forgets nothing. */
export const UNLIMITED: Retention = { historyLimit: Infinity, historyMaxAgeMs: Infinity };

/** A range of everything. */
export const WHOLE = { limit: 10_000, maxLength: Infinity };

/** A message from Ann in room `a`. */
export function draft(id: string, more: Partial<Draft> = {}): Draft {
  return {
    id,
    roomId: "a",
    userId: "ann",
    username: "Ann",
    content: id,
    timestamp: 1_790_000_000_000,
    ...more,
  };
}
