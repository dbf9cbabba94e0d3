import { stripVTControlCharacters } from "node:util";
import { AssertionError } from "./assertion_error.ts";
import { ending } from "./describe.ts";

/** A class whose instances are errors of one kind. */
export type ErrorClass<E extends Error> = abstract new (...args: never[]) => E;

type Expectation = [msg?: string] | [errorClass: ErrorClass<Error>, msgIncludes?: string, msg?: string];

/** Fails unless the value is an error, of the given class and with the given words where these are given. */
export function assertIsError<E extends Error = Error>(
  error: unknown,
  errorClass?: ErrorClass<E>,
  msgMatches?: string | RegExp,
  msg?: string,
): asserts error is E {
  if (!(error instanceof Error)) {
    throw new AssertionError(`Expected "error" to be an Error object${ending(msg)}`);
  }
  if (errorClass && !(error instanceof errorClass)) {
    throw new AssertionError(
      `Expected error to be instance of "${errorClass.name}", ` +
        `but was "${error.constructor.name}"${ending(msg)}`,
    );
  }
  if (!msgMatches || says(error.message, msgMatches)) return;
  const wanted = msgMatches instanceof RegExp ? String(msgMatches) : JSON.stringify(msgMatches);
  throw new AssertionError(
    `Expected error message to include ${wanted}, but got ${JSON.stringify(error.message)}${ending(msg)}`,
  );
}

/** Fails unless the function throws, and gives what it threw. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
/** Fails unless the function throws an error of that class with those words, and gives the error. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  errorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows(
  fn: () => unknown,
  ...expectation: Expectation
): unknown {
  const { check, end } = readExpectation(expectation, "thrown");
  try {
    fn();
  } catch (error) {
    check(error);
    return error;
  }
  throw new AssertionError(`Expected function to throw${end}`);
}

/** Fails unless the function's promise rejects, and gives the reason. */
export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
/** Fails unless the function's promise rejects with an error of that class with those words, and gives it. */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  errorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects(
  fn: () => PromiseLike<unknown>,
  ...expectation: Expectation
): Promise<unknown> {
  const { check, end } = readExpectation(expectation, "rejected");
  let promise: unknown;
  try {
    promise = fn();
  } catch {
    promise = undefined;
  }
  if (!isPromiseLike(promise)) throw new AssertionError(`Function throws when expected to reject${end}`);
  try {
    await promise;
  } catch (error) {
    check(error);
    return error;
  }
  throw new AssertionError(`Expected function to reject${end}`);
}

function readExpectation(expectation: Expectation, how: "thrown" | "rejected") {
  const [first, msgIncludes, msg] = expectation;
  if (typeof first !== "function") return { check: () => {}, end: ending(first) };
  const check = (error: unknown) => {
    if (!(error instanceof Error)) {
      throw new AssertionError(`A non-Error object was ${how}${ending(msg)}`);
    }
    assertIsError(error, first, msgIncludes, msg);
  };
  return { check, end: ending(msg) };
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

function says(message: string, wanted: string | RegExp): boolean {
  const plain = stripVTControlCharacters(message);
  return wanted instanceof RegExp ? wanted.test(plain) : plain.includes(stripVTControlCharacters(wanted));
}
