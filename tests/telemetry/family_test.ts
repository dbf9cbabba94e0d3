import { assertEquals } from "@std/assert";
import { Counter, LabelledCounter } from "../../lib/telemetry/counter.ts";
import { addUp, onlyCounts, renderFamilies, takeDown } from "../../lib/telemetry/family.ts";
import { Gauge, LabelledGauge } from "../../lib/telemetry/gauge.ts";
import { Histogram } from "../../lib/telemetry/histogram.ts";
import { MetricsPage } from "../support/prometheus.ts";

/** What one worker has. */
function worker(size: number) {
  const trips = new Counter("parley_trips_total", "Trips. Grows when made.");
  const kinds = new LabelledCounter("parley_kinds_total", "Kinds. Grows when seen.", "kind", [
    'a "b" 1',
    "c",
  ]);
  const time = new Histogram("parley_seconds", "Time. Grows when slow.", [0.1, 1]);
  trips.add(size);
  kinds.add(2 * size, 'a "b" 1');
  kinds.add(1, "unheard of");
  for (let i = 0; i < size; i++) time.observeMs(200 * i);
  return takeDown([
    ...[trips, kinds, time],
    new Gauge("parley_size", "Size. Grows when fed.", () => size),
    new Gauge("parley_memory", "Memory. Grows when fed.", () => 100 + size, "gauge", true),
    new LabelledGauge("parley_bytes", "Bytes. Grows.", "of", () => ({ all: size, most: size }), "gauge", [
      "most",
    ]),
    new LabelledGauge("parley_info", "Version. Grows never.", "version", () => ({ "1": 1 }), "gauge", true),
  ]);
}

Deno.test("addUp() adds what workers counted, and takes the largest of what cannot be added", () => {
  const page = new MetricsPage(renderFamilies(addUp([worker(2), worker(3)])));
  assertEquals(page.value("parley_trips_total"), 5);
  assertEquals(page.values("parley_kinds_total"), { 'a "b" 1': 10, other: 2 });
  assertEquals(page.count("parley_seconds"), 5);
  assertEquals(page.family("parley_seconds").metrics[0].buckets, { "0.1": "2", "1": "5", "+Inf": "5" });
  assertEquals([page.value("parley_size"), page.value("parley_memory")], [5, 103]);
  assertEquals(page.values("parley_bytes"), { all: 5, most: 3 });
  assertEquals(page.values("parley_info"), { "1": 1 });
});

Deno.test("addUp() of one worker is that worker's page, which travels between isolates", () => {
  const one = worker(3);
  assertEquals(addUp([structuredClone(one)]), one);
});

Deno.test("onlyCounts() keeps what a worker counted, and not how it was", () => {
  const left = addUp([worker(2), onlyCounts(worker(3))]);
  const page = new MetricsPage(renderFamilies(left));
  assertEquals([page.value("parley_trips_total"), page.count("parley_seconds")], [5, 5]);
  assertEquals([page.value("parley_size"), page.value("parley_memory")], [2, 102]);
});
