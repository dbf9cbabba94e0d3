import { Histogram } from "./histogram.ts";

/** How often it is looked: what holds the loop up for longer than this is always seen. */
const PERIOD_MS = 100;

/**
 * Measures how late the event loop is: how long a timer that is due has to wait until its turn.
 *
 * The runtime's own `monitorEventLoopDelay` does not notice a loop that is held up by code.
 */
export class LoopDelay implements Disposable {
  readonly histogram = new Histogram(
    "parley_event_loop_delay_seconds",
    "How late timers run, looked at ten times a second. Grows when the process has more to do than one core can.",
  );
  readonly #timer = setInterval(() => this.#look(), PERIOD_MS);
  #dueAt = performance.now() + PERIOD_MS;
  #recentMs = 0;

  /** The longest delay of late, in milliseconds; older ones fade within seconds. */
  get recentMs(): number {
    return this.#recentMs;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    const lateMs = Math.max(0, now - this.#dueAt);
    this.#dueAt = now + PERIOD_MS;
    this.histogram.observeMs(lateMs);
    this.#recentMs = Math.max(lateMs, this.#recentMs * 0.95);
  }
}
