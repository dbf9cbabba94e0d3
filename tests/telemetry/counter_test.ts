import { assertEquals } from "@std/assert";
import { Counter, LabelledCounter } from "../../lib/telemetry/counter.ts";

Deno.test("Counter is there from the start, at 0, and grows by what is added", () => {
  const counter = new Counter("parley_things_total", "Things. Grows when tested.");
  assertEquals(counter.samples(), ["parley_things_total 0"]);
  counter.add();
  counter.add(5);
  counter.value++;
  assertEquals(counter.samples(), ["parley_things_total 7"]);
});

Deno.test("LabelledCounter shows all its values from the start", () => {
  const counter = new LabelledCounter("parley_things_total", "Things.", "kind", ["big", "small"]);
  counter.add(1, "big");
  counter.add(2, "big");
  assertEquals(counter.samples(), [
    'parley_things_total{kind="big"} 3',
    'parley_things_total{kind="small"} 0',
    'parley_things_total{kind="other"} 0',
  ]);
  assertEquals([counter.get("big"), counter.get("small"), counter.total], [3, 0, 3]);
});

Deno.test("LabelledCounter never grows by a value that it was not given", () => {
  const counter = new LabelledCounter("parley_things_total", "Things.", "kind", ["big"]);
  for (const stranger of ["tiny", "__proto__", "constructor", "toString", "", 'x"} 1\nevil 1', "other"]) {
    counter.add(1, stranger);
  }
  assertEquals(counter.samples(), [
    'parley_things_total{kind="big"} 0',
    'parley_things_total{kind="other"} 7',
  ]);
});
