import { assert, assertEquals, assertFalse } from "@std/assert";
import type { Line } from "../../lib/chat/frame.ts";
import { Trail } from "../../lib/chat/trail.ts";

const MAX_LENGTH = 8 << 20;

function makeLine(text: string): Line {
  return { text, seq: 0, droppable: false, except: undefined };
}

function add(trail: Trail, ...texts: string[]): void {
  for (const text of texts) trail.add(makeLine(text));
}

function textsSince(trail: Trail, mark: ReturnType<Trail["begin"]>): string[] | undefined {
  return trail.since(mark)?.map((line) => line.text);
}

Deno.test("Trail keeps for each mark what was told since", () => {
  const trail = new Trail();
  const early = trail.begin(10);
  add(trail, "a", "b");
  const late = trail.begin(12);
  add(trail, "c");
  assertEquals(textsSince(trail, early), ["a", "b", "c"]);
  assertEquals(textsSince(trail, late), ["c"]);
});

Deno.test("Trail keeps nothing while nobody wants it", () => {
  const trail = new Trail();
  add(trail, "before");
  assertFalse(trail.isWanted);
  const mark = trail.begin(1);
  assert(trail.isWanted);
  assertEquals(textsSince(trail, mark), []);
  trail.end(mark);
  assertFalse(trail.isWanted);
  add(trail, "between");
  assertEquals(textsSince(trail, trail.begin(2)), []);
});

Deno.test("Trail stays right for those who go on wanting, in whatever order others stop", () => {
  for (const order of [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0], [0, 2, 1], [2, 0, 1]]) {
    const trail = new Trail();
    let told = 100;
    const marks = [0, 1, 2].map((i) => {
      const mark = trail.begin(told);
      for (let j = 0; j < 5; j++, told++) add(trail, `${i}.${j}`);
      return mark;
    });
    const expected = marks.map((mark) => textsSince(trail, mark));
    assertEquals(expected.map((texts) => texts?.length), [15, 10, 5]);
    const left = new Set([0, 1, 2]);
    for (const i of order) {
      trail.end(marks[i]);
      left.delete(i);
      for (const j of left) assertEquals(textsSince(trail, marks[j]), expected[j], `${order} after ${i}`);
    }
    assertFalse(trail.isWanted);
  }
});

Deno.test("Trail tells who waited through too much that it could not keep all of it", () => {
  const trail = new Trail();
  const early = trail.begin(0);
  const size = 1 << 20;
  for (let i = 0; i < 8; i++) add(trail, "x".repeat(size));
  assertEquals(trail.since(early)?.length, 8);
  add(trail, "one more");
  assertEquals(trail.since(early), undefined);
  const late = trail.begin(9);
  add(trail, "after");
  assertEquals(textsSince(trail, late), ["after"]);
  trail.end(early);
  assertEquals(textsSince(trail, late), ["after"]);
});

Deno.test("Trail never holds much more than its bound", () => {
  const trail = new Trail();
  const size = 100_000;
  let told = 0;
  trail.begin(told);
  for (let i = 0; i < 300; i++) {
    const mark = trail.begin(told);
    add(trail, "x".repeat(size));
    told++;
    trail.end(mark);
  }
  // Whoever asks from as far back as anything is kept gets no more than the bound.
  let kept = 0;
  for (let from = told; trail.since({ from }) !== undefined && from >= 0; from--) {
    kept = trail.since({ from })!.length;
  }
  assert(kept > 0 && kept * size <= MAX_LENGTH + size, `${kept} lines`);
});
