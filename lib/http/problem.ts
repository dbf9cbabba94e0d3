import type { Refusal, RefusalCode } from "../protocol/codes.ts";
import { REFUSALS } from "../protocol/codes.ts";

/** The HTTP status that says the same as a refusal. */
const STATUS: Record<RefusalCode, number> = {
  invalid_json: 400,
  unknown_type: 400,
  bad_request: 400,
  too_large: 413,
  rate_limited: 429,
  room_not_found: 404,
  not_a_member: 403,
  forbidden: 403,
  wrong_password: 403,
  room_exists: 409,
  limit_exceeded: 409,
  user_not_found: 404,
  file_rejected: 422,
  unavailable: 503,
  internal: 500,
};

/** What a problem may add to its refusal. */
export interface ProblemDetails {
  /** Where HTTP has a more exact word than the refusal's own status. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The words of HTTP for statuses that no refusal has for its own. */
const TITLES: Record<number, string> = {
  401: "Unauthorized",
  404: "Not found",
  405: "Method not allowed",
  415: "Unsupported media type",
};

/** Answers with a problem document (RFC 9457) that carries the refusal's code. */
export function answerRefusal(
  { code, message, retryAfterMs }: Refusal,
  details: ProblemDetails = {},
): Response {
  const { status = STATUS[code] } = details;
  const headers: Record<string, string> = { ...details.headers };
  if (retryAfterMs !== undefined) headers["retry-after"] = String(Math.ceil(retryAfterMs / 1000));
  const title = status === STATUS[code] ? REFUSALS[code].message : TITLES[status];
  return answer(status, title, { code, detail: message, retryAfterMs }, headers);
}

/** Answers with a problem document that only says what HTTP says. */
export function answerStatus(status: number, title: string, headers: Record<string, string> = {}): Response {
  return answer(status, title, {}, headers);
}

function answer(status: number, title: string, more: object, headers: Record<string, string>): Response {
  const body = JSON.stringify({ type: "about:blank", title, status, ...more });
  return new Response(body, { status, headers: { ...headers, "content-type": "application/problem+json" } });
}
