import { assertEquals } from "@std/assert";
import { Queue } from "../../lib/store/queue.ts";

Deno.test("Queue gives back in order what it was given", () => {
  const queue = new Queue<number>();
  assertEquals(queue.shift(), undefined);
  let taken = 0;
  for (let i = 0; i < 10_000; i++) {
    queue.push(i);
    if (i % 3 === 0) assertEquals(queue.shift(), taken++);
  }
  assertEquals(queue.length, 10_000 - taken);
  while (queue.length > 0) assertEquals(queue.shift(), taken++);
  assertEquals(taken, 10_000);
  assertEquals(queue.shift(), undefined);
});

Deno.test("Queue can be read from its oldest item on", () => {
  const queue = new Queue<number>();
  for (let i = 0; i < 500; i++) {
    queue.push(i);
    if (queue.length > 7) queue.shift();
  }
  assertEquals([0, 1, 6].map((index) => queue.at(index)), [493, 494, 499]);
  assertEquals([queue.at(7), queue.at(-1)], [undefined, undefined]);
});
