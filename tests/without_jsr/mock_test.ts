import { assertEquals, AssertionError, assertStrictEquals, assertThrows } from "@std/assert";
import { assertSpyCall, assertSpyCalls, MockError, returnsNext, spy, stub } from "@std/testing/mock";

class Counter {
  count = 0;

  add(n: number): number {
    if (n < 0) throw new RangeError("only upwards");
    return this.count += n;
  }
}

Deno.test("spy() remembers the calls of a function and passes them on", () => {
  const join = spy((a: string, b: string) => a + b);
  assertEquals(join("x", "y"), "xy");
  assertSpyCalls(join, 1);
  assertSpyCall(join, 0, { args: ["x", "y"], returned: "xy" });
  assertEquals(join.calls[0], { args: ["x", "y"], returned: "xy" });
  assertThrows(() => join.restore(), MockError, "Cannot restore: function cannot be restored");
});

Deno.test("spy() without a function does nothing", () => {
  const nothing = spy();
  assertEquals(nothing(1, 2), undefined);
  assertSpyCall(nothing, 0, { args: [1, 2], returned: undefined });
});

Deno.test("spy() on a method keeps this, results and errors, until restored", () => {
  const counter = new Counter();
  const add = spy(counter, "add");
  assertEquals(counter.add(2), 2);
  assertThrows(() => counter.add(-1), RangeError, "only upwards");
  assertSpyCall(add, 0, { args: [2], self: counter, returned: 2 });
  assertEquals(add.calls[1].error?.message, "only upwards");
  assertThrows(() => spy(counter, "add"), MockError, "Cannot spy: already spying on instance method");
  add.restore();
  assertStrictEquals(counter.add, Counter.prototype.add);
  assertEquals(add.restored, true);
  assertThrows(() => add.restore(), MockError, "Cannot restore: instance method already restored");
});

Deno.test("stub() answers in the method's stead for as long as it lives", () => {
  const counter = new Counter();
  {
    using add = stub(counter, "add", (n: number) => n * 100);
    assertEquals(counter.add(2), 200);
    assertSpyCalls(add, 1);
  }
  assertEquals(counter.add(2), 2);
});

Deno.test("stub() refuses what is not a method", () => {
  assertThrows(
    () => stub(new Counter(), "count"),
    MockError,
    "Cannot stub: property is not an instance method",
  );
});

Deno.test("assertSpyCalls() and assertSpyCall() say what was different", () => {
  const func = spy((n: number) => n + 1);
  func(1);
  assertThrows(() => assertSpyCalls(func, 2), AssertionError, "Spy not called as much as expected:");
  assertThrows(() => assertSpyCalls(func, 0), AssertionError, "Spy called more than expected:");
  assertThrows(() => assertSpyCall(func, 1), AssertionError, "Spy not called as much as expected");
  assertThrows(
    () => assertSpyCall(func, 0, { args: [2] }),
    AssertionError,
    "Spy not called with expected args:",
  );
  assertThrows(
    () => assertSpyCall(func, 0, { returned: 3 }),
    AssertionError,
    "Spy call did not return expected value:",
  );
});

Deno.test("returnsNext() gives one value after the other, then refuses", () => {
  const next = returnsNext([1, new RangeError("second"), 3]);
  assertEquals(next(), 1);
  assertThrows(() => next(), RangeError, "second");
  assertEquals(next(), 3);
  assertThrows(() => next(), MockError, "Not expected to be called more than 3 time(s)");
});
