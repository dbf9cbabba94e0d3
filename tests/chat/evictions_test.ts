import { assert, assertEquals, assertFalse } from "@std/assert";
import { Evictions } from "../../lib/chat/evictions.ts";

Deno.test("Evictions know whom a change was about, and whether it came since", () => {
  const evictions = new Evictions();
  assertFalse(evictions.concern("ann", 0));
  evictions.add("ann");
  const { count } = evictions;
  assertEquals(count, 1);
  assert(evictions.concern("ann", 0));
  assertFalse(evictions.concern("ann", count));
  assertFalse(evictions.concern("bob", 0));
  evictions.add("bob");
  assertFalse(evictions.concern("ann", count));
  assert(evictions.concern("bob", count));
});

Deno.test("Evictions remember a thousand people, and suspect everybody of what they have forgotten", () => {
  const evictions = new Evictions();
  for (let i = 0; i < 1_500; i++) evictions.add(`user ${i}`);
  assert(evictions.concern("nobody", 499), "that change may have been about anybody");
  assertFalse(evictions.concern("nobody", 500));
  assert(evictions.concern("user 600", 500));
  for (let i = 0; i < 5_000; i++) evictions.add("always the same");
  assertFalse(evictions.concern("nobody", 501), "one person takes one place");
});
