import { assert, assertEquals } from "@std/assert";
import { Backoff } from "../../static/sdk/backoff.ts";

Deno.test("Backoff doubles its ceiling from 500 ms to 30 s", () => {
  const backoff = new Backoff({}, () => 0.999_999);
  const ceilings = Array.from({ length: 9 }, () => (backoff.next(), backoff.ceilingMs));
  assertEquals(ceilings, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

Deno.test("Backoff waits anything between nothing and the ceiling", () => {
  const waits = [0, 0.5, 0.999_999].map((chance) => new Backoff({ baseMs: 100 }, () => chance).next());
  assertEquals(waits, [0, 50, 99]);
});

Deno.test("Backoff spreads its waits evenly", () => {
  const waits = Array.from({ length: 2_000 }, () => new Backoff().next());
  const low = waits.filter((wait) => wait < 250).length;
  assert(waits.every((wait) => wait >= 0 && wait < 500));
  assert(low > 800 && low < 1_200, `${low} of 2000 waits are in the lower half`);
});

Deno.test("Backoff never passes its cap, however often it waits", () => {
  const backoff = new Backoff({ baseMs: 500, capMs: 30_000 }, () => 1);
  const waits = Array.from({ length: 3_000 }, () => backoff.next());
  assertEquals(waits.at(-1), 30_000);
});

Deno.test("Backoff begins at the base again after a reset", () => {
  const backoff = new Backoff({ baseMs: 500 }, () => 1);
  backoff.next();
  backoff.next();
  backoff.reset();
  assertEquals(backoff.ceilingMs, 0);
  assertEquals(backoff.next(), 500);
});
