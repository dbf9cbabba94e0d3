/** Remembers a value for each of the keys that were set last, and forgets the one that was set longest ago. */
export class RecentMap<K, V> {
  readonly #capacity: number;
  /** In the order in which they were set. */
  readonly #values = new Map<K, V>();

  /** @param capacity How many keys are remembered */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#values.size;
  }

  get(key: K): V | undefined {
    return this.#values.get(key);
  }

  set(key: K, value: V): void {
    this.#values.delete(key);
    this.#values.set(key, value);
    if (this.#values.size > this.#capacity) this.#values.delete(this.#values.keys().next().value!);
  }

  delete(key: K): boolean {
    return this.#values.delete(key);
  }

  /** The one that was set longest ago first. */
  values(): Iterable<V> {
    return this.#values.values();
  }
}
