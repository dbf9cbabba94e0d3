import { dirname } from "node:path";

/** Whether this runtime has a key-value database at all; hosts may have none until one is attached. */
export function hasKv(): boolean {
  return typeof Deno.openKv === "function";
}

/**
 * Opens a key-value database: in a file, which is made with its folder, or for "" that of the place where the program
 * runs; an https address of one elsewhere goes as well.
 *
 * @throws {Error} If there is none or it cannot be opened; the message is one sentence
 */
export async function openKv(place: string): Promise<Deno.Kv> {
  if (!hasKv()) {
    throw new Error(
      "This runtime has no key-value database: run deno with --unstable-kv, or attach a database to the app",
    );
  }
  try {
    if (place === "") return await Deno.openKv();
    if (place !== ":memory:" && !/^https?:\/\//.test(place)) {
      await Deno.mkdir(dirname(place), { recursive: true });
    }
    return await Deno.openKv(place);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const what = place === "" ? "the key-value database of this place" : `the key-value database "${place}"`;
    throw new Error(`Cannot open ${what}: ${reason}`, { cause });
  }
}
