/** The part of `@std/testing/mock` that the tests use. */
import { AssertionError } from "./assertion_error.ts";
import { difference } from "./describe.ts";
import { equal } from "./equal.ts";

/** A mock used in a way it does not allow. */
export class MockError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "MockError";
  }
}

/** One call of a spy. */
export interface SpyCall<Self = unknown, Args extends unknown[] = unknown[], Return = unknown> {
  args: Args;
  returned?: Return;
  error?: Error;
  self?: Self;
}

/** A function that remembers its calls. */
export interface Spy<Self = unknown, Args extends unknown[] = unknown[], Return = unknown> {
  (this: Self, ...args: Args): Return;
  original: (this: Self, ...args: Args) => Return;
  calls: SpyCall<Self, Args, Return>[];
  restored: boolean;
  restore(): void;
}

/** A spy in the place of a method. */
export interface MethodSpy<Self = unknown, Args extends unknown[] = unknown[], Return = unknown>
  extends Spy<Self, Args, Return>, Disposable {}

/** A method spy that answers in the method's stead. */
export interface Stub<Self = unknown, Args extends unknown[] = unknown[], Return = unknown>
  extends MethodSpy<Self, Args, Return> {
  fake: (this: Self, ...args: Args) => Return;
}

type Method<Self, Name extends keyof Self> = Self[Name] extends
  (...args: infer Args extends unknown[]) => infer Return ? [Args, Return]
  : [unknown[], unknown];

type Parameters<Self, Name extends keyof Self> = Method<Self, Name>[0];
type Returned<Self, Name extends keyof Self> = Method<Self, Name>[1];

/** A spy that does nothing. */
export function spy(): Spy<unknown, unknown[], undefined>;
/** A spy round a function. */
export function spy<Self, Args extends unknown[], Return>(
  func: (this: Self, ...args: Args) => Return,
): Spy<Self, Args, Return>;
/** A spy round a method, in its place until restored. */
export function spy<Self, Name extends keyof Self>(
  self: Self,
  property: Name,
): MethodSpy<Self, Parameters<Self, Name>, Returned<Self, Name>>;
export function spy(target: unknown = () => undefined, property?: PropertyKey): Spy {
  if (property === undefined) return remember(target as Spy["original"], target as Spy["original"]);
  return replace(target as object, property, "spy");
}

/** Puts a function, by default one that does nothing, in the place of a method until restored. */
export function stub<Self, Name extends keyof Self>(
  self: Self,
  property: Name,
  func?: (this: Self, ...args: Parameters<Self, Name>) => Returned<Self, Name>,
): Stub<Self, Parameters<Self, Name>, Returned<Self, Name>>;
export function stub(self: object, property: PropertyKey, func: Spy["original"] = () => undefined): Stub {
  return replace(self, property, "stub", func) as Stub;
}

function remember(original: Spy["original"], answer: Spy["original"]): Spy {
  const calls: SpyCall[] = [];
  const spied = function (this: unknown, ...args: unknown[]): unknown {
    const call: SpyCall = this ? { args, self: this } : { args };
    try {
      return call.returned = answer.apply(this, args);
    } catch (error) {
      call.error = error as Error;
      throw error;
    } finally {
      calls.push(call);
    }
  };
  const restore = () => {
    throw new MockError("Cannot restore: function cannot be restored");
  };
  spies.add(spied);
  return Object.assign(spied, { original, calls, restored: false, restore });
}

const spies = new WeakSet<object>();

function replace(
  self: object,
  property: PropertyKey,
  what: "spy" | "stub",
  fake?: Spy["original"],
): MethodSpy {
  const own = Object.getOwnPropertyDescriptor(self, property);
  const original: unknown = Reflect.get(self, property);
  if (typeof original !== "function") {
    throw new MockError(`Cannot ${what}: property is not an instance method`);
  }
  if (spies.has(original)) throw new MockError(`Cannot ${what}: already spying on instance method`);
  if (own && !own.configurable) throw new MockError(`Cannot ${what}: non-configurable instance method`);
  const method = remember(original as Spy["original"], fake ?? original as Spy["original"]);
  const restore = () => {
    if (method.restored) throw new MockError("Cannot restore: instance method already restored");
    if (own) Object.defineProperty(self, property, own);
    else Reflect.deleteProperty(self, property);
    method.restored = true;
  };
  const { enumerable = false, writable = false } = own ?? {};
  Object.defineProperty(self, property, { configurable: true, enumerable, writable, value: method });
  return Object.assign(method, { fake, restore, [Symbol.dispose]: restore });
}

/** Fails unless there were so many calls. */
export function assertSpyCalls(spy: { calls: readonly unknown[] }, expectedCalls: number): void {
  const found = spy.calls.length;
  if (found === expectedCalls) return;
  const claim = found < expectedCalls
    ? "Spy not called as much as expected"
    : "Spy called more than expected";
  throw new AssertionError(`${claim}:\n${difference(found, expectedCalls)}`);
}

/** Fails unless the call with that index had the given arguments, `this` and result, where these are given. */
export function assertSpyCall(
  spy: { calls: readonly Readonly<SpyCall>[] },
  callIndex: number,
  expected: { args?: unknown[]; self?: unknown; returned?: unknown } = {},
): void {
  const call = spy.calls[callIndex];
  if (!call) throw new AssertionError("Spy not called as much as expected");
  const require = (actual: unknown, wanted: unknown, claim: string) => {
    if (!equal(actual, wanted)) throw new AssertionError(`${claim}:\n${difference(actual, wanted)}`);
  };
  if (expected.args) require(call.args, expected.args, "Spy not called with expected args");
  if ("self" in expected) require(call.self, expected.self, "Spy not called as method on expected self");
  if (!("returned" in expected)) return;
  if (call.error) {
    throw new AssertionError("Spy call did not return expected value, an error was thrown.");
  }
  require(call.returned, expected.returned, "Spy call did not return expected value");
}

/** A function that gives the values one after the other, and throws those that are errors. */
export function returnsNext<Return>(values: Iterable<Return | Error>): (...args: unknown[]) => Return {
  const iterator = values[Symbol.iterator]();
  let calls = 0;
  return () => {
    const next = iterator.next();
    if (next.done) throw new MockError(`Not expected to be called more than ${calls} time(s)`);
    calls++;
    if (next.value instanceof Error) throw next.value;
    return next.value;
  };
}
