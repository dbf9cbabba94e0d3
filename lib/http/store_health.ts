/** A failure is no sign of how things are after this. */
const RECENT_MS = 60_000;

/** Whether the store takes messages, as far as the last ones tell. */
export class StoreHealth {
  #failedAt = -Infinity;

  /** Whether messages were refused lately, and none has been taken since. */
  get isTroubled(): boolean {
    return Date.now() - this.#failedAt < RECENT_MS;
  }

  appended(): void {
    this.#failedAt = -Infinity;
  }

  failed(): void {
    this.#failedAt = Date.now();
  }
}
