import type { Log } from "../telemetry/log.ts";
import { describeError } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Api } from "./api.ts";
import type { Documents } from "./documents.ts";
import type { Downloads } from "./downloads.ts";
import type { Guests } from "./guests.ts";
import { wantsUpgrade } from "./handshake.ts";
import { answerStatus } from "./problem.ts";
import { secure } from "./security_headers.ts";
import type { StaticFiles } from "./static_files.ts";
import type { Status } from "./status.ts";
import type { Upgrade } from "./upgrade.ts";

export interface AppParts {
  readonly upgrade: Upgrade;
  readonly status: Status;
  readonly api: Api;
  readonly documents: Documents;
  readonly files: StaticFiles;
  readonly downloads: Downloads;
  /** `undefined` where guests are not let in. */
  readonly guests: Guests | undefined;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** Answers every request; nothing in one may reach the runtime as an exception. */
export class App {
  readonly #parts: AppParts;

  constructor(parts: AppParts) {
    this.#parts = parts;
  }

  readonly fetch = async (request: Request): Promise<Response> => {
    const { metrics, log } = this.#parts;
    try {
      const response = await this.#route(request);
      metrics.answers.add(1, String(response.status));
      return response.status === 101 ? response : secure(response);
    } catch (error) {
      metrics.surprises.add(1, "http");
      metrics.answers.add(1, "500");
      log.error("surprise", { stage: "http", method: request.method, ...describeError(error) });
      return secure(answerStatus(500, "Internal error"));
    }
  };

  async #route(request: Request): Promise<Response> {
    const { upgrade, status, api, documents, files, guests } = this.#parts;
    const url = URL.parse(request.url); // The runtime puts the Host header into it, whatever that holds.
    if (url === null) return answerStatus(400, "Bad request");
    const path = url.pathname;
    if (wantsUpgrade(request.headers) && (path === "/ws" || path === "/")) {
      return status.isReady
        ? upgrade.answer(request, url)
        : answerStatus(503, "Not ready", { "retry-after": "1" });
    }
    if (path === "/ws") {
      return answerStatus(426, "Upgrade required", { upgrade: "websocket", connection: "Upgrade" });
    }
    if (path.startsWith("/files/")) return await this.#parts.downloads.answer(request, url);
    if (path === "/api/token" && guests !== undefined) {
      if (request.method === "POST") return await guests.signIn(request);
      return answerStatus(405, "Method not allowed", { allow: "POST" });
    }
    if (path === "/api" || path.startsWith("/api/")) return await api.answer(request, url);
    return status.answer(request, path) ?? documents.answer(request, path) ??
      await files.serve(request, path) ?? answerStatus(404, "Not found");
  }
}
