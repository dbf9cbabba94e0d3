import { assert, assertEquals } from "@std/assert";
import { drawCurve, pictureName } from "./curve_svg.ts";
import { type Curve, CURVES } from "./growth.ts";
import type { Result } from "./result.ts";

const CURVE: Curve = {
  name: "Time & cost",
  axis: "members",
  unit: "µs",
  kinds: ["parley", "control"],
  sizes: [10, 100, 1_000],
  measure: () => Promise.resolve(0),
};

function results(kind: "parley" | "control", values: number[]): Result[] {
  return values.map((value, i) => ({
    work: CURVE.name,
    unit: CURVE.unit,
    kind,
    size: CURVE.sizes[i],
    value,
  }));
}

function numbers(svg: string, attribute: string): number[] {
  return [...svg.matchAll(new RegExp(`<circle[^>]* ${attribute}="([^"]+)"`, "g"))].map(([, n]) => Number(n));
}

Deno.test("drawCurve() puts sizes in powers of ten from left to right, and more above less", () => {
  const svg = drawCurve(CURVE, results("parley", [1, 2, 4]));
  const [x, y] = [numbers(svg, "cx"), numbers(svg, "cy")];
  assertEquals(x[1] - x[0], x[2] - x[1]);
  assert(y[0] > y[1] && y[1] > y[2]);
  assertEquals(Math.round((y[0] - y[2]) / (y[0] - y[1])), 3, "the axis begins at zero");
});

Deno.test("drawCurve() draws the median of each size, one line a server, and says all of it in words", () => {
  const svg = drawCurve(CURVE, [
    ...results("parley", [1, 2, 4]),
    ...results("parley", [9, 2, 4]),
    ...results("parley", [3, 2, 4]),
    ...results("control", [5, 6]),
  ]);
  assertEquals(svg.split("<polyline").length, 3);
  assert(svg.includes("parley: 3.00 at 10, 2.00 at 100, 4.00 at 1,000; control: 5.00 at 10, 6.00 at 100."));
  assert(svg.includes("Time &amp; cost") && !svg.includes("& "));
});

Deno.test("drawCurve() draws a single point, and what is nothing or less", () => {
  for (const values of [[5], [0, 0], [-3, 2]]) {
    const svg = drawCurve(CURVE, results("parley", values));
    assertEquals(/NaN|Infinity|undefined/.exec(svg), null, svg);
    for (const y of numbers(svg, "cy")) assert(y > 0 && y < 320);
  }
});

Deno.test("every curve has a picture of its own", () => {
  assertEquals(new Set(CURVES.map(pictureName)).size, CURVES.length);
  assertEquals(pictureName(CURVES[0]), "processor_time_per_delivery.svg");
});
