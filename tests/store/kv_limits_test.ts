import { assert, assertEquals, assertRejects } from "@std/assert";
import { KvLink } from "../../lib/kv/kv_link.ts";
import { KvLimits } from "../../lib/store/kv_limits.ts";
import { StoreUnavailable } from "../../lib/store/store.ts";
import { testLimits } from "../contracts/limits_contract.ts";

const HOUR_MS = 3_600_000;

testLimits("KvLimits", async () => {
  const link = new KvLink(await Deno.openKv(":memory:"));
  const limits = new KvLimits(link);
  let now = 1_000;
  return {
    nodes: [limits, limits] as const,
    now: () => now,
    pass(ms: number) {
      now += ms;
      return Promise.resolve();
    },
    [Symbol.asyncDispose]: () => Promise.resolve(link[Symbol.dispose]()),
  };
});

Deno.test("KvLimits counts tries over all instances, and rates for each", async () => {
  using link = new KvLink(await Deno.openKv(":memory:"));
  const nodes = [new KvLimits(link), new KvLimits(link)];
  const rate = { amount: 5, periodMs: HOUR_MS };
  const tries = await Promise.all(Array.from({ length: 20 }, (_, i) => nodes[i % 2].begin("a", rate, 0)));
  assertEquals(tries.filter((waitMs) => waitMs === 0).length, 5);
  await nodes[1].forgive("a");
  assertEquals(await nodes[0].begin("a", rate, 0), 0);
  for (let i = 0; i < 5; i++) assertEquals(await nodes[0].take("a", rate, 0), 0);
  assert(await nodes[0].take("a", rate, 0) > 0);
  assertEquals(await nodes[1].take("a", rate, 0), 0);
});

Deno.test("KvLimits lets nobody try while it cannot count", async () => {
  const link = new KvLink(await Deno.openKv(":memory:"));
  link[Symbol.dispose]();
  await assertRejects(() => new KvLimits(link).begin("a", { amount: 1, periodMs: 1 }, 0), StoreUnavailable);
});
