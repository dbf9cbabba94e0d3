/** `tab` lasts as long as this tab, `browser` until the person clears it. */
export type StorageArea = "tab" | "browser";

const PREFIX = "parley.";
const inMemory = new Map<string, string>();

/** Reads a remembered value; where the browser refuses storage, one kept in memory. */
export function recall(area: StorageArea, key: string): string | undefined {
  try {
    return storage(area).getItem(PREFIX + key) ?? undefined;
  } catch {
    return inMemory.get(key);
  }
}

/** Keeps a value, or forgets it when the value is `undefined`. */
export function remember(area: StorageArea, key: string, value: string | undefined): void {
  try {
    if (value === undefined) storage(area).removeItem(PREFIX + key);
    else storage(area).setItem(PREFIX + key, value);
  } catch {
    if (value === undefined) inMemory.delete(key);
    else inMemory.set(key, value);
  }
}

function storage(area: StorageArea): Storage {
  return area === "tab" ? sessionStorage : localStorage;
}
