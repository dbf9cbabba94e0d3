import type { z } from "zod";
import { Refusal } from "../protocol/codes.ts";

/** What a body is called by curl, fetch and bare sockets if nobody tells them what it is. */
const UNTOLD = ["application/x-www-form-urlencoded", "text/plain", ""];

/** Whether a request says that its body is JSON, or nothing to the contrary. */
export function mayBeJson(request: Request): boolean {
  return isCalledJson(request) || UNTOLD.includes(mediaType(request));
}

/** Whether a request comes without a body: one that is called JSON, and is empty, is no JSON. */
export function isBare(request: Request): boolean {
  return !isCalledJson(request) && (request.headers.get("content-length") ?? "0") === "0";
}

function isCalledJson(request: Request): boolean {
  return mediaType(request) === "application/json";
}

function mediaType({ headers }: Request): string {
  return (headers.get("content-type") ?? "").split(";")[0].trim().toLowerCase();
}

/** Whether a request says that its body is compressed, or coded otherwise. */
export function isCoded({ headers }: Request): boolean {
  return !/^\s*(identity\s*)?$/i.test(headers.get("content-encoding") ?? "");
}

/** Reads a JSON body of bounded size, whatever it is called, and checks it; what is wrong comes back as a refusal. */
export async function readBody<T>(
  request: Request,
  schema: z.ZodType<T>,
  maxBytes: number,
): Promise<T | Refusal> {
  let text: string | undefined;
  try {
    text = await readText(request, maxBytes);
  } catch {
    return new Refusal("bad_request", { message: "the body must come whole, and be UTF-8" });
  }
  if (text === undefined) return new Refusal("too_large");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return new Refusal("invalid_json");
  }
  const result = schema.safeParse(value);
  return result.success ? result.data : refuseIssue(result.error.issues[0]);
}

/** Says which field is wrong, and what is wrong with it; `name` is for what is no field. */
export function refuseIssue({ path, message }: z.core.$ZodIssue, name = "body"): Refusal {
  return new Refusal("bad_request", { message: `${path.join(".") || name} ${message}` });
}

/** The body as text, or `undefined` once it is longer than it may be; rejects if it breaks off or is no text. */
async function readText(request: Request, maxBytes: number): Promise<string | undefined> {
  if (Number(request.headers.get("content-length")) > maxBytes) return undefined;
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
