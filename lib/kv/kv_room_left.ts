import { utf8Length } from "../kit/utf8.ts";

/** What one commit may hold at most, with something to spare below the limits of the database. */
const MAX_MUTATIONS = 950;
const MAX_KEY_BYTES = 76_000;
const MAX_BYTES = 780_000;
/** Numbers, and what the encoding puts around a value. */
const OVERHEAD_BYTES = 24;

/** The longest text that one value holds beside a few short ones, in UTF-16 units of up to two bytes each. */
export const MAX_TEXT_LENGTH = 24_000;

/** How much of one commit is still free. */
export class KvRoomLeft {
  #mutations = MAX_MUTATIONS;
  #keyBytes = MAX_KEY_BYTES;
  #bytes = MAX_BYTES;

  /** Takes what setting a key, or deleting it, needs; whether all that was taken still fits. */
  take(key: Deno.KvKey, valueBytes = 0): boolean {
    const keyBytes = sizeOfKey(key);
    this.#mutations--;
    this.#keyBytes -= keyBytes;
    this.#bytes -= keyBytes + valueBytes;
    return this.#mutations >= 0 && this.#keyBytes >= 0 && this.#bytes >= 0;
  }
}

/** At most so many bytes does a value of these texts take. */
export function sizeOfTexts(...texts: (string | undefined)[]): number {
  return texts.reduce((sum, text) => sum + 2 * (text?.length ?? 0) + OVERHEAD_BYTES, OVERHEAD_BYTES);
}

function sizeOfKey(key: Deno.KvKey): number {
  let size = 0;
  for (const part of key) {
    if (typeof part === "string") size += utf8Length(part) + countNuls(part) + 2;
    else if (part instanceof Uint8Array) size += 2 * part.length + 2;
    else size += 10;
  }
  return size;
}

/** A NUL takes two bytes in a key. */
function countNuls(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\0"); at !== -1; at = text.indexOf("\0", at + 1)) count++;
  return count;
}
