import { assertEquals } from "@std/assert";
import { Lockout } from "../../lib/chat/lockout.ts";

Deno.test("Lockout lets five tries a minute pass, then none until the minute is over", () => {
  const lockout = new Lockout();
  for (let i = 0; i < 5; i++) assertEquals(lockout.begin("bob", 1_000 + i), 0);
  assertEquals(lockout.begin("bob", 2_000), 59_000);
  assertEquals(lockout.begin("bob", 60_999), 1);
  for (let i = 0; i < 5; i++) {
    assertEquals(lockout.begin("bob", 61_000), 0, "the minute began with the first try");
  }
  assertEquals(lockout.begin("bob", 61_000), 60_000);
});

Deno.test("Lockout counts each by itself", () => {
  const lockout = new Lockout();
  for (let i = 0; i < 6; i++) lockout.begin("bob", 0);
  assertEquals(lockout.begin("ann", 0), 0);
  assertEquals(lockout.begin("bob", 0), 60_000);
});

Deno.test("Lockout forgives who was right, and nobody else", () => {
  const lockout = new Lockout();
  for (let i = 0; i < 5; i++) for (const key of ["ann", "bob"]) lockout.begin(key, 0);
  lockout.forgive("ann");
  assertEquals([lockout.begin("ann", 0), lockout.begin("bob", 0)], [0, 60_000]);
});
