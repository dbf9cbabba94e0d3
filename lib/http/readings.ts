import type { History } from "../chat/history.ts";
import type { People } from "../chat/people.ts";
import type { Rooms } from "../chat/rooms.ts";
import type { Connections } from "../connection/connections.ts";
import type { Metric } from "../telemetry/exposition.ts";
import { Gauge, LabelledGauge } from "../telemetry/gauge.ts";
import type { LoopDelay } from "../telemetry/loop_delay.ts";
import type { StoreHealth } from "./store_health.ts";

/** The parts that are looked at when somebody asks how the server is doing. */
export interface ReadParts {
  readonly connections: Connections;
  readonly people: People;
  readonly rooms: Rooms;
  readonly history: History;
  readonly storeHealth: StoreHealth;
  readonly loopDelay: LoopDelay;
  readonly version: string;
  /** When the process was started, in milliseconds since the Unix epoch. */
  readonly startedAt: number;
}

/** Counted by who looks after the workers: here it is only announced. */
export const CRASHES = "parley_worker_crashes_total";

/** What nobody counts because the parts know it anyway: it is read when somebody asks. */
export function makeReadings(parts: ReadParts): Metric[] {
  const { connections, people, rooms, history, storeHealth, loopDelay, version, startedAt } = parts;
  return [
    new Gauge("parley_connections", "Open connections. Grows when people come.", () => connections.size),
    new Gauge(
      "parley_people",
      "People who are connected, counted once by each worker they are connected to. Grows when people come.",
      () => people.size,
    ),
    new Gauge(
      "parley_rooms",
      "Rooms in memory: those with somebody in them or something going on, counted once by each worker. Grows when people spread out.",
      () => rooms.size,
    ),
    new LabelledGauge(
      "parley_recoveries_total",
      "Joins that asked for what was missed, by whether it could be told without a gap. Reset grows when clients stay " +
        "away for longer than the log reaches back; both grow when connections are lost.",
      "result",
      () => history.recoveries,
      "counter",
    ),
    new LabelledGauge(
      "parley_send_buffer_bytes",
      "Bytes handed to connections that have not left yet: all together, and of the one furthest behind. Grows when " +
        "readers or the network are slow.",
      "of",
      () => measureBuffers(connections),
      "gauge",
      ["most"],
    ),
    new Gauge(
      "parley_store_troubled",
      "1 while the store takes no messages or lets nobody in, else 0. Grows when the disk or the database is in trouble.",
      () => Number(storeHealth.isTroubled),
      "gauge",
      true,
    ),
    loopDelay.histogram,
    new Gauge(
      "process_resident_memory_bytes",
      "Memory the process takes. Grows when connections, rooms in memory or unsent bytes grow.",
      () => Deno.memoryUsage().rss,
      "gauge",
      true,
    ),
    new Gauge(
      "process_start_time_seconds",
      "When the process started, in seconds since the Unix epoch. Grows when the process was started again.",
      () => startedAt / 1000,
      "gauge",
      true,
    ),
    new LabelledGauge(
      "parley_info",
      "Always 1; the label says which version runs. Grows when several versions are counted together.",
      "version",
      () => ({ [version]: 1 }),
      "gauge",
      true,
    ),
    new Gauge(
      "parley_workers",
      "Workers that serve. Falls while one that ended is replaced; grows when it is.",
      () => 1,
    ),
    new Gauge(
      CRASHES,
      "Workers that ended or hung, and were replaced. Grows when the server has a bug, or the machine too little memory.",
      () => 0,
      "counter",
    ),
  ];
}

function measureBuffers(connections: Connections): { all: number; most: number } {
  let [all, most] = [0, 0];
  for (const { bufferedBytes } of connections) {
    all += bufferedBytes;
    if (bufferedBytes > most) most = bufferedBytes;
  }
  return { all, most };
}
