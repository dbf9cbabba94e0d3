import { describeError, type Log } from "../telemetry/log.ts";
import type { FileStore } from "./file_store.ts";

/** How often abandoned uploads are looked for. */
const INTERVAL_MS = 60 * 60 * 1000;

/** Clears away what nobody went on with: at the start, and every hour. */
export class Sweeper implements AsyncDisposable {
  readonly #files: FileStore;
  readonly #log: Log;
  readonly #timer: ReturnType<typeof setInterval>;
  #sweeping: Promise<void>;

  constructor(files: FileStore, log: Log) {
    this.#files = files;
    this.#log = log;
    this.#sweeping = this.#sweep();
    this.#timer = setInterval(() => this.#sweeping = this.#sweep(), INTERVAL_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#sweeping;
  }

  async #sweep(): Promise<void> {
    try {
      await this.#files.sweep(Date.now());
    } catch (error) {
      this.#log.warn("sweep_failed", describeError(error));
    }
  }
}
