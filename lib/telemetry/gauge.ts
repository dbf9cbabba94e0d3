import { type Metric, renderSample } from "./exposition.ts";

/** A number that is looked up when somebody asks for it. */
export class Gauge implements Metric {
  readonly name: string;
  readonly help: string;
  readonly type: "gauge" | "counter";
  readonly largest: Metric["largest"];
  readonly #read: () => number;

  /**
   * @param type `counter` for a number that only grows, kept by the part that is read
   * @param largest As {@linkcode Metric.largest}
   */
  constructor(
    name: string,
    help: string,
    read: () => number,
    type: "gauge" | "counter" = "gauge",
    largest?: Metric["largest"],
  ) {
    this.name = name;
    this.help = help;
    this.type = type;
    this.largest = largest;
    this.#read = read;
  }

  samples(): string[] {
    return [renderSample(this.name, this.#read())];
  }
}

/** Numbers that are looked up when somebody asks for them, one for each value of a label. */
export class LabelledGauge implements Metric {
  readonly name: string;
  readonly help: string;
  readonly type: "gauge" | "counter";
  readonly largest: Metric["largest"];
  readonly #label: string;
  readonly #read: () => Readonly<Record<string, number>>;

  /**
   * @param type `counter` for numbers that only grow, kept by the part that is read
   * @param largest As {@linkcode Metric.largest}
   */
  constructor(
    name: string,
    help: string,
    label: string,
    read: () => Readonly<Record<string, number>>,
    type: "gauge" | "counter" = "gauge",
    largest?: Metric["largest"],
  ) {
    this.name = name;
    this.help = help;
    this.type = type;
    this.largest = largest;
    this.#label = label;
    this.#read = read;
  }

  samples(): string[] {
    return Object.entries(this.#read()).map(([value, number]) =>
      renderSample(this.name, number, this.#label, value)
    );
  }
}
