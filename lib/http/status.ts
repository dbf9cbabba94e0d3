import type { Connections } from "../connection/connections.ts";
import type { Rooms } from "../chat/rooms.ts";
import type { Store } from "../store/store.ts";
import type { LoopDelay } from "../telemetry/loop_delay.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { answerStatus } from "./problem.ts";
import type { StoreHealth } from "./store_health.ts";

/** What the status page looks at. */
export interface StatusParts {
  readonly connections: Connections;
  readonly rooms: Rooms;
  readonly store: Store;
  readonly metrics: Metrics;
  readonly storeHealth: StoreHealth;
  readonly loopDelay: LoopDelay;
  readonly version: string;
}

/** Says how the server is doing. */
export class Status {
  readonly #parts: StatusParts;
  readonly #startedAt = Date.now();
  #phase: "starting" | "ready" | "draining" = "starting";

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

  /** Answers the status routes, or `undefined` for any other. */
  answer(request: Request, path: string): Response | undefined {
    const page = this.#page(path);
    if (page === undefined) return undefined;
    if (request.method !== "GET" && request.method !== "HEAD") {
      return answerStatus(405, "Method not allowed", { allow: "GET, HEAD" });
    }
    page.headers.set("cache-control", "no-store");
    return page;
  }

  #page(path: string): Response | undefined {
    const { connections, rooms, metrics } = this.#parts;
    switch (path) {
      case "/health":
        return Response.json(this.#describeHealth());
      case "/ready":
        return Response.json({ status: this.#phase }, { status: this.isReady ? 200 : 503 });
      case "/metrics": {
        const headers = { "content-type": "text/plain; version=0.0.4; charset=utf-8" };
        return new Response(metrics.render(), { headers });
      }
      case "/metrics/websocket": {
        const { size } = connections;
        return Response.json({ activeConnections: size, connectedSockets: size, rooms: rooms.size });
      }
    }
  }

  /** Always with 200: a server whose store is in trouble still answers, and restarting it would help nobody. */
  #describeHealth(): object {
    const { connections, rooms, store, storeHealth, loopDelay, version } = this.#parts;
    return {
      status: storeHealth.isTroubled ? "degraded" : "ok",
      connections: connections.size,
      rooms: rooms.size,
      store: store.kind,
      eventLoopDelayMs: Math.round(loopDelay.recentMs * 10) / 10,
      version,
      uptimeMs: Date.now() - this.#startedAt,
    };
  }
}
