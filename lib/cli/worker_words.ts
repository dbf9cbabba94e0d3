import type { Config } from "../config.ts";
import type { Reading } from "../http/census.ts";
import type { SqliteRole } from "../store/shared_sqlite.ts";

/** What a worker has to know to serve beside others. */
export interface Start {
  /** With a secret, which all workers share. */
  readonly config: Config;
  /** Which of the workers this is, from 0. */
  readonly index: number;
  /** The channel on which the workers of this process tell each other. */
  readonly channel: string;
  /** When the process was started, in milliseconds since the Unix epoch. */
  readonly startedAt: number;
  /** The memory of {@linkcode SharedMemoryLimits}. */
  readonly limits: SharedArrayBuffer;
  /** The memory of {@linkcode SharedTally}, for connections. */
  readonly tally: SharedArrayBuffer;
}

/** Everything that is said to a worker. */
export type Order =
  /** Answered with `opened` or `refused`. */
  | { readonly start: Start }
  /** Answered with `listening` or `refused`. */
  | { readonly listen: number }
  /** Answered with `seen`, of the same number. */
  | { readonly look: number }
  /** What `count` of that number asked for. */
  | { readonly counted: number; readonly readings: readonly Reading[] }
  /** Another node has died. */
  | { readonly lost: string }
  /** A worker of the database has crashed. */
  | { readonly broken: SqliteRole; readonly reason: string }
  /** Answered with `drained`. */
  | { readonly drain: true }
  /** Answered with `closed`. */
  | { readonly close: true };

/** Everything that a worker says. */
export type Report =
  /** Names this life of the worker among the nodes. */
  | { readonly opened: string }
  | { readonly listening: true }
  /** It cannot serve; `isSetting` if a setting is to blame, and the words say which. */
  | { readonly refused: string; readonly isSetting: boolean }
  | { readonly seen: number; readonly reading: Reading }
  /** Asks for the readings of all others. */
  | { readonly count: number; readonly reading: Reading }
  /** Asks for a way to a worker of the database. */
  | { readonly store: SqliteRole; readonly port: MessagePort }
  | { readonly drained: true }
  | { readonly closed: true };
