import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { Retaining } from "../../lib/store/retaining.ts";
import { MemoryStore } from "../../lib/store/memory_store.ts";

const KEEP_ALL = { historyLimit: Infinity, historyMaxAgeMs: Infinity };

Deno.test("Retaining takes steps each minute until nothing is left to forget", async () => {
  using time = new FakeTime();
  await using store = new MemoryStore(KEEP_ALL);
  const left = [true, true, false, false];
  let steps = 0;
  store.retain = () => Promise.resolve(left[steps++]);
  await using _ = new Retaining(store, () => {});
  await time.tickAsync(59_000);
  assertEquals(steps, 0);
  for (let i = 0; i < 10; i++) await time.tickAsync(200);
  assertEquals(steps, 3);
  await time.tickAsync(60_000);
  assertEquals(steps, 4);
});

Deno.test("Retaining tells of a failed step and goes on with the next look", async () => {
  using time = new FakeTime();
  await using store = new MemoryStore(KEEP_ALL);
  store.retain = () => Promise.reject(new Error("disk"));
  const failures: unknown[] = [];
  await using _ = new Retaining(store, (error) => failures.push(error));
  await time.tickAsync(60_000);
  await time.tickAsync(60_000);
  assertEquals(failures.length, 2);
});
