/**
 * Many deadlines of one length on a single timer, in the order in which they were set.
 *
 * Setting and clearing cost the same however many there are.
 */
export class Alarm<T> implements Disposable {
  readonly #afterMs: number;
  readonly #ring: (item: T) => void;
  readonly #due = new Map<T, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(afterMs: number, ring: (item: T) => void) {
    this.#afterMs = afterMs;
    this.#ring = ring;
  }

  /** Rings for the item once, `afterMs` from now, unless cleared; an item already set keeps its time. */
  set(item: T): void {
    if (this.#due.has(item)) return;
    this.#due.set(item, Date.now() + this.#afterMs);
    this.#timer ??= setTimeout(this.#wake, this.#afterMs);
  }

  clear(item: T): void {
    this.#due.delete(item);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#due.clear();
  }

  readonly #wake = (): void => {
    this.#timer = undefined;
    const now = Date.now();
    for (const [item, due] of this.#due) {
      if (due > now) {
        clearTimeout(this.#timer); // An item that is set again as it rings has set one.
        this.#timer = setTimeout(this.#wake, due - now);
        return;
      }
      this.#due.delete(item);
      this.#ring(item);
    }
  };
}
