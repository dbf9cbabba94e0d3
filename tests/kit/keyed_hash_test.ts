import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { KeyedHash } from "../../lib/kit/keyed_hash.ts";

const hashWith = (hash: KeyedHash, text: string, kind = 0) => {
  hash.hash(kind, text);
  return `${hash.low} ${hash.high}`;
};

Deno.test("KeyedHash gives one hash for one text, another for another text, kind or key", () => {
  const hash = new KeyedHash([1, 2]);
  assertEquals(hashWith(hash, "ann"), hashWith(new KeyedHash([1, 2]), "ann"));
  for (const text of ["", "an", "anna", "\0ann", "ann\0", "Ann"]) {
    assertNotEquals(hashWith(hash, text), hashWith(hash, "ann"), text);
  }
  assertNotEquals(hashWith(hash, "ann", 1), hashWith(hash, "ann"));
  assertNotEquals(hashWith(new KeyedHash([1, 3]), "ann"), hashWith(hash, "ann"));
  assertNotEquals(hashWith(new KeyedHash([0, 2]), "ann"), hashWith(hash, "ann"));
});

Deno.test("KeyedHash spreads texts that look alike over all bits", () => {
  const hash = new KeyedHash([-1, 7]);
  const counts = { low: new Array<number>(64).fill(0), high: new Array<number>(64).fill(0) };
  const all = new Set<string>();
  for (let i = 0; i < 64_000; i++) {
    all.add(hashWith(hash, `user ${i}`));
    counts.low[hash.low & 63]++;
    counts.high[hash.high >>> 26]++;
  }
  assertEquals(all.size, 64_000);
  for (const count of [...counts.low, ...counts.high]) assert(count > 800 && count < 1_200, `${count}`);
});
