/** Names a database file that does not exist yet, in a folder that goes with `stack`. */
export async function temporaryFile(stack: AsyncDisposableStack): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "parley_store_" });
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  return `${folder}/new/parley.db`;
}
