import { assert, assertEquals } from "@std/assert";
import { SharedMemoryLimits } from "../../lib/store/shared_memory_limits.ts";
import { testLimits } from "../contracts/limits_contract.ts";

const HOUR_MS = 3_600_000;

testLimits("SharedMemoryLimits", () => {
  const memory = SharedMemoryLimits.allocate(100);
  let now = Date.UTC(2026, 10, 20);
  return Promise.resolve({
    nodes: [new SharedMemoryLimits(memory), new SharedMemoryLimits(memory)] as const,
    now: () => now,
    pass(ms: number) {
      now += ms;
      return Promise.resolve();
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
});

Deno.test("SharedMemoryLimits lets as many through as one bucket does, when isolates take at the same time", async () => {
  const memory = SharedMemoryLimits.allocate(100);
  const rate = { amount: 20_000, periodMs: HOUR_MS };
  const url = new URL("support/greedy.ts", import.meta.url);
  const workers = Array.from({ length: 3 }, () => new Worker(url, { type: "module" }));
  const taken = await Promise.all(workers.map((worker) =>
    new Promise<number>((resolve) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.postMessage({ memory, rate, tries: 20_000, now: 0 });
    })
  ));
  for (const worker of workers) worker.terminate();
  assertEquals(taken.reduce((sum, count) => sum + count), rate.amount);
});

Deno.test("SharedMemoryLimits refills evenly, also at rates that time does not divide by", () => {
  const limits = new SharedMemoryLimits(SharedMemoryLimits.allocate(1));
  const rate = { amount: 3, periodMs: 10_000 };
  let now = Date.UTC(2026, 10, 20);
  for (let round = 0; round < 1_000; round++) {
    for (let i = 0; i < 3; i++) assertEquals(limits.take("a", rate, now), 0, `round ${round}`);
    assertEquals(limits.take("a", rate, now), 3_334);
    now += 10_000;
  }
});

Deno.test("SharedMemoryLimits keeps nobody waiting longer because the clock was set back", () => {
  const limits = new SharedMemoryLimits(SharedMemoryLimits.allocate(1));
  const rate = { amount: 10, periodMs: 10_000 };
  for (let i = 0; i < 10; i++) limits.take("a", rate, HOUR_MS);
  assertEquals(limits.take("a", rate, 0), 1_000);
});

Deno.test("SharedMemoryLimits counts as many keys as it was made for, and with more takes no more memory", () => {
  const memory = SharedMemoryLimits.allocate(10_000);
  const limits = new SharedMemoryLimits(memory);
  const rate = { amount: 1, periodMs: HOUR_MS };
  const names = (count: number) => Array.from({ length: count }, (_, i) => `user ${i}`);
  for (const name of names(10_000)) assertEquals(limits.take(name, rate, 0), 0);
  assertEquals(names(10_000).filter((name) => limits.take(name, rate, 0) === 0), []);
  // Far too many: newcomers are still held to their rate, at the cost of those whose time is nearly up.
  for (const name of names(200_000)) limits.take(name, rate, 1_000);
  assert(limits.take("newcomer", rate, 1_000) === 0 && limits.take("newcomer", rate, 1_000) > 0);
});
