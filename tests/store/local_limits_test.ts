import { assertEquals } from "@std/assert";
import { LocalLimits } from "../../lib/store/local_limits.ts";
import { testLimits } from "../contracts/limits_contract.ts";

testLimits("LocalLimits", () => {
  const limits = new LocalLimits();
  let now = 1_000;
  return Promise.resolve({
    nodes: [limits, limits] as const,
    now: () => now,
    pass(ms: number) {
      now += ms;
      return Promise.resolve();
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
});

Deno.test("LocalLimits forgets what makes no difference any more", () => {
  const limits = new LocalLimits();
  const rate = { amount: 2, periodMs: 1_000 };
  for (const key of ["a", "b"]) limits.take(key, rate, 0);
  limits.take("b", rate, 0);
  limits.begin("c", rate, 0);
  limits.sweep(499);
  assertEquals(limits.size, 3);
  limits.sweep(500);
  assertEquals(limits.size, 2);
  limits.sweep(1_000);
  assertEquals(limits.size, 0);
});
