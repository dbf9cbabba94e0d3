import {
  assert,
  assertAlmostEquals,
  assertArrayIncludes,
  assertEquals,
  assertExists,
  assertFalse,
  assertGreater,
  assertGreaterOrEqual,
  assertInstanceOf,
  AssertionError,
  assertLess,
  assertLessOrEqual,
  assertMatch,
  assertNotEquals,
  assertNotMatch,
  assertNotStrictEquals,
  assertObjectMatch,
  assertStrictEquals,
  assertStringIncludes,
  fail,
  unreachable,
} from "@std/assert";

/** Tells what a failing assertion says, without help from the assertions under test. */
function failure(fn: () => void): string {
  try {
    fn();
  } catch (error) {
    if (error instanceof AssertionError && error.name === "AssertionError") return error.message;
    throw error;
  }
  throw new Error("the assertion did not fail");
}

function expectText(actual: string, expected: string): void {
  if (actual !== expected) throw new Error(`said ${JSON.stringify(actual)}`);
}

function expectStart(actual: string, expected: string): void {
  if (!actual.startsWith(expected)) throw new Error(`said ${JSON.stringify(actual)}`);
}

const EQUAL: [string, unknown, unknown][] = [
  ["numbers", 1, 1],
  ["both zeros", 0, -0],
  ["NaN", NaN, NaN],
  ["texts", "室", "室"],
  ["nested objects", { a: [1, { b: null }] }, { a: [1, { b: null }] }],
  ["keys in another order", { a: 1, b: 2 }, { b: 2, a: 1 }],
  ["a row without prototype and a plain object", Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
  ["dates", new Date(5), new Date(5)],
  ["patterns", /a/g, /a/g],
  ["addresses", new URL("http://a/b"), new URL("http://a/b")],
  ["bytes", new Uint8Array([1, 2]), new Uint8Array([1, 2])],
  ["buffers", new Uint8Array([1]).buffer, new Uint8Array([1]).buffer],
  ["floats with NaN", new Float64Array([NaN, 0]), new Float64Array([NaN, -0])],
  ["maps in another order", new Map([[1, { a: 1 }], [2, { a: 2 }]]), new Map([[2, { a: 2 }], [1, { a: 1 }]])],
  ["sets of objects", new Set([{ a: 1 }, { a: 2 }]), new Set([{ a: 2 }, { a: 1 }])],
  ["symbol keys", { [Symbol.for("x")]: 1 }, { [Symbol.for("x")]: 1 }],
];

const DIFFERENT: [string, unknown, unknown][] = [
  ["a number and its text", 1, "1"],
  ["null and undefined", null, undefined],
  ["a missing and an undefined field", {}, { a: undefined }],
  ["an array and an object", [], {}],
  ["a deep difference", { a: [1, { b: 1 }] }, { a: [1, { b: 2 }] }],
  ["arrays of other length", [1, 2], [1, 2, 3]],
  ["instances of different classes", new (class A {})(), new (class B {})()],
  ["dates", new Date(5), new Date(6)],
  ["flags of patterns", /a/g, /a/i],
  ["bytes", new Uint8Array([1, 2]), new Uint8Array([1, 3])],
  ["kinds of bytes", new Uint8Array([1]), new Int8Array([1])],
  ["values in maps", new Map([[1, 2]]), new Map([[1, 3]])],
  ["sets", new Set([{ a: 1 }, { a: 2 }]), new Set([{ a: 1 }, { a: 3 }])],
  ["functions", () => 1, () => 1],
  ["symbol keys", { [Symbol.for("x")]: 1 }, { [Symbol.for("x")]: 2 }],
];

for (const [what, a, b] of EQUAL) {
  Deno.test(`assertEquals() takes as equal: ${what}`, () => {
    assertEquals(a, b);
    assertEquals(b, a);
    expectStart(failure(() => assertNotEquals(a, b)), "Expected actual: ");
  });
}

for (const [what, a, b] of DIFFERENT) {
  Deno.test(`assertEquals() takes as different: ${what}`, () => {
    assertNotEquals(a, b);
    expectStart(failure(() => assertEquals(a, b)), "Values are not equal.\n");
    expectStart(failure(() => assertEquals(b, a, "hint")), "Values are not equal: hint\n");
  });
}

Deno.test("assertEquals() copes with circles", () => {
  const circle = (name: string) => {
    const node: Record<string, unknown> = { name };
    node.self = [node];
    return node;
  };
  assertEquals(circle("a"), circle("a"));
  assertNotEquals(circle("a"), circle("b"));
});

Deno.test("assertEquals() shows both values where they differ", () => {
  const said = failure(() => assertEquals({ name: "ann", seq: 41 }, { name: "ann", seq: 42 }));
  if (!said.includes("seq: 41") || !said.includes("seq: 42")) throw new Error(said);
});

Deno.test("assert() and assertFalse() look at truth", () => {
  assert("yes");
  assertFalse(0);
  expectText(failure(() => assert(0, "hint")), "hint");
  expectText(failure(() => assertFalse(1)), "");
});

Deno.test("assertStrictEquals() wants the very same value", () => {
  const one = { a: 1 };
  assertStrictEquals(one, one);
  assertNotStrictEquals(one, { a: 1 });
  const same = "Values have the same structure but are not reference-equal.";
  expectStart(failure(() => assertStrictEquals(one, { a: 1 })), same);
  expectStart(failure(() => assertStrictEquals<unknown>(one, { a: 2 })), "Values are not strictly equal.\n");
  expectStart(failure(() => assertStrictEquals<number>(0, -0)), "Values are not strictly equal.\n");
  expectStart(failure(() => assertNotStrictEquals(1, 1)), 'Expected "actual" to not be strictly equal to: 1');
});

Deno.test("assertExists() refuses null and undefined only", () => {
  assertExists(0);
  assertExists("");
  expectText(failure(() => assertExists(null)), 'Expected actual: "null" to not be null or undefined.');
});

Deno.test("assertMatch(), assertNotMatch() and assertStringIncludes() look into texts", () => {
  assertMatch("room 7", /\d/);
  assertNotMatch("room", /\d/);
  assertStringIncludes("room 7", "om");
  expectText(failure(() => assertMatch("room", /\d/)), 'Expected actual: "room" to match: "/\\d/".');
  expectText(failure(() => assertNotMatch("7", /\d/)), 'Expected actual: "7" to not match: "/\\d/".');
  expectText(
    failure(() => assertStringIncludes("a", "b", "hint")),
    'Expected actual: "a" to contain: "b": hint',
  );
});

Deno.test("assertArrayIncludes() finds equal elements in any order", () => {
  assertArrayIncludes([{ a: 1 }, { a: 2 }, { a: 3 }], [{ a: 3 }, { a: 1 }]);
  assertArrayIncludes(new Uint8Array([1, 2]), new Uint8Array([2]));
  const said = failure(() => assertArrayIncludes([1, 2], [2, 3, 4]));
  if (!/missing: \[\s*3,\s*4,?\s*\]$/.test(said)) throw new Error(said);
});

Deno.test("assertObjectMatch() looks at the expected fields only, at every depth", () => {
  const message = { id: "m1", from: { id: "u1", name: "ann" }, tags: ["a", "b"], at: new Date(5) };
  assertObjectMatch(message, { from: { name: "ann" }, at: new Date(5) });
  assertObjectMatch(message, { tags: ["a"] });
  for (
    const wrong of [{ id: "m2" }, { from: { name: "bob" } }, { tags: ["b"] }, { room: "r" }, { at: null }]
  ) {
    expectStart(failure(() => assertObjectMatch(message, wrong)), "Values are not equal.\n");
  }
});

Deno.test("assertInstanceOf() names both kinds", () => {
  assertInstanceOf(new TypeError(), Error);
  const said = (value: unknown) => failure(() => assertInstanceOf(value, Date));
  expectText(said({}), 'Expected object to be an instance of "Date" but was "Object".');
  expectText(said(null), 'Expected object to be an instance of "Date" but was "null".');
  expectText(said(7), 'Expected object to be an instance of "Date" but was "number".');
  expectText(said(Date), 'Expected object to be an instance of "Date" but was not an instanced object.');
});

Deno.test("the comparisons of size hold at their borders", () => {
  assertGreater(2, 1);
  assertGreaterOrEqual(2, 2);
  assertLess("a", "b");
  assertLessOrEqual(2n, 2n);
  expectText(failure(() => assertGreater(2, 2)), "Expect 2 > 2");
  expectText(failure(() => assertGreaterOrEqual(1, 2)), "Expect 1 >= 2");
  expectText(failure(() => assertLess(2, 2)), "Expect 2 < 2");
  expectText(failure(() => assertLessOrEqual(NaN, 2, "hint")), "hint");
});

Deno.test("assertAlmostEquals() allows the tolerance and no more", () => {
  assertAlmostEquals(0.1 + 0.2, 0.3);
  assertAlmostEquals(10, 12, 2);
  expectText(
    failure(() => assertAlmostEquals(10, 13, 2)),
    'Expected actual: "10" to be close to "13": delta "3" is greater than "2".',
  );
});

Deno.test("fail() and unreachable() always fail", () => {
  expectText(failure(() => fail()), "Failed assertion.");
  expectText(failure(() => fail("hint")), "Failed assertion: hint");
  expectText(failure(() => unreachable()), "Unreachable.");
});
