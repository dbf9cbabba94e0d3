import { deepStrictEqual } from "node:assert/strict";
import { inspect } from "node:util";

/** The value as text for people, in full. */
export function show(value: unknown): string {
  return inspect(value, { depth: Infinity, maxArrayLength: Infinity, maxStringLength: Infinity });
}

/** How the first sentence of a failure ends: with the caller's words, or with a full stop. */
export function ending(msg: string | undefined): string {
  return msg ? `: ${msg}` : ".";
}

/** Where two values differ, line by line, as `node:assert` draws it. */
export function difference(actual: unknown, expected: unknown): string {
  try {
    deepStrictEqual(actual, expected);
  } catch (error) {
    const [, ...lines] = (error instanceof Error ? error.message : String(error)).split("\n");
    return lines.join("\n");
  }
  return `\nactual: ${show(actual)}\nexpected: ${show(expected)}\n`;
}
