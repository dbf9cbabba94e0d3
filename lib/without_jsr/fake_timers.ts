interface Timer {
  callback: (...args: unknown[]) => unknown;
  args: unknown[];
  dueMs: number;
  /** Set for intervals. */
  periodMs?: number;
}

/** The timers of a clock that is moved by hand. */
export class FakeTimers {
  /** In the order they were set: of two that are due at the same time, the older runs first. */
  #timers = new Map<number, Timer>();
  #lastId = 0;
  #now: number;

  constructor(startMs: number) {
    this.#now = startMs;
  }

  /** Milliseconds since the epoch. */
  get now(): number {
    return this.#now;
  }

  /** Sets a timer and gives its id. A delay is at least 0 ms, a period at least 1 ms. */
  add(callback: Timer["callback"], delayMs = 0, args: unknown[], repeats: boolean): number {
    const ms = Math.max(repeats ? 1 : 0, Math.floor(delayMs));
    const id = ++this.#lastId;
    this.#timers.set(id, { callback, args, dueMs: this.#now + ms, periodMs: repeats ? ms : undefined });
    return id;
  }

  /** Forgets a timer; unknown ids are ignored. */
  remove(id: unknown): void {
    this.#timers.delete(id as number);
  }

  /** When the next timer is due. */
  nextDue(): number | undefined {
    return this.#next()?.[1].dueMs;
  }

  /** Moves on, running what is due until then; stops at a callback that throws. */
  advanceTo(timeMs: number): void {
    for (let next = this.#next(); next && next[1].dueMs <= timeMs; next = this.#next()) {
      const [id, timer] = next;
      this.#now = timer.dueMs;
      this.#timers.delete(id);
      if (timer.periodMs !== undefined) {
        this.#timers.set(id, { ...timer, dueMs: timer.dueMs + timer.periodMs });
      }
      timer.callback.apply(null, timer.args);
    }
    this.#now = timeMs;
  }

  #next(): [number, Timer] | undefined {
    let first: [number, Timer] | undefined;
    for (const entry of this.#timers) {
      if (!first || entry[1].dueMs < first[1].dueMs) first = entry;
    }
    return first;
  }
}
