import { assert, assertEquals } from "@std/assert";
import { RateLimits } from "../../lib/connection/rate_limits.ts";
import { LocalLimits } from "../../lib/store/local_limits.ts";
import type { CommandType } from "../../lib/protocol/commands.ts";

const RATES = { rateChat: { amount: 10, periodMs: 10_000 }, rateOther: { amount: 50, periodMs: 10_000 } };

/** How many commands in a row are let through. */
function burst(rates: RateLimits, userId: string, type: CommandType, now = 0): number {
  let count = 0;
  while (count < 1_000 && rates.take(userId, type, now) === 0) count++;
  return count;
}

Deno.test("each person has a budget for chat, and one of its own for every other kind of command", () => {
  const rates = new RateLimits(RATES);
  assertEquals(burst(rates, "ann", "chat"), 10);
  for (const type of ["typing", "join", "history", "ping"] as const) {
    assertEquals(burst(rates, "ann", type), 50, type);
  }
  assertEquals(burst(rates, "bob", "chat"), 10);
});

Deno.test("messages are counted with other nodes, everything else with other workers, if there are any", () => {
  const [shared, near] = [new LocalLimits(), new LocalLimits()];
  const [one, two] = [new RateLimits(RATES, shared, near), new RateLimits(RATES, shared, near)];
  const elsewhere = new RateLimits(RATES, shared);
  assertEquals([burst(one, "ann", "chat"), burst(two, "ann", "chat"), burst(elsewhere, "ann", "chat")], [
    10,
    0,
    0,
  ]);
  assertEquals([burst(one, "ann", "ping"), burst(two, "ann", "ping"), burst(elsewhere, "ann", "ping")], [
    50,
    0,
    50,
  ]);
  const rate = { amount: 1, periodMs: 1_000 };
  assertEquals([one, two, elsewhere].map((rates) => rates.takeOfAll("guests", rate, 0)), [0, 1_000, 0]);
});

Deno.test("whatever becomes a message spends the budget for chat", () => {
  const rates = new RateLimits(RATES);
  assertEquals([burst(rates, "ann", "dm"), burst(rates, "ann", "file_end"), burst(rates, "ann", "chat")], [
    10,
    0,
    0,
  ]);
  assertEquals(burst(rates, "ann", "file_begin"), 50);
});

Deno.test("take() says how long until there is room again, and keeps its word", () => {
  const rates = new RateLimits(RATES);
  burst(rates, "ann", "chat");
  assertEquals(rates.take("ann", "chat", 250), 750);
  assertEquals(rates.take("ann", "chat", 999), 1);
  assertEquals(rates.take("ann", "chat", 1_000), 0);
});

Deno.test("a rate that is off lets everything through, and remembers nobody for it", () => {
  const limits = new LocalLimits();
  const rates = new RateLimits({ rateChat: undefined, rateOther: RATES.rateOther }, limits);
  assertEquals(burst(rates, "ann", "chat"), 1_000);
  assertEquals(limits.size, 0);
  assertEquals(burst(rates, "ann", "typing"), 50);
});

Deno.test("sweep() forgets who has been quiet for so long that nothing is different, and nobody else", () => {
  const limits = new LocalLimits();
  const rates = new RateLimits(RATES, limits);
  for (let i = 0; i < 1_000; i++) rates.take(`user ${i}`, "chat", 0);
  burst(rates, "ann", "chat", 0);
  rates.sweep(999);
  assertEquals(limits.size, 1_001);
  rates.sweep(1_000);
  assertEquals(limits.size, 1);
  rates.sweep(9_999);
  assert(rates.take("ann", "chat", 9_999) === 0);
  assertEquals(burst(rates, "ann", "chat", 9_999), 8);
  rates.sweep(20_000);
  assertEquals(limits.size, 0);
});

Deno.test("sweep() gives nobody more than they had", () => {
  const rates = new RateLimits(RATES);
  burst(rates, "ann", "chat", 0);
  for (let now = 0; now < 1_000; now += 10) {
    rates.sweep(now);
    assert(rates.take("ann", "chat", now) !== 0, `${now}`);
  }
});
