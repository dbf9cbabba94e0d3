// deno-lint-ignore no-import-prefix -- only this test needs it, so that nobody else has to download it
import parse from "npm:parse-prometheus-text-format@1.1.1";

/** One family of samples, as the parser gives it. */
interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: "COUNTER" | "GAUGE" | "HISTOGRAM";
  readonly metrics: readonly {
    readonly value?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly buckets?: Readonly<Record<string, string>>;
    readonly count?: string;
    readonly sum?: string;
  }[];
}

/** A page in the Prometheus text format, read by a parser that is not ours. */
export class MetricsPage {
  readonly families: readonly Family[];

  constructor(text: string) {
    this.families = parse(text) as Family[];
  }

  static async read(url: string): Promise<MetricsPage> {
    return new MetricsPage(await (await fetch(`${url}/metrics`)).text());
  }

  /** One number, by the metric's name and its label, if it has one. */
  value(name: string, label?: string): number {
    const { metrics } = this.family(name);
    const found = metrics.find(({ labels }) =>
      label === undefined || Object.values(labels ?? {}).includes(label)
    );
    if (found?.value === undefined) throw new Error(`There is no ${name} ${label ?? ""}`);
    return Number(found.value);
  }

  /** All numbers of a metric that are not 0, by label. */
  values(name: string): Record<string, number> {
    const rows = this.family(name).metrics.map((
      { labels, value },
    ) => [Object.values(labels ?? {})[0] ?? "", Number(value)]);
    return Object.fromEntries(rows.filter(([, value]) => value !== 0));
  }

  /** How many a histogram has observed. */
  count(name: string): number {
    return Number(this.family(name).metrics[0].count);
  }

  family(name: string): Family {
    const family = this.families.find((family) => family.name === name);
    if (family === undefined) throw new Error(`There is no ${name}`);
    return family;
  }
}
