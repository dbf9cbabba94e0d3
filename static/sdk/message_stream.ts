import { ParleyError } from "./errors.ts";

const MOST_WAITING = 100_000;

/** What comes in, for a `for await` loop; a loop that falls 100 000 items behind ends with an error. */
export class MessageStream<T> implements AsyncIterableIterator<T> {
  #items: T[] = [];
  #next = 0;
  #waiting: PromiseWithResolvers<IteratorResult<T>>[] = [];
  #isOver = false;
  #error: ParleyError | undefined;
  #onEnd: () => void;

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  push(item: T): void {
    if (this.#isOver) return;
    const waiting = this.#waiting.shift();
    if (waiting) waiting.resolve({ value: item, done: false });
    else if (this.#items.push(item) - this.#next > MOST_WAITING) this.#fallBehind();
  }

  /** Ends the loop, after what has come. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onEnd();
    for (const waiting of this.#waiting.splice(0)) waiting.resolve({ value: undefined, done: true });
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#next < this.#items.length) return Promise.resolve({ value: this.#take(), done: false });
    const error = this.#error;
    this.#error = undefined;
    if (error) return Promise.reject(error);
    if (this.#isOver) return Promise.resolve({ value: undefined, done: true });
    const waiting = Promise.withResolvers<IteratorResult<T>>();
    this.#waiting.push(waiting);
    return waiting.promise;
  }

  return(): Promise<IteratorResult<T>> {
    this.#items = [];
    this.#next = 0;
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #take(): T {
    const item = this.#items[this.#next++];
    // What has been read is let go now and then: taking items off the front one by one would be slow.
    if (this.#next === this.#items.length || this.#next === 1_000) {
      this.#items.splice(0, this.#next);
      this.#next = 0;
    }
    return item;
  }

  #fallBehind(): void {
    this.#error = new ParleyError("fell_behind", "The loop is too slow for what comes in");
    this.end();
  }
}
