/** Stands in for `@std/assert` inside a browser page. */
export function assertEquals(actual: unknown, expected: unknown): void {
  if (JSON.stringify(actual) !== JSON.stringify(expected)) {
    throw new Error(`Expected ${JSON.stringify(expected)}: got ${JSON.stringify(actual)}`);
  }
}
