// deno-lint-ignore no-control-regex -- control characters are exactly what must not reach a terminal
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
/** Marks that turn the direction of text round, and lines that are none. */
const MISLEADING = /[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
const UNPRINTABLE = new RegExp(`${CONTROL.source}|${MISLEADING.source}|\\p{Surrogate}`, "gu");
const SHORT: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * Text of strangers as one line that a terminal shows and does not obey: control characters, marks that turn text
 * round, and halves of characters are written as JSON would escape them.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    return SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
