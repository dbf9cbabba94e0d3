import { assertEquals } from "@std/assert";
import { renderFamilies, takeDown } from "../../lib/telemetry/family.ts";
import { Gauge, LabelledGauge } from "../../lib/telemetry/gauge.ts";
import { MetricsPage } from "../support/prometheus.ts";

Deno.test("renderFamilies() writes a family after the other, with its help and type", () => {
  const size = new Gauge("parley_size", "Size. Grows when fed.", () => 1.5);
  const trips = new LabelledGauge(
    "parley_trips_total",
    "Trips. Grows when made.",
    "to",
    () => ({ a: 1, b: 2 }),
    "counter",
  );
  assertEquals(
    renderFamilies(takeDown([size, trips])),
    `# HELP parley_size Size. Grows when fed.
# TYPE parley_size gauge
parley_size 1.5
# HELP parley_trips_total Trips. Grows when made.
# TYPE parley_trips_total counter
parley_trips_total{to="a"} 1
parley_trips_total{to="b"} 2
`,
  );
});

Deno.test("renderFamilies() escapes help and labels, so that a parser reads them back", () => {
  const name = 'a"b\\c\nd';
  const gauge = new LabelledGauge(
    "parley_size",
    "One \\ line\nonly. Grows when fed.",
    "of",
    () => ({ [name]: 1 }),
  );
  const { help, metrics: [{ labels }] } = new MetricsPage(renderFamilies(takeDown([gauge]))).family(
    "parley_size",
  );
  assertEquals(labels, { of: name });
  assertEquals(help.includes("\n"), help === "One \\ line\nonly. Grows when fed.");
});

Deno.test("a gauge is read when the page is written, and not before", () => {
  let size = 1;
  const gauge = new Gauge("parley_size", "Size. Grows when fed.", () => size);
  size = 2;
  assertEquals(gauge.samples(), ["parley_size 2"]);
});
