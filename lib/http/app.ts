import { Refusal } from "../protocol/codes.ts";
import { describeError, type Log } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Api } from "./api.ts";
import type { Cors } from "./cors.ts";
import type { Documents } from "./documents.ts";
import type { Downloads } from "./downloads.ts";
import type { Guests } from "./guests.ts";
import { wantsUpgrade } from "./handshake.ts";
import { answerRefusal, answerStatus } from "./problem.ts";
import { secure } from "./security_headers.ts";
import type { StaticFiles } from "./static_files.ts";
import type { Status } from "./status.ts";
import type { Upgrade } from "./upgrade.ts";

export interface AppParts {
  readonly upgrade: Upgrade;
  readonly cors: Cors;
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
    const { upgrade, cors, status, documents, files } = this.#parts;
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
    if (/^\/(api$|api\/|files\/)/.test(path)) {
      return cors.intercept(request) ?? cors.share(request, await this.#call(request, url));
    }
    const told = status.answer(request, path) ?? documents.answer(request, path);
    if (told !== undefined) return told;
    const file = await files.serve(request, path) ?? answerStatus(404, "Not found");
    return path.startsWith("/sdk/") ? cors.share(request, file) : file;
  }

  /** Answers what scripts and programs ask for. */
  async #call(request: Request, url: URL): Promise<Response> {
    const { api, downloads, guests } = this.#parts;
    if (url.pathname.startsWith("/files/")) return await downloads.answer(request, url);
    if (url.pathname !== "/api/token" || guests === undefined) return await api.answer(request, url);
    if (request.method === "POST") return await guests.signIn(request);
    const message = "The method must be one of POST";
    return answerRefusal(new Refusal("bad_request", { message }), {
      status: 405,
      headers: { allow: "POST" },
    });
  }
}
