import { assertEquals } from "@std/assert";
import { Heap } from "../../lib/store/heap.ts";

Deno.test("Heap gives back in order what it was given in none", () => {
  const heap = new Heap<number>((a, b) => a < b);
  assertEquals([heap.first, heap.pop()], [undefined, undefined]);
  const numbers = Array.from({ length: 500 }, (_, i) => i * 7919 % 500);
  for (const number of numbers) heap.push(number);
  const taken: number[] = [];
  for (let first; (first = heap.first) !== undefined;) {
    assertEquals(heap.pop(), first);
    taken.push(first);
  }
  assertEquals(taken, numbers.toSorted((a, b) => a - b));
});

Deno.test("Heap finds its first again after that has changed", () => {
  const heap = new Heap<{ value: number }>((a, b) => a.value < b.value);
  for (const value of [3, 1, 2, 5, 4]) heap.push({ value });
  heap.first!.value = 9;
  heap.settle();
  assertEquals(Array.from({ length: 5 }, () => heap.pop()!.value), [2, 3, 4, 5, 9]);
});
