import type { OpenContent } from "./file_store.ts";

/** So much is read at once, and only when the reader has taken what came before. */
const STEP_BYTES = 128 * 1024;

/** The content of a file on a disk. */
export class DiskContent implements OpenContent {
  readonly #file: Deno.FsFile;

  constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  stream(start: number, end: number): ReadableStream<Uint8Array<ArrayBuffer>> {
    const file = this.#file;
    let position = start;
    return new ReadableStream({
      start: async () => void await file.seek(start, Deno.SeekMode.Start),
      async pull(controller) {
        const buffer = new Uint8Array(Math.min(STEP_BYTES, end - position));
        let count: number | null = null;
        try {
          if (buffer.length > 0) count = await file.read(buffer);
        } finally {
          if (count === null) file.close();
        }
        if (count === null) return controller.close();
        position += count;
        controller.enqueue(buffer.subarray(0, count));
      },
      cancel: () => file.close(),
    }, { highWaterMark: 0 });
  }
}
