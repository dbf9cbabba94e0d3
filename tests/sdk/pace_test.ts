import { assert, assertEquals, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { ParleyError } from "../../static/sdk/errors.ts";
import { Pace } from "../../static/sdk/pace.ts";

/** A server that lets `burst` commands through, then one each `everyMs`. */
function limited(burst: number, everyMs: number) {
  const bucket = { tokens: burst, refilledAt: Date.now() };
  const counts = { refused: 0, passed: [] as number[] };
  const command = (n: number) => async () => {
    await Promise.resolve();
    const gained = Math.floor((Date.now() - bucket.refilledAt) / everyMs);
    bucket.tokens = Math.min(burst, bucket.tokens + gained);
    bucket.refilledAt += gained * everyMs;
    if (bucket.tokens > 0) return bucket.tokens--, counts.passed.push(n);
    counts.refused++;
    const retryAfterMs = bucket.refilledAt + everyMs - Date.now();
    throw new ParleyError("rate_limited", "Rate limit exceeded", { retryAfterMs });
  };
  return { counts, command };
}

Deno.test("Pace brings everything through a rate limit with fewer refusals than a server bears", async () => {
  using time = new FakeTime();
  const pace = new Pace();
  const { counts, command } = limited(10, 200);
  const all = Promise.all(Array.from({ length: 60 }, (_, n) => pace.run(command(n))));
  const startedAt = Date.now();
  while (counts.passed.length < 60 && Date.now() - startedAt < 60_000) await time.tickAsync(100);
  await all;
  assertEquals(counts.passed.length, 60);
  assert(Date.now() - startedAt < 21_000, `took ${Date.now() - startedAt} ms`);
  assert(counts.refused < 70, `${counts.refused} refusals`);
});

Deno.test("Pace is refused seldom where it leaves time after a refusal, also if one command follows another", async () => {
  using time = new FakeTime();
  const pace = new Pace(250);
  const { counts, command } = limited(10, 200);
  // An answer takes a moment: what a refusal tells to wait is never quite the time between two.
  const slow = (task: () => Promise<number>) => async () => {
    await new Promise((resolve) => setTimeout(resolve, 7));
    return await task();
  };
  const inTurn = async () => {
    for (let n = 0; n < 60; n++) await pace.run(slow(command(n)));
  };
  const all = inTurn();
  const startedAt = Date.now();
  while (counts.passed.length < 60 && Date.now() - startedAt < 60_000) await time.tickAsync(10);
  await all;
  assert(Date.now() - startedAt < 15_000, `took ${Date.now() - startedAt} ms`);
  assert(counts.refused < 15, `${counts.refused} refusals`);
});

Deno.test("Pace runs no more than its window at once, and widens it with success", async () => {
  const pace = new Pace();
  let running = 0;
  let most = 0;
  const finish: (() => void)[] = [];
  const task = () => {
    most = Math.max(most, ++running);
    return new Promise<void>((resolve) => finish.push(() => (running--, resolve())));
  };
  const all = Promise.all(Array.from({ length: 100 }, () => pace.run(task)));
  await Promise.resolve();
  assertEquals(most, 8);
  while (finish.length > 0 || running > 0) {
    finish.shift()?.();
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  }
  await all;
  assert(most > 8 && most <= 16, String(most));
});

Deno.test("Pace passes other errors on", async () => {
  const pace = new Pace();
  await assertRejects(
    () => pace.run(() => Promise.reject(new ParleyError("forbidden", "Not allowed"))),
    ParleyError,
  );
  assertEquals(await pace.run(() => Promise.resolve("next")), "next");
});

Deno.test("reset() sends away those who wait and forgets the pause", async () => {
  using time = new FakeTime();
  const pace = new Pace();
  const refusal = new ParleyError("rate_limited", "Rate limit exceeded", { retryAfterMs: 5_000 });
  const waiting = assertRejects(() => pace.run(() => Promise.reject(refusal)), ParleyError);
  await time.runMicrotasks();
  pace.reset();
  assertEquals((await waiting).code, "disconnected");
  assertEquals(await pace.run(() => Promise.resolve("at once")), "at once");
});
