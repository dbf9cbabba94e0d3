import { assert, assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { LoopDelay } from "../../lib/telemetry/loop_delay.ts";

/** Holds the event loop up. */
function hold(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

Deno.test("LoopDelay looks ten times a second", () => {
  using time = new FakeTime();
  using delay = new LoopDelay();
  time.tick(1_000);
  assertEquals(delay.histogram.count, 10);
});

Deno.test("LoopDelay notices a loop that is held up, and forgets it by and by", () => {
  using time = new FakeTime();
  const startedAt = performance.now();
  using delay = new LoopDelay();
  hold(130);
  time.tick(100);
  const { recentMs } = delay;
  const mostMs = performance.now() - startedAt - 100;
  assert(recentMs >= 29 && recentMs <= mostMs, `${recentMs} of ${mostMs}`);
  time.tick(30_000);
  assert(delay.recentMs < 1, String(delay.recentMs));
});

Deno.test("LoopDelay stops with its owner", () => {
  using time = new FakeTime();
  const delay = new LoopDelay();
  delay[Symbol.dispose]();
  time.tick(1_000);
  assertEquals(delay.histogram.count, 0);
});
