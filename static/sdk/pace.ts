import { ParleyError } from "./errors.ts";
import { MAX_TIMER_MS } from "./delay.ts";

const FIRST_WINDOW = 8;
const WIDEST_WINDOW = 16;
/** How many must succeed after a refusal before more than one goes at once: too many errors end the connection. */
const CAUTION = 8;
const USUAL_PAUSE_MS = 1_000;

/** What is allowed 50 times in 10 s, as a server does if nothing else was said, is met by no refusal at this pace. */
export const JOINS_APART_MS = 250;

type Turn = { resolve(): void; reject(error: ParleyError): void };

/**
 * Keeps commands of one kind within the server's rate limit: so many at once, more with each success. After a
 * `rate_limited` all wait as long as the server asked, and go on one at a time, in the order they came.
 */
export class Pace {
  #window = FIRST_WINDOW;
  #caution = 0;
  #apartMs: number;
  #running = 0;
  #waiting: Turn[] = [];
  #pause: ReturnType<typeof setTimeout> | undefined;

  /** `apartMs` lies between those that go on after a refusal, so that they meet no further one. */
  constructor(apartMs = 0) {
    this.#apartMs = apartMs;
  }

  /** Runs the task in its turn, again if it was rate limited; rejects with what else it rejects with. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    for (;;) {
      await this.#turn();
      try {
        const result = await task();
        this.#speedUp();
        return result;
      } catch (error) {
        if (!(error instanceof ParleyError) || error.code !== "rate_limited") throw error;
        this.#slowDown(error.retryAfterMs ?? USUAL_PAUSE_MS);
      } finally {
        this.#running--;
        this.#grant();
      }
    }
  }

  /** Sends away all who wait: the connection is lost. */
  reset(): void {
    clearTimeout(this.#pause);
    this.#pause = undefined;
    this.#window = FIRST_WINDOW;
    this.#caution = 0;
    for (const turn of this.#waiting.splice(0)) {
      turn.reject(new ParleyError("disconnected", "The connection was lost"));
    }
  }

  #turn(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#grant();
    });
  }

  #grant(): void {
    while (this.#pause === undefined && this.#running < this.#window && this.#waiting.length > 0) {
      this.#running++;
      this.#waiting.shift()!.resolve();
    }
  }

  #speedUp(): void {
    if (this.#caution === 0) this.#window = Math.min(this.#window + 1, WIDEST_WINDOW);
    else if (this.#caution-- > 1 && this.#apartMs > 0) this.#rest(0);
  }

  #slowDown(ms: number): void {
    this.#window = 1;
    this.#caution = CAUTION;
    clearTimeout(this.#pause);
    this.#pause = undefined;
    this.#rest(ms);
  }

  #rest(ms: number): void {
    this.#pause ??= setTimeout(() => {
      this.#pause = undefined;
      this.#grant();
    }, Math.min(Math.max(ms, this.#apartMs), MAX_TIMER_MS));
  }
}
