import { type Metric, renderSample } from "./exposition.ts";

/** Upper bounds for what takes from a tenth of a millisecond to seconds. */
const SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** How often something took how long. */
export class Histogram implements Metric {
  readonly name: string;
  readonly help: string;
  readonly type = "histogram";
  readonly #bounds: readonly number[];
  /** One for each bound, and one for everything above. */
  readonly #counts: Float64Array;
  #sum = 0;
  #count = 0;

  /** @param bounds Ascending upper bounds in seconds */
  constructor(name: string, help: string, bounds: readonly number[] = SECONDS) {
    this.name = name;
    this.help = help;
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  /** How many were observed. */
  get count(): number {
    return this.#count;
  }

  /** Counts one that took so many milliseconds. */
  observeMs(ms: number): void {
    const seconds = ms / 1000;
    let i = 0;
    while (i < this.#bounds.length && seconds > this.#bounds[i]) i++;
    this.#counts[i]++;
    this.#sum += seconds;
    this.#count++;
  }

  samples(): string[] {
    let below = 0;
    const rows = [...this.#counts].map((count, i) =>
      renderSample(`${this.name}_bucket`, below += count, "le", String(this.#bounds[i] ?? "+Inf"))
    );
    return [...rows, `${this.name}_sum ${this.#sum}`, `${this.name}_count ${this.#count}`];
  }
}
