import type { Family } from "../telemetry/family.ts";

/** How one worker is doing. */
export interface Reading {
  readonly phase: "starting" | "ready" | "draining";
  /** Whether the store takes no messages, or lets nobody in. */
  readonly isTroubled: boolean;
  readonly connections: number;
  readonly rooms: number;
  readonly eventLoopDelayMs: number;
  readonly families: readonly Family[];
}

/** Knows the other workers of this process. */
export interface Census {
  /** When the process was started, in milliseconds since the Unix epoch. */
  readonly startedAt: number;
  /** How all workers are doing, this one included; also those that are gone, for what they have counted. */
  all(own: Reading): Promise<readonly Reading[]>;
}

/** The census of a process that is one worker. */
export function countAlone(): Census {
  return { startedAt: Date.now(), all: (own) => Promise.resolve([own]) };
}
