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

/** Answers with a problem document (RFC 9457) that carries the refusal's code. */
export function answerRefusal({ code, message, retryAfterMs }: Refusal): Response {
  const headers: Record<string, string> = retryAfterMs === undefined
    ? {}
    : { "retry-after": String(Math.ceil(retryAfterMs / 1000)) };
  return answer(STATUS[code], REFUSALS[code].message, { code, detail: message, retryAfterMs }, headers);
}

/** Answers with a problem document that only says what HTTP says. */
export function answerStatus(status: number, title: string, headers: Record<string, string> = {}): Response {
  return answer(status, title, {}, headers);
}

function answer(status: number, title: string, more: object, headers: Record<string, string>): Response {
  const body = JSON.stringify({ type: "about:blank", title, status, ...more });
  return new Response(body, { status, headers: { ...headers, "content-type": "application/problem+json" } });
}
