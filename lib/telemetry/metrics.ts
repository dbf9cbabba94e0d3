/** A number that only grows, by label. */
export class Counter {
  readonly name: string;
  readonly help: string;
  readonly #label: string;
  readonly #values = new Map<string, number>();

  constructor(name: string, help: string, label = "") {
    this.name = name;
    this.help = help;
    this.#label = label;
  }

  add(value = 1, labelValue = ""): void {
    this.#values.set(labelValue, (this.#values.get(labelValue) ?? 0) + value);
  }

  get total(): number {
    return this.#values.values().reduce((sum, value) => sum + value, 0);
  }

  /** The counter in the Prometheus text format, version 0.0.4. */
  render(): string {
    const rows = this.#values.size === 0 && this.#label === "" ? [["", 0] as const] : [...this.#values];
    const lines = rows.map(([value, count]) =>
      this.#label === ""
        ? `${this.name} ${count}`
        : `${this.name}{${this.#label}=${JSON.stringify(value)}} ${count}`
    );
    return [`# HELP ${this.name} ${this.help}`, `# TYPE ${this.name} counter`, ...lines, ""].join("\n");
  }
}

/** What the server counts. Labels are only ever our own words, so their number is bounded. */
export class Metrics {
  readonly commands = new Counter(
    "parley_commands_total",
    "Commands received, by type. Grows with use.",
    "type",
  );
  readonly refusals = new Counter(
    "parley_refusals_total",
    "Commands refused, by code. Grows when clients misbehave, or limits are too tight.",
    "code",
  );
  readonly endings = new Counter(
    "parley_closed_total",
    "Connections closed, by close code. 4008 grows when readers cannot keep up, 4010 when networks lose them.",
    "code",
  );
  readonly unopened = new Counter(
    "parley_unopened_total",
    "Peers gone before their handshake was answered. Grows with resets; each keeps a file open until the process ends.",
  );
  readonly appended = new Counter("parley_appended_total", "Messages appended to the log. Grows with use.");
  readonly storeErrors = new Counter(
    "parley_store_errors_total",
    "Messages the store could not take. Grows when the disk or the database is in trouble.",
  );
  readonly surprises = new Counter(
    "parley_surprises_total",
    "Errors nobody expected, by where they were caught. Grows when the server has a bug: please report it.",
    "stage",
  );

  /** All of it in the Prometheus text format. */
  render(): string {
    return [
      this.commands,
      this.refusals,
      this.endings,
      this.unopened,
      this.appended,
      this.storeErrors,
      this.surprises,
    ]
      .map((counter) => counter.render()).join("");
  }
}
