import type { TokenVerifier } from "../auth/token_verifier.ts";
import type { SharedFiles } from "../chat/shared_files.ts";
import type { FileLinks } from "../files/file_links.ts";
import { type FileRecord, type FileStore, FilesUnavailable } from "../files/file_store.ts";
import { Refusal } from "../protocol/codes.ts";
import { StoreUnavailable } from "../store/store.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { type ByteRange, readRange } from "./byte_range.ts";
import { contentDisposition } from "./content_disposition.ts";
import { readBearer } from "./credentials.ts";
import { mediaTypeOf } from "./media_types.ts";
import { answerRefusal, answerStatus } from "./problem.ts";

export interface DownloadsParts {
  readonly files: FileStore;
  readonly links: FileLinks;
  readonly shared: SharedFiles;
  readonly verifier: TokenVerifier;
  readonly metrics: Metrics;
}

const PATH = /^\/files\/([0-9a-f]{32})$/;
/** What a stranger sent may run nothing, load nothing, and has no origin. */
const POLICY = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox";
/** A link stays the same for a while, so what it led to may be kept as long; who asks with a token is checked each time. */
const LINKED_CACHE = "private, max-age=900, no-transform";
const BEARER_CACHE = "private, no-cache, no-transform";

/** Hands files out to whoever belongs to a room that holds them. */
export class Downloads {
  readonly #parts: DownloadsParts;

  constructor(parts: DownloadsParts) {
    this.#parts = parts;
  }

  /** `GET` or `HEAD` of `/files/<fileId>`; what one may not see is not there. */
  async answer(request: Request, url: URL): Promise<Response> {
    const response = await this.#tryToAnswer(request, url);
    this.#count(request, response);
    return response;
  }

  #count({ method }: Request, { status, headers }: Response): void {
    const { downloads, downloadBytes } = this.#parts.metrics;
    if (status >= 400) return downloads.add(1, "none");
    if (status === 304 || method === "HEAD") return downloads.add(1, "check");
    downloads.add(1, status === 206 ? "part" : "whole");
    downloadBytes.add(Number(headers.get("content-length")));
  }

  async #tryToAnswer(request: Request, url: URL): Promise<Response> {
    if (request.method !== "GET" && request.method !== "HEAD") {
      return answerStatus(405, "Method not allowed", { allow: "GET, HEAD" });
    }
    try {
      return await this.#answer(request, url);
    } catch (error) {
      if (error instanceof FilesUnavailable || error instanceof StoreUnavailable) {
        return answerRefusal(new Refusal("unavailable"));
      }
      throw error;
    }
  }

  async #answer(request: Request, url: URL): Promise<Response> {
    const { files, links, shared, verifier } = this.#parts;
    const fileId = PATH.exec(url.pathname)?.[1] ?? "";
    const isLinked = links.isGood(fileId, url.searchParams);
    const token = readBearer(request.headers);
    const identity = isLinked || token === undefined ? "invalid" : await verifier.verify(token);
    if (!isLinked && typeof identity === "string") {
      return answerStatus(401, "Unauthorized", { "www-authenticate": "Bearer" });
    }
    const record = await files.find(fileId);
    if (record === undefined) return answerStatus(404, "Not found");
    if (typeof identity !== "string" && !await shared.mayRead(identity, record)) {
      return answerStatus(404, "Not found");
    }
    return await this.#send(request, record, isLinked ? LINKED_CACHE : BEARER_CACHE);
  }

  async #send({ method, headers: asked }: Request, record: FileRecord, cache: string): Promise<Response> {
    const { fileId, size, name, mime } = record;
    const { type, isShown } = mediaTypeOf(mime);
    const etag = `"${fileId}"`; // What is in a file never changes.
    const headers = new Headers({
      etag,
      "accept-ranges": "bytes",
      "cache-control": cache,
      vary: "authorization",
      "content-security-policy": POLICY,
    });
    if (matches(asked.get("if-none-match"), etag)) return new Response(null, { status: 304, headers });
    const condition = asked.get("if-range");
    const wanted = method === "GET" && (condition === null || condition === etag) ? asked.get("range") : null;
    const range = readRange(wanted, size);
    if (range === "unsatisfiable") {
      return answerStatus(416, "Range not satisfiable", { "content-range": `bytes */${size}` });
    }
    const { start, end }: ByteRange = range ?? { start: 0, end: size };
    headers.set("content-type", type);
    headers.set("content-disposition", contentDisposition(isShown ? "inline" : "attachment", name));
    headers.set("content-length", String(end - start));
    if (range !== undefined) headers.set("content-range", `bytes ${start}-${end - 1}/${size}`);
    if (method === "HEAD") return new Response(null, { headers });
    const content = await this.#parts.files.open(fileId);
    if (content === undefined) return answerStatus(404, "Not found");
    return new Response(content.stream(start, end), { status: range === undefined ? 200 : 206, headers });
  }
}

/** Whether a list of entity tags names this one (RFC 9110 §13.1.2, weak comparison). */
function matches(list: string | null, etag: string): boolean {
  return (list ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, "")).some((tag) =>
    tag === "*" || tag === etag
  );
}
