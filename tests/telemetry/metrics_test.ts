import { assert, assertEquals } from "@std/assert";
import { Counter, Metrics } from "../../lib/telemetry/metrics.ts";

Deno.test("a counter renders in the Prometheus text format", () => {
  const counter = new Counter("parley_things_total", "Things. Grows with use.", "kind");
  counter.add(1, "big");
  counter.add(2, "small");
  counter.add(1, "big");
  assertEquals(
    counter.render(),
    `# HELP parley_things_total Things. Grows with use.
# TYPE parley_things_total counter
parley_things_total{kind="big"} 2
parley_things_total{kind="small"} 2
`,
  );
  assertEquals(counter.total, 4);
});

Deno.test("a counter without a label is there from the start, at 0", () => {
  const counter = new Counter("parley_things_total", "Things. Grows with use.");
  assertEquals(counter.render().split("\n")[2], "parley_things_total 0");
  counter.add();
  counter.add(5);
  assertEquals(counter.render().split("\n")[2], "parley_things_total 6");
});

Deno.test("a counter with a label shows no value that was never counted", () => {
  assertEquals(
    new Counter("parley_things_total", "Things. Grows with use.", "kind").render().split("\n").length,
    3,
  );
});

Deno.test("a label's value is escaped", () => {
  const counter = new Counter("parley_things_total", "Things. Grows with use.", "kind");
  counter.add(1, 'a"b\\c\nd');
  assertEquals(counter.render().split("\n")[2], 'parley_things_total{kind="a\\"b\\\\c\\nd"} 1');
});

Deno.test("every metric says what to conclude when it grows, and the page ends with a line break", () => {
  const page = new Metrics().render();
  const helps = page.split("\n").filter((line) => line.startsWith("# HELP "));
  assert(helps.length > 0);
  for (const help of helps) assert(/ [Gg]rows? w/.test(help), help);
  assert(page.endsWith("\n"));
});
