import type { Connections } from "../connection/connections.ts";
import type { Rooms } from "../chat/rooms.ts";
import type { Store } from "../store/store.ts";
import { addUp, renderFamilies } from "../telemetry/family.ts";
import type { LoopDelay } from "../telemetry/loop_delay.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Census, Reading } from "./census.ts";
import { answerStatus } from "./problem.ts";
import type { StoreHealth } from "./store_health.ts";

/**
 * The phase of several workers together is the first of these that one of them is in: while one is being replaced, new
 * connections go to the others.
 */
const PHASES = ["draining", "ready", "starting"] as const;

/** What the status page looks at. */
export interface StatusParts {
  readonly connections: Connections;
  readonly rooms: Rooms;
  readonly store: Store;
  readonly metrics: Metrics;
  readonly storeHealth: StoreHealth;
  readonly loopDelay: LoopDelay;
  readonly version: string;
  readonly census: Census;
}

/** Says how the server is doing: all of its workers, whichever is asked. */
export class Status {
  readonly #parts: StatusParts;
  #phase: Reading["phase"] = "starting";

  constructor(parts: StatusParts) {
    this.#parts = parts;
  }

  get isReady(): boolean {
    return this.#phase === "ready";
  }

  /** New connections are welcome. */
  ready(): void {
    this.#phase = "ready";
  }

  /** New connections should go elsewhere. */
  drain(): void {
    this.#phase = "draining";
  }

  /** How this worker is doing. */
  read(): Reading {
    const { connections, rooms, storeHealth, loopDelay, metrics } = this.#parts;
    return {
      phase: this.#phase,
      isTroubled: storeHealth.isTroubled,
      connections: connections.size,
      rooms: rooms.size,
      eventLoopDelayMs: Math.round(loopDelay.recentMs * 10) / 10,
      families: metrics.takeDown(),
    };
  }

  /** Answers the status routes, or `undefined` for any other. */
  answer(request: Request, path: string): Promise<Response> | undefined {
    const write = this.#pages.get(path);
    if (write === undefined) return undefined;
    if (request.method !== "GET" && request.method !== "HEAD") {
      return Promise.resolve(answerStatus(405, "Method not allowed", { allow: "GET, HEAD" }));
    }
    return this.#write(write);
  }

  async #write(write: (readings: readonly Reading[]) => Response): Promise<Response> {
    const page = write(await this.#parts.census.all(this.read()));
    page.headers.set("cache-control", "no-store");
    return page;
  }

  readonly #writeReadiness = (readings: readonly Reading[]): Response => {
    const status = PHASES.find((phase) => readings.some((reading) => reading.phase === phase)) ?? "starting";
    return Response.json({ status }, { status: status === "ready" ? 200 : 503 });
  };

  /** Always with 200: a server whose store is in trouble still answers, and restarting it would help nobody. */
  readonly #writeHealth = (readings: readonly Reading[]): Response => {
    const { store, version, census } = this.#parts;
    return Response.json({
      status: readings.some(({ isTroubled }) => isTroubled) ? "degraded" : "ok",
      connections: sum(readings, ({ connections }) => connections),
      rooms: sum(readings, ({ rooms }) => rooms),
      store: store.kind,
      eventLoopDelayMs: Math.max(...readings.map(({ eventLoopDelayMs }) => eventLoopDelayMs)),
      version,
      uptimeMs: Date.now() - census.startedAt,
    });
  };

  readonly #pages = new Map([
    ["/health", this.#writeHealth],
    ["/ready", this.#writeReadiness],
    ["/metrics", writeMetrics],
    ["/metrics/websocket", writeSocketMetrics],
  ]);
}

function writeMetrics(readings: readonly Reading[]): Response {
  const headers = { "content-type": "text/plain; version=0.0.4; charset=utf-8" };
  return new Response(renderFamilies(addUp(readings.map(({ families }) => families))), { headers });
}

function writeSocketMetrics(readings: readonly Reading[]): Response {
  const size = sum(readings, ({ connections }) => connections);
  const rooms = sum(readings, ({ rooms }) => rooms);
  return Response.json({ activeConnections: size, connectedSockets: size, rooms });
}

function sum(readings: readonly Reading[], count: (reading: Reading) => number): number {
  return readings.reduce((total, reading) => total + count(reading), 0);
}
