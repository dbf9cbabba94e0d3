import { createHash, type Hash } from "node:crypto";

/** So much is read, and hashed, at once: well under a millisecond of work, with everything else in between. */
const STEP_BYTES = 256 * 1024;

/**
 * The SHA-256 of a file that grows.
 *
 * What is written from the first byte on is hashed as it comes. Of a file that was begun earlier everything is read
 * back, once, when the hash is asked for: an upload that is cut off twenty times is not read twenty times.
 */
export class RunningHash {
  readonly #path: string;
  readonly #hash: Hash = createHash("sha256");
  #hashed = 0;
  #written: number;

  /** For a file that holds `written` bytes so far. */
  constructor(path: string, written: number) {
    this.#path = path;
    this.#written = written;
  }

  /** Takes bytes that were just written behind all others. */
  add(bytes: Uint8Array): void {
    if (this.#hashed === this.#written) {
      this.#hash.update(bytes);
      this.#hashed += bytes.length;
    }
    this.#written += bytes.length;
  }

  /** The hash of everything, as hexadecimal digits; can be asked for once only. */
  async digest(): Promise<string> {
    if (this.#hashed < this.#written) await this.#readBack();
    return this.#hash.digest("hex");
  }

  async #readBack(): Promise<void> {
    using file = await Deno.open(this.#path);
    const buffer = new Uint8Array(STEP_BYTES);
    while (this.#hashed < this.#written) {
      const count = await file.read(buffer.subarray(0, Math.min(STEP_BYTES, this.#written - this.#hashed)));
      if (count === null) throw new Error("Cannot hash an upload: it is shorter than it was");
      this.#hash.update(buffer.subarray(0, count));
      this.#hashed += count;
    }
  }
}
