import { assert, assertEquals } from "@std/assert";
import { SharedLocks } from "../../lib/kit/shared_locks.ts";

Deno.test("SharedLocks takes over a lock whose owner is gone, and keeps it from nobody after that", () => {
  const words = new Int32Array(new SharedArrayBuffer(8));
  const [dead, living] = [new SharedLocks(words), new SharedLocks(words)];
  dead.lock(0);
  const startedAt = performance.now();
  living.lock(1);
  living.unlock(1);
  living.lock(0);
  assert(performance.now() - startedAt < 2_000);
  living.unlock(0);
  assertEquals([...words], [0, 0]);
});
