import { type Metric, renderSample } from "./exposition.ts";

/** A number that only grows. */
export class Counter implements Metric {
  readonly name: string;
  readonly help: string;
  readonly type = "counter";
  /** A plain field, so that counting costs next to nothing. */
  value = 0;

  constructor(name: string, help: string) {
    this.name = name;
    this.help = help;
  }

  add(count = 1): void {
    this.value += count;
  }

  samples(): string[] {
    return [renderSample(this.name, this.value)];
  }
}

/** Numbers that only grow, one for each value of a label. */
export class LabelledCounter implements Metric {
  readonly name: string;
  readonly help: string;
  readonly type = "counter";
  readonly #label: string;
  readonly #values: Record<string, number>;
  #other = 0;

  /** @param values All there will ever be: whatever else is counted goes under `other`. */
  constructor(name: string, help: string, label: string, values: readonly string[]) {
    this.name = name;
    this.help = help;
    this.#label = label;
    this.#values = Object.assign(Object.create(null), Object.fromEntries(values.map((value) => [value, 0])));
  }

  add(count: number, labelValue: string): void {
    const value = this.#values[labelValue];
    if (value === undefined) this.#other += count;
    else this.#values[labelValue] = value + count;
  }

  /** What was counted under one value. */
  get(labelValue: string): number {
    return this.#values[labelValue] ?? this.#other;
  }

  get total(): number {
    return Object.values(this.#values).reduce((sum, value) => sum + value, this.#other);
  }

  samples(): string[] {
    const rows = [...Object.entries(this.#values), ["other", this.#other] as const];
    return rows.map(([labelValue, value]) => renderSample(this.name, value, this.#label, labelValue));
  }
}
