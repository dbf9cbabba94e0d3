import { assertEquals } from "@std/assert";
import { Generations } from "../../lib/bus/generations.ts";

Deno.test("Generations knows what is new of a node, what is as before, and what comes too late", () => {
  const generations = new Generations();
  const said: [string, number][] = [["a", 0], ["a", 2], ["a", 1], ["b", 0], ["a", 2], ["b", 1], ["a", NaN]];
  assertEquals(said.map(([nodeId, generation]) => generations.compare(nodeId, generation)), [
    "same",
    "new",
    "old",
    "same",
    "same",
    "new",
    "old",
  ]);
});

Deno.test("Generations forgets who was last heard long ago, not who is new", () => {
  const generations = new Generations();
  for (let i = 0; i <= 1_000; i++) generations.compare(`node ${i}`, 1);
  assertEquals(generations.compare("node 1000", 1), "same");
  assertEquals(generations.compare("node 1", 1), "same");
  assertEquals(generations.compare("node 0", 1), "new");
});
