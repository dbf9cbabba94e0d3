import { assertEquals } from "@std/assert";
import { RecentMap } from "../../lib/kit/recent_map.ts";

Deno.test("RecentMap forgets what was set longest ago, and counts a key that is set again as new", () => {
  const recent = new RecentMap<string, number>(2);
  recent.set("a", 1);
  recent.set("b", 2);
  recent.set("a", 3);
  recent.set("c", 4);
  assertEquals(["a", "b", "c"].map((key) => recent.get(key)), [3, undefined, 4]);
  recent.delete("a");
  recent.set("d", 5);
  assertEquals(["a", "c", "d"].map((key) => recent.get(key)), [undefined, 4, 5]);
});
