/** Where a module of the page lies as JavaScript, by its own path like `/app/main.ts`. */
export function builtPath(builtRoot: string, path: string): string {
  return builtRoot + path.replace(/\.ts$/, ".js");
}

/**
 * Reads a module that was made into JavaScript ahead of time.
 *
 * @throws {Error} If it was not; the message says what to do
 */
export async function readBuilt(builtRoot: string, path: string): Promise<string> {
  try {
    return await Deno.readTextFile(builtPath(builtRoot, path));
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new Error(
      `Cannot serve ${path}: this runtime cannot strip types, so deno task build must be run before`,
      { cause },
    );
  }
}
