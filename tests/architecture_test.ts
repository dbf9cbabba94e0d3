import { assertEquals } from "@std/assert";

const ROOT = new URL("../", import.meta.url);

/** The floors of the house: a file imports from its own folder or from a lower floor. */
const FLOORS: Record<string, number> = {
  "lib/kit": 0,
  "lib/without_jsr": 0,
  "lib/protocol": 1,
  "lib/telemetry": 1,
  "lib/redis": 1,
  "lib/kv": 1,
  "lib/auth": 2,
  "lib/store": 2,
  "lib/bus": 2,
  "lib/files": 2,
  "lib/chat": 3,
  "lib/connection": 4,
  "lib/http": 5,
  "lib": 6,
  "static/sdk": 6,
  "lib/cli": 7,
  "": 8,
};
const MAX_LINES = 300;
/** Folders that know nothing of the runtime they are in. */
const PURE = ["lib/kit", "lib/protocol", "lib/chat"];
/** Bare imports that only one folder may name, as the rest of the house must not notice when they change. */
const KEPT_IN: Record<string, string> = {
  "djwt": "lib/auth",
  "node:sqlite": "lib/store",
  "@redis/client": "lib/redis",
  "@std/http": "lib/http",
};

interface Source {
  readonly path: string;
  readonly folder: string;
  readonly text: string;
  readonly code: string;
  /** Files it imports, as paths from the root. */
  readonly files: string[];
  /** Everything else it imports. */
  readonly bare: string[];
}

async function readSources(folders: string[]): Promise<Source[]> {
  const sources: Source[] = [];
  async function walk(folder: string): Promise<void> {
    for await (const entry of Deno.readDir(new URL(folder, ROOT))) {
      const path = `${folder}${entry.name}`;
      if (entry.isDirectory) await walk(`${path}/`);
      else if (path.endsWith(".ts")) sources.push(await readSource(path));
    }
  }
  for (const folder of folders) await walk(folder);
  return sources;
}

async function readSource(path: string): Promise<Source> {
  const url = new URL(path, ROOT);
  const text = await Deno.readTextFile(url);
  const code = text.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, "");
  const specifiers = [...code.matchAll(/(?:^|\s|\()(?:from|import)\s*\(?\s*"([^"]+)"/g)].map((match) =>
    match[1]
  );
  const files = specifiers.filter((name) => name.startsWith(".") && name.endsWith(".ts")).map((name) =>
    new URL(name, url).href.slice(ROOT.href.length)
  );
  const bare = specifiers.filter((name) => !name.startsWith("."));
  return {
    path,
    folder: path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "",
    text,
    code,
    files,
    bare,
  };
}

function floorOf(folder: string): number | undefined {
  return FLOORS[folder];
}

const main = await readSource("main.ts");
const lib = await readSources(["lib/"]);
const page = await readSources(["static/"]);
const house = [main, ...lib];

Deno.test("every folder of lib/ stands on a floor", () => {
  const homeless = new Set(lib.map(({ folder }) => folder).filter((folder) => floorOf(folder) === undefined));
  assertEquals([...homeless], []);
});

Deno.test("no file imports from a higher floor, or from another folder of its own", () => {
  const upward = house.flatMap(({ path, folder, files }) =>
    files.filter((file) => {
      const target = file.includes("/") ? file.slice(0, file.lastIndexOf("/")) : "";
      return target !== folder && !(floorOf(target)! < floorOf(folder)!);
    }).map((file) => `${path} → ${file}`)
  );
  assertEquals(upward, []);
});

Deno.test("no files import each other in a circle, types included", () => {
  const imports = new Map([...house, ...page].map(({ path, files }) => [path, files]));
  const circles = new Set<string>();
  const done = new Set<string>();
  function follow(path: string, way: string[]): void {
    const start = way.indexOf(path);
    if (start >= 0) return void circles.add([...way.slice(start), path].join(" → "));
    if (done.has(path)) return;
    for (const next of imports.get(path) ?? []) follow(next, [...way, path]);
    done.add(path);
  }
  for (const path of imports.keys()) follow(path, []);
  assertEquals([...circles], []);
});

Deno.test("no source file is longer than 300 lines", () => {
  const long = [...house, ...page].filter(({ text }) => text.split("\n").length - 1 > MAX_LINES);
  assertEquals(long.map(({ path, text }) => `${path}: ${text.split("\n").length - 1}`), []);
});

Deno.test("kit, protocol and chat do not know the runtime", () => {
  const impure = lib.filter(({ folder, code }) => PURE.includes(folder) && /\bDeno\b/.test(code));
  assertEquals(impure.map(({ path }) => path), []);
});

Deno.test("rooms do not know sockets", () => {
  const knowing = lib.filter(({ folder, code }) => folder === "lib/chat" && /\bWebSocket\b/.test(code));
  assertEquals(knowing.map(({ path }) => path), []);
});

Deno.test("each adapter's library is imported in one folder only", () => {
  const strays = house.filter(({ folder }) => folder !== "lib/without_jsr").flatMap((
    { path, folder, bare },
  ) =>
    bare.filter((name) =>
      Object.entries(KEPT_IN).some(([library, home]) =>
        (name === library || name.startsWith(library + "/")) && folder !== home
      )
    ).map((name) => `${path} → ${name}`)
  );
  assertEquals(strays, []);
});

Deno.test("only config.ts and what people start read the environment", () => {
  const readers = lib.filter(({ code }) => /\bDeno\.env\b/.test(code)).map(({ path }) => path)
    .filter((path) => !path.startsWith("lib/cli/") && path !== "lib/without_jsr/flags.ts");
  assertEquals(readers, []);
});

Deno.test("the page knows the SDK, and neither of them the server", () => {
  const strays = page.flatMap(({ path, files, bare }) => [
    ...files.filter((file) => !file.startsWith("static/")).map((file) => `${path} → ${file}`),
    ...files.filter((file) => path.startsWith("static/sdk/") && !file.startsWith("static/sdk/"))
      .map((file) => `${path} → ${file}`),
    ...bare.map((name) => `${path} → ${name}`),
  ]);
  assertEquals(strays, []);
});

Deno.test("no default exports, and no any", () => {
  const strays = [...house, ...page].filter(({ code }) =>
    /\bexport default\b|[:<]\s*any\b|\bas any\b/.test(code)
  );
  assertEquals(strays.map(({ path }) => path), []);
});
