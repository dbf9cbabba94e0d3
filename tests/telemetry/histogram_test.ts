import { assertEquals } from "@std/assert";
import { renderFamilies, takeDown } from "../../lib/telemetry/family.ts";
import { Histogram } from "../../lib/telemetry/histogram.ts";
import { MetricsPage } from "../support/prometheus.ts";

Deno.test("Histogram counts into buckets that hold all that is not above their bound", () => {
  const histogram = new Histogram("parley_wait_seconds", "Waiting. Grows when slow.", [0.001, 0.1, 1]);
  for (const ms of [0, 1, 2, 100, 101, 5_000]) histogram.observeMs(ms);
  assertEquals(histogram.samples(), [
    'parley_wait_seconds_bucket{le="0.001"} 2',
    'parley_wait_seconds_bucket{le="0.1"} 4',
    'parley_wait_seconds_bucket{le="1"} 5',
    'parley_wait_seconds_bucket{le="+Inf"} 6',
    "parley_wait_seconds_sum 5.204",
    "parley_wait_seconds_count 6",
  ]);
});

Deno.test("Histogram is read as one by a parser, empty or not", () => {
  const histogram = new Histogram("parley_wait_seconds", "Waiting. Grows when slow.");
  for (const count of [0, 1]) {
    const { type, metrics: [{ buckets, count: counted }] } = new MetricsPage(
      renderFamilies(takeDown([histogram])),
    )
      .family("parley_wait_seconds");
    assertEquals([type, counted, buckets!["+Inf"]], ["HISTOGRAM", String(count), String(count)]);
    histogram.observeMs(3);
  }
});
