/** `tab` lasts as long as this tab, `browser` until the person clears it. */
export type StorageArea = "tab" | "browser";

const PREFIX = "parley.";
/** What the browser would not take, now or at all. */
const inMemory = new Map<string, string | undefined>();

/** Reads a remembered value; where the browser refuses storage or has no more of it, one kept in memory. */
export function recall(area: StorageArea, key: string): string | undefined {
  try {
    return inMemory.get(key) ?? storage(area).getItem(PREFIX + key) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a value, or forgets it when the value is `undefined`. */
export function remember(area: StorageArea, key: string, value: string | undefined): void {
  inMemory.delete(key);
  try {
    // First, so that what was there before does not come back where there is no space for what follows it.
    storage(area).removeItem(PREFIX + key);
    if (value !== undefined) storage(area).setItem(PREFIX + key, value);
  } catch {
    inMemory.set(key, value);
  }
}

function storage(area: StorageArea): Storage {
  return area === "tab" ? sessionStorage : localStorage;
}
