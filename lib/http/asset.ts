import { ifNoneMatch } from "@std/http/etag";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { encodeHex } from "../kit/hex.ts";
import type { Compressed } from "./compress_worker.ts";

const compressors = { br: promisify(brotliCompress), gzip: promisify(gzip) };
/** The runtime compresses on the event loop: what is done there while people wait must be quick. */
const QUICKLY = { br: { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }, gzip: { level: 6 } };
/** How a text can travel, the smallest first. */
const ENCODINGS = ["br", "gzip"] as const;
type Encoding = typeof ENCODINGS[number];

/** A text of the page: compressed once, when somebody first asks for it or before. */
export class Asset {
  readonly #type: string;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #etag: string;
  readonly #encoded = new Map<Encoding, Promise<Uint8Array<ArrayBuffer>>>();

  private constructor(type: string, bytes: Uint8Array<ArrayBuffer>, etag: string) {
    this.#type = type;
    this.#bytes = bytes;
    this.#etag = etag;
  }

  /** Makes one of a text and its content type. */
  static async make(type: string, text: string): Promise<Asset> {
    const bytes = new TextEncoder().encode(text);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes), 0, 12);
    return new Asset(type, bytes, `W/"${encodeHex(digest)}"`);
  }

  /** What it holds, not compressed. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  /** Takes what was compressed elsewhere, where it could take longer and so become smaller. */
  take(compressed: Compressed): void {
    for (const encoding of ENCODINGS) this.#encoded.set(encoding, Promise.resolve(compressed[encoding]));
  }

  /** Answers a GET or HEAD: with nothing new, or in the smallest encoding that is accepted. */
  async answer({ method, headers }: Request): Promise<Response> {
    const answer = new Headers({ etag: this.#etag, "content-type": this.#type, vary: "Accept-Encoding" });
    if (!ifNoneMatch(headers.get("if-none-match"), this.#etag)) {
      return new Response(null, { status: 304, headers: answer });
    }
    const encoding = pickEncoding(headers.get("accept-encoding") ?? "");
    if (encoding !== undefined) answer.set("content-encoding", encoding);
    const body = encoding === undefined ? this.#bytes : await this.#encode(encoding);
    answer.set("content-length", String(body.length));
    return new Response(method === "HEAD" ? null : body, { headers: answer });
  }

  #encode(encoding: Encoding): Promise<Uint8Array<ArrayBuffer>> {
    let encoded = this.#encoded.get(encoding);
    if (encoded === undefined) {
      encoded = compressors[encoding](this.#bytes, QUICKLY[encoding]).then((buffer) =>
        new Uint8Array(buffer)
      );
      this.#encoded.set(encoding, encoded);
    }
    return encoded;
  }
}

/** RFC 9110 §12.5.3, as far as it is used: what is named without a weight of 0. */
function pickEncoding(accepted: string): Encoding | undefined {
  const named = accepted.toLowerCase().split(",").map((entry) => entry.trim())
    .filter((entry) => !/;\s*q=0(\.0*)?$/.test(entry)).map((entry) => entry.split(";")[0].trim());
  return ENCODINGS.find((encoding) => named.includes(encoding));
}
