import type { Retention, Store } from "./store.ts";

/** What the worker is asked to do: the methods of a store, by name. */
export type Method = Exclude<keyof Store, "kind" | typeof Symbol.asyncDispose>;

/** One call of one method. */
export type Call = { [M in Method]: { readonly method: M; readonly args: Parameters<Store[M]> } }[Method];

/** How a call ended. */
export type Outcome =
  | { readonly value: unknown }
  /** Nothing happened; the same call may succeed later. */
  | { readonly unavailable: string }
  /** The call itself, or the database, is broken. */
  | { readonly failed: string };

/** What the worker is told first. */
export interface OpenRequest {
  readonly file: string;
  readonly retention: Retention;
  readonly busyTimeoutMs: number;
}

/** What each of several isolates that share a worker gets: a port of its own, on which all else is said. */
export interface Connect {
  readonly connect: MessagePort;
}

/** Everything else that is said to the worker. Each is answered once, in order. */
export type Request =
  | { readonly open: OpenRequest }
  /** `now` is the time of the store's clock. */
  | { readonly calls: readonly Call[]; readonly now: number }
  | { readonly close: true };

/** Everything that the worker says. */
export type Answer =
  | { readonly done: true }
  | { readonly refused: string }
  | { readonly outcomes: readonly Outcome[] };

const READS: readonly Method[] = [
  "page",
  "room",
  "rooms",
  "standing",
  "members",
  "banned",
  "invitations",
  "memberships",
  "person",
  "peopleNamed",
  "search",
];

/** Whether a method leaves the database as it is. */
export function isRead(method: Method): boolean {
  return READS.includes(method);
}
