import type { Curve } from "./growth.ts";
import { format, medians, type Result } from "./result.ts";

const [WIDTH, HEIGHT] = [640, 320];
/** The room around the drawing. */
const [LEFT, RIGHT, TOP, BOTTOM] = [72, 40, 64, 56];
/** Two colours that differ in brightness too, on light and on dark ground. */
const STYLE = `
  .ground { fill: #ffffff; }
  text { font: 13px system-ui, sans-serif; fill: #1f2428; }
  .title { font-size: 16px; font-weight: 600; }
  .soft { fill: #57606a; }
  .grid { stroke: #d0d7de; }
  polyline { fill: none; stroke-width: 2.5; }
  .s0 { stroke: #0a7a5c; }
  .s1 { stroke: #8a5a00; stroke-dasharray: 6 4; }
  circle.s0 { fill: #0a7a5c; stroke: none; }
  circle.s1 { fill: #8a5a00; stroke: none; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #12171c; }
    text { fill: #e6edf3; }
    .soft { fill: #9aa4ad; }
    .grid { stroke: #3a424a; }
    .s0 { stroke: #4fd1a5; }
    .s1 { stroke: #e3b341; }
    circle.s0 { fill: #4fd1a5; stroke: none; }
    circle.s1 { fill: #e3b341; stroke: none; }
  }`;

const NAMES: Partial<Record<string, string>> = { parley: "Parley", control: "a bare server" };

/** Draws a curve from what was measured: sizes in powers of ten from left to right, figures from zero up. */
export function drawCurve(curve: Curve, results: readonly Result[]): string {
  const lines = curve.kinds.map((kind) => ({ kind, points: [...medians(results, curve.name, kind)] }))
    .filter(({ points }) => points.length > 0);
  const values = lines.flatMap(({ points }) => points.map(([, value]) => value));
  const sizes = [...new Set(lines.flatMap(({ points }) => points.map(([size]) => size)))].sort((a, b) =>
    a - b
  );
  const step = niceStep(Math.max(...values, 1e-9) / 4);
  const top = step * Math.max(1, Math.ceil(Math.max(...values) / step));
  const [least, most] = [Math.log10(sizes[0]), Math.log10(sizes[sizes.length - 1])];
  const x = (size: number) =>
    round(
      LEFT + (most === least ? 0.5 : (Math.log10(size) - least) / (most - least)) * (WIDTH - LEFT - RIGHT),
    );
  const y = (value: number) => round(HEIGHT - BOTTOM - Math.max(0, value) / top * (HEIGHT - TOP - BOTTOM));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="t d">`,
    `<title id="t">${escape(curve.name)}</title>`,
    `<desc id="d">${escape(describe(curve, lines))}</desc>`,
    `<style>${STYLE}\n</style>`,
    `<rect class="ground" width="${WIDTH}" height="${HEIGHT}" rx="8"/>`,
    `<text class="title" x="${LEFT}" y="24">${escape(curve.name)}, ${escape(curve.unit)}</text>`,
    ...lines.map(({ kind }, i) => legend(kind, i)),
    ...range(0, top, step).map((value) =>
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(value)}" y2="${y(value)}"/>` +
      `<text class="soft" x="${LEFT - 10}" y="${y(value) + 4}" text-anchor="end">${tick(value)}</text>`
    ),
    ...sizes.map((size) =>
      `<text class="soft" x="${x(size)}" y="${HEIGHT - BOTTOM + 20}" text-anchor="middle">` +
      `${size.toLocaleString("en")}</text>`
    ),
    `<text class="soft" x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 10}" text-anchor="middle">` +
    `${escape(curve.axis)}</text>`,
    ...lines.map(({ points }, i) => line(points, i, x, y)),
    `</svg>\n`,
  ].join("\n");
}

/** The name of a curve's picture. */
export function pictureName(curve: Curve): string {
  return `${curve.name.toLowerCase().replaceAll(" ", "_")}.svg`;
}

type Points = readonly (readonly [size: number, value: number])[];
type Scale = (value: number) => number;

function line(points: Points, i: number, x: Scale, y: Scale): string {
  const way = points.map(([size, value]) => `${x(size)},${y(value)}`).join(" ");
  const dots = points.map(([size, value]) =>
    `<circle class="s${i}" cx="${x(size)}" cy="${y(value)}" r="4"><title>${format(value)}</title></circle>`
  );
  return `<polyline class="s${i}" points="${way}"/>\n${dots.join("\n")}`;
}

function legend(kind: string, i: number): string {
  const x = LEFT + i * 130;
  return `<line class="s${i}" stroke-width="2.5" x1="${x}" x2="${x + 24}" y1="44" y2="44"/>` +
    `<text x="${x + 32}" y="48">${NAMES[kind] ?? kind}</text>`;
}

function describe(curve: Curve, lines: readonly { kind: string; points: Points }[]): string {
  const said = lines.map(({ kind, points }) =>
    `${kind}: ${points.map(([size, value]) => `${format(value)} at ${size.toLocaleString("en")}`).join(", ")}`
  );
  return `${curve.unit}, by ${curve.axis}. ${said.join("; ")}.`;
}

/** 1, 2 or 5 times a power of ten, at least so much. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least * 0.999)!;
}

function range(from: number, to: number, step: number): number[] {
  return Array.from({ length: Math.round((to - from) / step) + 1 }, (_, i) => from + i * step);
}

function tick(value: number): string {
  return Number(value.toPrecision(6)).toLocaleString("en");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
