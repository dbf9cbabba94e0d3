import type { Compressed } from "./compress_worker.ts";

/** Compresses as well as it goes, which takes half a second for a page, in a worker: nobody waits for it. */
export class Compression implements Disposable {
  readonly #worker = new Worker(new URL("./compress_worker.ts", import.meta.url), {
    type: "module",
    name: "compress",
  });
  readonly #ended = Promise.withResolvers<undefined>();

  /** Starts the worker, whose thread is there when this returns. */
  constructor() {
    this.#worker.onerror = (event) => {
      event.preventDefault(); // Else the whole process ends with the worker.
      this.#ended.reject(new Error(`The worker failed: ${event.message}`));
    };
    this.#ended.promise.catch(() => {}); // It is told to who has it run.
  }

  /** Gives every text compressed, in the same order; `undefined` if this was disposed of first. */
  run(texts: readonly Uint8Array<ArrayBuffer>[]): Promise<readonly Compressed[] | undefined> {
    const done = Promise.withResolvers<readonly Compressed[]>();
    this.#worker.onmessage = ({ data }: MessageEvent<readonly Compressed[]>) => done.resolve(data);
    this.#worker.postMessage(texts);
    return Promise.race([done.promise, this.#ended.promise]);
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
    this.#ended.resolve(undefined);
  }
}
