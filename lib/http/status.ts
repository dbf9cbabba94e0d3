import type { Connections } from "../connection/connections.ts";
import type { Rooms } from "../chat/rooms.ts";
import type { Store } from "../store/store.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { answerStatus } from "./problem.ts";

/** What the status page looks at. */
export interface StatusParts {
  readonly connections: Connections;
  readonly rooms: Rooms;
  readonly store: Store;
  readonly metrics: Metrics;
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
    const { connections, rooms, store, metrics } = this.#parts;
    switch (path) {
      case "/health": {
        const uptimeMs = Date.now() - this.#startedAt;
        return Response.json({
          status: "ok",
          connections: connections.size,
          rooms: rooms.size,
          store: store.kind,
          uptimeMs,
        });
      }
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
}
