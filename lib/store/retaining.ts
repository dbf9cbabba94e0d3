import { sleep } from "../kit/wait.ts";
import type { Store } from "./store.ts";

/** How often it is looked whether anything is to be forgotten. */
const EVERY_MS = 60_000;
/** Steps are short, and others come in between. */
const PAUSE_MS = 20;

/** Has a store forget what retention no longer wants, a little at a time, for as long as it is not disposed of. */
export class Retaining implements AsyncDisposable {
  readonly #store: Store;
  readonly #failed: (error: unknown) => void;
  readonly #timer: ReturnType<typeof setInterval>;
  #work: Promise<void> | undefined;
  #isDisposed = false;

  /** @param failed Told of every step that did not succeed; the next one comes with the next look */
  constructor(store: Store, failed: (error: unknown) => void) {
    this.#store = store;
    this.#failed = failed;
    this.#timer = setInterval(
      () => this.#work ??= this.#forget().finally(() => this.#work = undefined),
      EVERY_MS,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    clearInterval(this.#timer);
    await this.#work;
  }

  async #forget(): Promise<void> {
    try {
      while (!this.#isDisposed && await this.#store.retain()) await sleep(PAUSE_MS);
    } catch (error) {
      this.#failed(error);
    }
  }
}
