import { ALL } from "./side_by_side.ts";
import type { Kind } from "./bench_server.ts";

/** One figure of one server. */
export interface Result {
  readonly work: string;
  readonly kind: Kind;
  readonly unit: string;
  /** How much there was of what grows; only where something does. */
  readonly size?: number;
  readonly value: number;
}

/** The one in the middle. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** The median of what one server showed, at each size. */
export function medians(results: readonly Result[], work: string, kind: Kind): Map<number, number> {
  const values = new Map<number, number[]>();
  for (const { size = 0, value } of results.filter((each) => each.work === work && each.kind === kind)) {
    values.set(size, [...values.get(size) ?? [], value]);
  }
  return new Map([...values].sort(([a], [b]) => a - b).map(([size, all]) => [size, median(all)]));
}

/** For people, with three digits that count. */
export function format(value: number): string {
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);
}

/** One row a figure: the median of each server, and how the project's stands to the control. */
export function sideBySide(results: readonly Result[]): string {
  const rows = new Map<string, Map<Kind, number[]>>();
  for (const { work, kind, unit, size, value } of results) {
    if (size !== undefined) continue;
    const name = `${work} | ${unit}`;
    const row = rows.get(name) ?? new Map<Kind, number[]>();
    rows.set(name, row.set(kind, [...row.get(kind) ?? [], value]));
  }
  const lines = [...rows].map(([name, row]) => {
    const cells = ALL.map((kind) => row.has(kind) ? format(median(row.get(kind)!)) : "");
    const [own, control] = [row.get("parley"), row.get("control")];
    const ratio = own && control ? (median(own) / median(control)).toPrecision(3) : "";
    return `| ${name} | ${cells.join(" | ")} | ${ratio} |`;
  });
  return [
    `| work | figure | ${ALL.join(" | ")} | parley/control |`,
    `|${"---|".repeat(ALL.length + 3)}`,
    ...lines,
  ].join("\n");
}

/** One row a curve and server: the median at each size. */
export function growthTable(results: readonly Result[]): string {
  const grown = results.filter((each) => each.size !== undefined);
  const rows = new Set(grown.map(({ work, kind, unit }) => JSON.stringify([work, kind, unit])));
  const lines = [...rows].map((row) => {
    const [work, kind, unit] = JSON.parse(row);
    const points = [...medians(grown, work, kind)];
    const cells = points.map(([size, value]) => `${size.toLocaleString("en")}: ${format(value)}`).join(", ");
    return `| ${work} | ${kind} | ${unit} | ${cells} |`;
  });
  return ["| what | server | unit | size: figure |", "|---|---|---|---|", ...lines].join("\n");
}
