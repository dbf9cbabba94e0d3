import { type Metric, renderFamily } from "./exposition.ts";

/** A metric as it stood at one moment, in a form that can be sent to another isolate. */
export interface Family extends Pick<Metric, "name" | "help" | "type" | "largest"> {
  readonly samples: readonly string[];
}

/** Takes down how metrics stand. */
export function takeDown(metrics: Iterable<Metric>): Family[] {
  return Array.from(
    metrics,
    (metric) => {
      const { name, help, type, largest } = metric;
      return { name, help, type, largest, samples: metric.samples() };
    },
  );
}

/** What several isolates have counted, as if it were one. */
export function addUp(all: Iterable<readonly Family[]>): Family[] {
  const sums = new Map<string, { readonly first: Family; readonly values: Map<string, number> }>();
  for (const families of all) {
    for (const family of families) {
      let sum = sums.get(family.name);
      if (sum === undefined) sums.set(family.name, sum = { first: family, values: new Map() });
      for (const sample of family.samples) add(sum.values, sum.first, sample);
    }
  }
  return Array.from(
    sums.values(),
    ({ first, values }) => ({ ...first, samples: Array.from(values, ([key, value]) => `${key} ${value}`) }),
  );
}

/** What stays true of an isolate that is gone: what it has counted, and not how it was. */
export function onlyCounts(families: readonly Family[]): Family[] {
  return families.filter(({ type, largest }) => type !== "gauge" && largest !== true);
}

/** Writes families as one page. */
export function renderFamilies(families: Iterable<Family>): string {
  return Array.from(families, (family) => renderFamily(family, family.samples)).join("");
}

function add(values: Map<string, number>, { largest = false }: Family, sample: string): void {
  const end = sample.lastIndexOf(" ");
  const [key, value] = [sample.slice(0, end), Number(sample.slice(end + 1))];
  const before = values.get(key);
  const isLargest = typeof largest === "boolean"
    ? largest
    : largest.some((label) => key.endsWith(`"${label}"}`));
  if (before === undefined) values.set(key, value);
  else values.set(key, isLargest ? Math.max(before, value) : before + value);
}
