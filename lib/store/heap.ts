/** Things of which the first, by an order of their own, can be taken at any time, in O(log n). */
export class Heap<T> {
  readonly #items: T[] = [];
  readonly #isBefore: (a: T, b: T) => boolean;

  constructor(isBefore: (a: T, b: T) => boolean) {
    this.#isBefore = isBefore;
  }

  get first(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    let index = this.#items.push(item) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#isBefore(item, this.#items[parent])) break;
      this.#items[index] = this.#items[parent];
      index = parent;
    }
    this.#items[index] = item;
  }

  /** Takes the first out. */
  pop(): T | undefined {
    const first = this.#items[0];
    const last = this.#items.pop();
    if (last !== undefined && this.#items.length > 0) this.#sink(last);
    return first;
  }

  /** Takes all out, in no order. */
  drain(): T[] {
    return this.#items.splice(0);
  }

  /** Puts the first where it belongs after its order has changed. */
  settle(): void {
    if (this.#items.length > 1) this.#sink(this.#items[0]);
  }

  #sink(item: T): void {
    const items = this.#items;
    let index = 0;
    for (let child; (child = 2 * index + 1) < items.length; index = child) {
      if (child + 1 < items.length && this.#isBefore(items[child + 1], items[child])) child++;
      if (!this.#isBefore(items[child], item)) break;
      items[index] = items[child];
    }
    items[index] = item;
  }
}
