import { assert, assertEquals, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { sleep, within } from "../../lib/kit/wait.ts";

Deno.test("sleep() resolves after the time given", async () => {
  using time = new FakeTime();
  let isAwake = false;
  const asleep = sleep(1_000).then(() => isAwake = true);
  await time.tickAsync(999);
  await time.runMicrotasks();
  assertEquals(isAwake, false);
  time.tick(1);
  await asleep;
  assert(isAwake);
});

Deno.test("within() tells that work was done in time, and leaves no timer behind", async () => {
  using time = new FakeTime();
  assertEquals(await within(1_000, Promise.resolve("done")), true);
  assertEquals(time.next(), false);
});

Deno.test("within() does not wait for work that takes too long", async () => {
  using time = new FakeTime();
  const outcome = within(1_000, new Promise(() => {}));
  time.tick(1_000);
  assertEquals(await outcome, false);
});

Deno.test("within() rejects with the work", async () => {
  using time = new FakeTime();
  await assertRejects(() => within(1_000, Promise.reject(new RangeError("no"))), RangeError, "no");
  assertEquals(time.next(), false);
});
