import { assert, assertEquals } from "@std/assert";
import { MemoryLog } from "../../lib/store/memory_log.ts";
import { draft } from "./support/drafts.ts";

Deno.test("MemoryLog forgets the oldest ids of a room that is never quiet", () => {
  const log = new MemoryLog({ historyLimit: 10, historyMaxAgeMs: Infinity });
  const timestamp = 1_790_000_000_000;
  const say = (id: number) => log.append(draft(`${id}`, { timestamp }), timestamp);
  for (let id = 1; id <= 200_000; id++) say(id);
  assertEquals(say(1), { seq: 1, timestamp, duplicate: true });
  for (let id = 200_001; id <= 200_020; id++) say(id);
  assert(!say(1).duplicate);
  assertEquals(say(100).duplicate, true);
});

Deno.test("MemoryLog ages only while time alone lets something go", () => {
  const timestamp = 1_790_000_000_000;
  const log = new MemoryLog({ historyLimit: 2, historyMaxAgeMs: Infinity });
  assertEquals(log.isAging, false);
  for (const id of ["1", "2"]) log.append(draft(id, { timestamp }), timestamp);
  assertEquals(log.isAging, false);
  log.append(draft("3", { timestamp }), timestamp);
  assertEquals(log.isAging, true);
  assertEquals(log.forget(timestamp + 600_000), false);
  assertEquals(log.isAging, false);
});
