/** A failure is no sign of how things are after this. */
const RECENT_MS = 60_000;

/** Whether the store takes messages and lets people in, as far as the last ones tell. */
export class StoreHealth {
  #failedAt = -Infinity;
  #turnedAwayAt = -Infinity;

  /** Whether messages were refused or people turned away lately, and nothing has gone well since. */
  get isTroubled(): boolean {
    return Date.now() - Math.max(this.#failedAt, this.#turnedAwayAt) < RECENT_MS;
  }

  appended(): void {
    this.#failedAt = this.#turnedAwayAt = -Infinity;
  }

  failed(): void {
    this.#failedAt = Date.now();
  }

  /** Somebody was let in, which does not say that messages are taken again. */
  welcomed(): void {
    this.#turnedAwayAt = -Infinity;
  }

  turnedAway(): void {
    this.#turnedAwayAt = Date.now();
  }
}
