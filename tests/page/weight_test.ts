import { assert, assertEquals } from "@std/assert";
import { brotliCompressSync } from "node:zlib";
import { StaticFiles } from "../../lib/http/static_files.ts";

const MAX_BYTES = 60_000;
const STATIC = new URL("../../static", import.meta.url).pathname;

/** Loads a file as a browser does, and gives what it names. */
async function load(files: StaticFiles, path: string) {
  const request = new Request(`http://localhost${path}`, { headers: { "accept-encoding": "gzip, br" } });
  const response = await files.serve(request, path);
  assert(response, `${path} is missing`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  return { bytes: bytes.length, encoding: response.headers.get("content-encoding") };
}

async function textOf(files: StaticFiles, path: string): Promise<string> {
  return await (await files.serve(new Request(`http://localhost${path}`), path))!.text();
}

/** Everything the page may ever load, both languages included. */
async function pathsOfPage(files: StaticFiles): Promise<Set<string>> {
  const html = await textOf(files, "/");
  const named = [...html.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, path]) => `/${path}`);
  const paths = new Set(["/", ...named]);
  for (const path of paths) {
    if (!path.endsWith(".js")) continue;
    for (const [, late] of (await textOf(files, path)).matchAll(/import\("([^"]+)"\)/g)) {
      paths.add(new URL(late, `http://localhost${path}`).pathname);
    }
  }
  return paths;
}

Deno.test("the whole page weighs at most 60 kB as it is served, in a handful of files", async () => {
  using files = await StaticFiles.open(STATIC);
  await files.prepare();
  const paths = await pathsOfPage(files);
  assert(paths.size <= 10, [...paths].join(" "));
  assertEquals([...paths].filter((path) => path.endsWith(".ts")), []);
  let bytes = 0;
  for (const path of paths) bytes += (await load(files, path)).bytes;
  assert(bytes <= MAX_BYTES, `${bytes} bytes in ${paths.size} files`);
});

Deno.test("the page is compressed once, as well as it goes, and not while people ask for it", async () => {
  using files = await StaticFiles.open(STATIC);
  const [path] = [...await pathsOfPage(files)].filter((path) => path.includes("main."));
  await files.prepare();
  const text = await textOf(files, path);
  const { bytes, encoding } = await load(files, path);
  assertEquals(encoding, "br");
  assert(bytes <= brotliCompressSync(text).length, `${bytes} bytes`);
});

Deno.test("the page's scripts share nothing but the way to what is remembered", async () => {
  using files = await StaticFiles.open(STATIC);
  const scripts = [...await pathsOfPage(files)].filter((path) => path.endsWith(".js"));
  const texts = await Promise.all(scripts.map((path) => textOf(files, path)));
  const exported = texts.flatMap((text) => [...text.matchAll(/^return \{ (.*) \};\n\}\)\(\);$/gm)])
    .map(([, names]) => names);
  assertEquals(exported.filter((names, at) => exported.indexOf(names) !== at), ["recall, remember"]);
});
