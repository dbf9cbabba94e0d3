import { brotliCompressSync, constants, gzipSync } from "node:zlib";

/** A text in every way it can travel. */
export interface Compressed {
  readonly br: Uint8Array<ArrayBuffer>;
  readonly gzip: Uint8Array<ArrayBuffer>;
}

/** What is used of the worker's own global scope. */
interface Scope {
  onmessage: (event: MessageEvent<readonly Uint8Array<ArrayBuffer>[]>) => void;
  postMessage(compressed: readonly Compressed[]): void;
}

const scope = globalThis as unknown as Scope;
scope.onmessage = ({ data }) => scope.postMessage(data.map(compress));

function compress(bytes: Uint8Array<ArrayBuffer>): Compressed {
  const params = {
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  return {
    br: new Uint8Array(brotliCompressSync(bytes, { params })),
    gzip: new Uint8Array(gzipSync(bytes, { level: 9 })),
  };
}
