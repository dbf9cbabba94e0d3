import { Refusal } from "../protocol/codes.ts";
import { ORIGIN_REFUSED, type Origins } from "./origins.ts";
import { answerRefusal } from "./problem.ts";

const METHODS = "GET, HEAD, POST";
const HEADERS = "authorization, content-type, range";
/** What a script may read of an answer beside its body. */
const EXPOSED = "content-disposition, content-range, retry-after, www-authenticate";
/** How long a browser need not ask again, in seconds: none of them keeps it for longer. */
const MAX_AGE = "7200";

/**
 * Lets scripts of other origins call the server: the same origins that may open a socket (Fetch standard, CORS).
 *
 * No answer lets a browser add what it keeps, like cookies: callers say who they are in a header of their own.
 */
export class Cors {
  readonly #origins: Origins;

  constructor(origins: Origins) {
    this.#origins = origins;
  }

  /** Answers a browser's question in advance, and what scripts of other origins may not do; `undefined` for the rest. */
  intercept({ method, headers }: Request): Response | undefined {
    const isAllowed = this.#origins.allows(headers);
    const isQuestion = method === "OPTIONS" && headers.has("origin") &&
      headers.has("access-control-request-method");
    if (!isAllowed && method !== "GET" && method !== "HEAD") {
      return vary(answerRefusal(new Refusal("forbidden", { message: ORIGIN_REFUSED })));
    }
    if (!isQuestion) return undefined;
    const answer = {
      "access-control-allow-origin": headers.get("origin")!,
      "access-control-allow-methods": METHODS,
      "access-control-allow-headers": HEADERS,
      "access-control-max-age": MAX_AGE,
    };
    return vary(new Response(null, { status: 204, headers: answer }));
  }

  /** Adds to an answer what lets a script of an allowed origin read it. */
  share({ headers: asked }: Request, response: Response): Response {
    const origin = asked.get("origin");
    if (origin !== null && this.#origins.allows(asked)) {
      response.headers.set("access-control-allow-origin", origin);
      response.headers.set("access-control-expose-headers", EXPOSED);
    }
    return vary(response);
  }
}

/** Who keeps answers must not give one origin's to another. */
function vary(response: Response): Response {
  response.headers.append("vary", "origin");
  return response;
}
