/** Runs tasks of one name one after another, and those of different names side by side. */
export class Lanes {
  readonly #ends = new Map<string, Promise<void>>();

  /** Runs a task once all earlier ones of its name are done; its outcome is the caller's. */
  async run<T>(name: string, task: () => Promise<T>): Promise<T> {
    const before = this.#ends.get(name);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ends.set(name, promise);
    try {
      await before;
      return await task();
    } finally {
      if (this.#ends.get(name) === promise) this.#ends.delete(name);
      resolve();
    }
  }

  /** Resolves once nothing is running any more. */
  async idle(): Promise<void> {
    while (this.#ends.size > 0) await Promise.all(this.#ends.values());
  }
}
