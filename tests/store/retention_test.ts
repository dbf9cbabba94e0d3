import { assert, assertEquals } from "@std/assert";
import { firstNewer } from "../../lib/store/retention.ts";

Deno.test("firstNewer() finds the first message that is newer than the cutoff", () => {
  const times = [0, 10, 10, 20, 30, 30, 30, 40];
  const timeOf = (seq: number) => times[seq];
  for (let cutoff = -5; cutoff < 50; cutoff++) {
    for (let low = 1; low <= 7; low++) {
      const index = times.findIndex((time, seq) => seq >= low && time > cutoff);
      assertEquals(firstNewer(low, 7, cutoff, timeOf), index === -1 ? 8 : index);
    }
  }
  assertEquals(firstNewer(8, 7, 0, timeOf), 8);
});

Deno.test("firstNewer() looks at few messages of a long log", () => {
  let looks = 0;
  const found = firstNewer(1, 1_000_000, 777_777, (seq) => {
    looks++;
    return seq;
  });
  assertEquals(found, 777_778);
  assert(looks < 25);
});
