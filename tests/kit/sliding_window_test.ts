import { assertEquals } from "@std/assert";
import { SlidingWindow } from "../../lib/kit/sliding_window.ts";

Deno.test("SlidingWindow allows the amount in any period, and not one more", () => {
  const window = new SlidingWindow({ amount: 3, periodMs: 100 });
  assertEquals([0, 50, 90].map((now) => window.add(now)), [false, false, false]);
  assertEquals(window.add(99), true);
});

Deno.test("SlidingWindow forgets what is older than its period", () => {
  const window = new SlidingWindow({ amount: 3, periodMs: 100 });
  for (const now of [0, 50, 90]) window.add(now);
  assertEquals(window.add(100), false);
  assertEquals(window.add(149), true);
});
