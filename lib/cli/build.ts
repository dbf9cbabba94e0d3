import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { builtPath } from "../http/built_scripts.ts";
import { type StripTypes, stripTypes, toShortScript } from "../http/plain_script.ts";
import { type Command, startCommand } from "./command.ts";

const HELP =
  `Writes the modules of the page as JavaScript into dist/static, for hosts whose runtime cannot make it of TypeScript.

  deno task build

A runtime that can does without. Ends with 0, or with 1 if something cannot be written.`;

const ROOT = fileURLToPath(new URL("../../static", import.meta.url));
const BUILT_ROOT = fileURLToPath(new URL("../../dist/static", import.meta.url));

/** Writes what such a runtime serves. */
export const build: Command = {
  help: HELP,
  async run({ args, print }) {
    parseArgs({ args });
    const count = await buildScripts(ROOT, BUILT_ROOT);
    print(`${count} modules are in ${BUILT_ROOT}`);
    return 0;
  },
};

/** Writes every module of a folder into another, which holds nothing else then; returns how many there are. */
async function buildScripts(root: string, builtRoot: string): Promise<number> {
  const strip = stripTypes ?? await loadStripper();
  await Deno.remove(builtRoot, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  let count = 0;
  for await (const path of modulesIn(root, "")) {
    const target = builtPath(builtRoot, path);
    await Deno.mkdir(dirname(target), { recursive: true });
    await Deno.writeTextFile(target, toShortScript(await Deno.readTextFile(root + path), strip));
    count++;
  }
  return count;
}

/** What newer runtimes have built in, for those in which the build itself cannot strip types. */
async function loadStripper(): Promise<StripTypes> {
  const { transformSync } = await import("amaro");
  return (source) => transformSync(source, { mode: "strip-only" }).code;
}

async function* modulesIn(root: string, folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(root + folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* modulesIn(root, path);
    else if (name.endsWith(".ts")) yield path;
  }
}

if (import.meta.main) await startCommand(build);
