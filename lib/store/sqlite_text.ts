import type { SQLInputValue, SQLOutputValue } from "node:sqlite";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A text as it is stored: one with NUL becomes a blob, because the runtime cuts what it reads there. */
export function toText(text: string): SQLInputValue {
  return text.includes("\0") ? encoder.encode(text) : text;
}

/** The text that {@linkcode toText} stored. */
export function fromText(value: SQLOutputValue): string {
  return value instanceof Uint8Array ? decoder.decode(value) : String(value);
}
