/** The part of `@std/http/file-server` that Parley uses. */
import { extname } from "node:path";
import { contentType } from "./content_type.ts";
import { eTag, ifNoneMatch } from "./etag.ts";

/** How a file is served: the digest of its tag (SHA-256), and its `Deno.stat` where the caller has it already. */
export interface ServeFileOptions {
  etagAlgorithm?: AlgorithmIdentifier;
  fileInfo?: Deno.FileInfo;
}

interface Span {
  start: number;
  /** The last byte, counted in. */
  end: number;
}

const STATUS_TEXT = {
  200: "OK",
  206: "Partial Content",
  304: "Not Modified",
  404: "Not Found",
  405: "Method Not Allowed",
  416: "Range Not Satisfiable",
} as const;

type Status = keyof typeof STATUS_TEXT;

/** Answers a request with a file: GET and HEAD, `ETag` and `Last-Modified`, one range; 404 where there is no file. */
export async function serveFile(
  req: Request,
  filePath: string,
  options: ServeFileOptions = {},
): Promise<Response> {
  await req.body?.cancel();
  if (req.method !== "GET" && req.method !== "HEAD") return plain(405);
  const fileInfo = options.fileInfo ?? await statOf(filePath);
  if (!fileInfo || fileInfo.isDirectory) return plain(404);

  const etag = await eTag(fileInfo, { algorithm: options.etagAlgorithm });
  const headers = describe(filePath, fileInfo, etag);
  if (req.method === "HEAD") {
    headers.set("content-length", `${fileInfo.size}`);
    return respond(200, null, headers);
  }
  if (isFresh(req.headers, fileInfo.mtime, etag)) return respond(304, null, headers);
  return await send(filePath, fileInfo.size, req.headers.get("range"), headers);
}

async function statOf(filePath: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(filePath);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function describe(filePath: string, { mtime }: Deno.FileInfo, etag: string | undefined): Headers {
  const headers = new Headers({ server: "deno", "accept-ranges": "bytes" });
  if (mtime) headers.set("last-modified", mtime.toUTCString());
  if (etag) headers.set("etag", etag);
  const type = contentType(extname(filePath));
  if (type) headers.set("content-type", type);
  return headers;
}

/** RFC 9110 §13.2.2: `If-None-Match` goes before `If-Modified-Since`, which knows whole seconds only. */
function isFresh(asked: Headers, mtime: Date | null, etag: string | undefined): boolean {
  const tags = asked.get("if-none-match");
  if (!ifNoneMatch(tags, etag)) return true;
  const since = asked.get("if-modified-since");
  return tags === null && since !== null && mtime !== null && mtime.getTime() < Date.parse(since) + 1000;
}

async function send(
  filePath: string,
  size: number,
  range: string | null,
  headers: Headers,
): Promise<Response> {
  // A range of an empty file cannot be satisfied; it is ignored, so that clients that always send one get their 200.
  const wanted = range !== null && size > 0 ? parseRange(range, size) : undefined;
  if (wanted && (wanted.end < wanted.start || wanted.start >= size)) {
    headers.set("content-range", `bytes */${size}`);
    return plain(416, headers);
  }
  const span = wanted ?? { start: 0, end: size - 1 };
  headers.set("content-length", `${span.end - span.start + 1}`);
  if (wanted) headers.set("content-range", `bytes ${span.start}-${span.end}/${size}`);
  const file = await Deno.open(filePath);
  if (!wanted) return respond(200, file.readable, headers);
  return respond(206, await readSpan(file, span), headers);
}

/** One range, cut to the size of the file; anything else than one range means the whole file. */
function parseRange(value: string, size: number): Span | undefined {
  const [, start, end] = /^bytes=(\d*)-(\d*)$/.exec(value) ?? [];
  if (start) return { start: Number(start), end: end ? Math.min(Number(end), size - 1) : size - 1 };
  if (end) return { start: Math.max(0, size - Number(end)), end: size - 1 };
  return undefined;
}

async function readSpan(file: Deno.FsFile, { start, end }: Span): Promise<ReadableStream<Uint8Array>> {
  await file.seek(start, Deno.SeekMode.Start);
  let left = end - start + 1;
  return file.readable.pipeThrough(
    new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, controller) {
        controller.enqueue(chunk.subarray(0, left));
        left -= Math.min(left, chunk.length);
        if (left === 0) controller.terminate();
      },
    }),
  );
}

function respond(status: Status, body: ReadableStream<Uint8Array> | null, headers: Headers): Response {
  return new Response(body as BodyInit | null, { status, statusText: STATUS_TEXT[status], headers });
}

function plain(status: Status, headers?: Headers): Response {
  return new Response(STATUS_TEXT[status], { status, statusText: STATUS_TEXT[status], headers });
}
