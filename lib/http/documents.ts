import type { RouteDescription } from "./api_route.ts";
import { makeAsyncApi } from "./asyncapi.ts";
import { makeOpenApi } from "./openapi.ts";
import { answerStatus } from "./problem.ts";

/** The documents that describe the server to programs; each is written when it is first asked for. */
export class Documents {
  readonly #writers: ReadonlyMap<string, () => object>;
  readonly #written = new Map<string, string>();

  constructor(routes: readonly RouteDescription[], version: string) {
    this.#writers = new Map<string, () => object>([
      ["/openapi.json", () => makeOpenApi(routes, version)],
      ["/asyncapi.json", () => makeAsyncApi(version)],
    ]);
  }

  /** Answers a request for a document, or `undefined` for any other. */
  answer(request: Request, path: string): Response | undefined {
    const writer = this.#writers.get(path);
    if (writer === undefined) return undefined;
    if (request.method !== "GET" && request.method !== "HEAD") {
      return answerStatus(405, "Method not allowed", { allow: "GET, HEAD" });
    }
    let text = this.#written.get(path);
    if (text === undefined) this.#written.set(path, text = JSON.stringify(writer(), null, 2));
    return new Response(text, {
      headers: { "content-type": "application/json", "cache-control": "no-cache" },
    });
  }
}
