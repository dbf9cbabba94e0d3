import { assertEquals, AssertionError, assertRejects, assertThrows } from "@std/assert";

function messageOf(error: unknown): string {
  if (error instanceof AssertionError) return error.message;
  throw error;
}

function said(fn: () => unknown): string {
  try {
    fn();
  } catch (error) {
    return messageOf(error);
  }
  return "nothing";
}

async function saidLater(fn: () => Promise<unknown>): Promise<string> {
  return await fn().then(() => "nothing", messageOf);
}

function throwing(error: unknown): () => never {
  return () => {
    throw error;
  };
}

Deno.test("assertThrows() gives the error it wanted", () => {
  const error = new RangeError("too far");
  assertEquals(assertThrows(throwing(error)), error);
  assertEquals(assertThrows(throwing(error), Error, "far").message, "too far");
  assertEquals(assertThrows(throwing("text"), "hint"), "text");
});

Deno.test("assertThrows() says what was thrown instead", () => {
  assertEquals(said(() => assertThrows(() => 1)), "Expected function to throw.");
  assertEquals(said(() => assertThrows(() => 1, "hint")), "Expected function to throw: hint");
  assertEquals(said(() => assertThrows(throwing("text"), Error)), "A non-Error object was thrown.");
  assertEquals(
    said(() => assertThrows(throwing(new RangeError("x")), TypeError)),
    'Expected error to be instance of "TypeError", but was "RangeError".',
  );
  assertEquals(
    said(() => assertThrows(throwing(new TypeError("x")), TypeError, "y", "hint")),
    'Expected error message to include "y", but got "x": hint',
  );
});

Deno.test("assertRejects() gives the error it wanted", async () => {
  const error = new RangeError("too far");
  assertEquals(await assertRejects(() => Promise.reject(error)), error);
  assertEquals((await assertRejects(() => Promise.reject(error), RangeError, "too")).name, "RangeError");
});

Deno.test("assertRejects() says what happened instead", async () => {
  assertEquals(
    await saidLater(() => assertRejects(() => Promise.resolve())),
    "Expected function to reject.",
  );
  assertEquals(
    await saidLater(() => assertRejects(throwing(new Error("at once")))),
    "Function throws when expected to reject.",
  );
  assertEquals(
    await saidLater(() => assertRejects(() => Promise.reject(7), Error)),
    "A non-Error object was rejected.",
  );
  assertEquals(
    await saidLater(() => assertRejects(() => Promise.reject(new Error("x")), Error, "y")),
    'Expected error message to include "y", but got "x".',
  );
});
