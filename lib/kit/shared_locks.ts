/** So often it is tried at once: what is done under a lock takes well under a microsecond. */
const QUICK_TRIES = 200;
/** Nobody who still runs holds a lock for so long: its owner was ended in the middle. */
const MAX_HELD_MS = 250;
const [FREE, HELD, WAITED_FOR] = [0, 1, 2];

/** Locks in memory that isolates share, for a few instructions each; a dead owner's is taken over. */
export class SharedLocks {
  readonly #words: Int32Array<SharedArrayBuffer>;

  /** @param words One for each lock, 0 to begin with */
  constructor(words: Int32Array<SharedArrayBuffer>) {
    this.#words = words;
  }

  /** Waits for a lock and takes it; what follows must neither wait nor throw before {@linkcode unlock}. */
  lock(index: number): void {
    for (let i = 0; i < QUICK_TRIES; i++) {
      if (Atomics.compareExchange(this.#words, index, FREE, HELD) === FREE) return;
    }
    const giveUpAt = performance.now() + MAX_HELD_MS;
    while (Atomics.exchange(this.#words, index, WAITED_FOR) !== FREE) {
      const leftMs = giveUpAt - performance.now();
      if (leftMs <= 0 || Atomics.wait(this.#words, index, WAITED_FOR, leftMs) === "timed-out") return;
    }
  }

  unlock(index: number): void {
    if (Atomics.exchange(this.#words, index, FREE) === WAITED_FOR) Atomics.notify(this.#words, index, 1);
  }
}
