import type { z } from "zod";
import { Refusal } from "../protocol/codes.ts";
import { StoreUnavailable } from "../store/store.ts";
import type { ApiAccess, Unidentified } from "./api_access.ts";
import { ApiPaths, type Found } from "./api_paths.ts";
import type { ApiAnswer, ApiCall, ApiRoute } from "./api_route.ts";
import { isBare, isCoded, mayBeJson, readBody, refuseIssue } from "./body.ts";
import { answerRefusal } from "./problem.ts";

export interface ApiOptions {
  readonly maxMessageBytes: number;
}

/** What the API asks of the rest. */
export interface ApiSurroundings {
  /** Whether the server takes on new work. */
  isReady(): boolean;
  surprised(stage: string, error: unknown): void;
}

type Said = Omit<ApiCall<Record<string, unknown>, Record<string, unknown>>, "caller">;

/** What is said to callers who are nobody; it tells a forger nothing more. */
const UNIDENTIFIED: Record<Exclude<Unidentified, "unavailable">, string> = {
  missing: "Authentication required: send Authorization: Bearer with the API key or a token",
  invalid: "Invalid token",
  expired: "Token expired",
};

/** The HTTP API: finds the route, and checks who calls, how often, and every word before anything is done. */
export class Api {
  readonly #access: ApiAccess;
  readonly #paths: ApiPaths;
  readonly #options: ApiOptions;
  readonly #surroundings: ApiSurroundings;

  constructor(
    routes: readonly ApiRoute[],
    access: ApiAccess,
    options: ApiOptions,
    surroundings: ApiSurroundings,
  ) {
    this.#access = access;
    this.#paths = new ApiPaths(routes);
    this.#options = options;
    this.#surroundings = surroundings;
  }

  /** Answers a request for anything under `/api/`. */
  async answer(request: Request, url: URL): Promise<Response> {
    try {
      const found = this.#paths.find(request.method, url.pathname);
      return found instanceof Response ? found : await this.#admit(request, url, found);
    } catch (error) {
      const isOutage = error instanceof StoreUnavailable;
      if (!isOutage) this.#surroundings.surprised("api", error);
      return answerRefusal(new Refusal(isOutage ? "unavailable" : "internal"));
    }
  }

  async #admit(request: Request, url: URL, found: Found): Promise<Response> {
    const { access, budget, handle } = found.route;
    const caller = await this.#access.identify(request.headers);
    if (typeof caller === "string") return askForCredentials(caller);
    if (access === "write" && !caller.mayWrite) return answerRefusal(new Refusal("forbidden"));
    const retryAfterMs = await this.#access.take(caller, budget);
    if (retryAfterMs > 0) return answerRefusal(new Refusal("rate_limited", { retryAfterMs }));
    if (access === "write" && !this.#surroundings.isReady()) return answerRefusal(new Refusal("unavailable"));
    if (takesBody(request, found.route)) {
      if (!mayBeJson(request)) return refuseForm("The content type must be application/json");
      if (isCoded(request)) return refuseForm("The body must not be compressed");
    }
    const said = await this.#read(request, url, found);
    if (said instanceof Refusal) return answerRefusal(said);
    const answer = await handle({ ...said, caller });
    return answer instanceof Refusal ? answerRefusal(answer) : write(answer);
  }

  /** Checks everything that a request says. */
  async #read(request: Request, url: URL, { route, target: written }: Found): Promise<Said | Refusal> {
    const target = checkTarget(route, written);
    if (target instanceof Refusal) return target;
    const query = checkQuery(route, url.searchParams);
    if (query instanceof Refusal) return query;
    if (!takesBody(request, route)) return { target, query, body: {} };
    const body = await readBody(request, route.body, this.#options.maxMessageBytes);
    return body instanceof Refusal ? body : { target, query, body };
  }
}

/** Whether there is a body to be read. */
function takesBody(request: Request, route: ApiRoute): route is ApiRoute & { body: z.ZodObject } {
  return route.body !== undefined && !(route.isBodyOptional && isBare(request));
}

function refuseForm(message: string): Response {
  return answerRefusal(new Refusal("bad_request", { message }), { status: 415 });
}

function checkTarget({ target, path }: ApiRoute, written: string): string | Refusal {
  if (target === undefined) return "";
  const name = /\{(\w+)\}/.exec(path)![1];
  try {
    const result = target.safeParse(decodeURIComponent(written));
    return result.success ? result.data : refuseIssue(result.error.issues[0], name);
  } catch {
    return new Refusal("bad_request", { message: `${name} must be percent-encoded UTF-8` });
  }
}

function checkQuery({ query }: ApiRoute, parameters: URLSearchParams): Said["query"] | Refusal {
  if (query === undefined) return {};
  const result = query.safeParse(Object.fromEntries(parameters));
  return result.success ? result.data : refuseIssue(result.error.issues[0]);
}

/** RFC 6750 §3: what is wrong with the credentials stands in the header. */
function askForCredentials(why: Unidentified): Response {
  if (why === "unavailable") return answerRefusal(new Refusal("unavailable"));
  const challenge = why === "missing" ? "Bearer" : 'Bearer error="invalid_token"';
  const refusal = new Refusal("forbidden", { message: UNIDENTIFIED[why] });
  return answerRefusal(refusal, { status: 401, headers: { "www-authenticate": challenge } });
}

function write({ status, body }: ApiAnswer): Response {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return new Response(text, {
    status,
    headers: { "content-type": "application/json", "cache-control": "no-store" },
  });
}
