import { assert, assertEquals, assertFalse, assertRejects } from "@std/assert";
import { StaticFiles } from "../../lib/http/static_files.ts";

/** A folder with a page, a module, a deep file, and what nobody is to see. */
class Folder implements AsyncDisposable {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  static async make(): Promise<Folder> {
    const root = `${await Deno.makeTempDir()}/a folder`;
    const files = {
      "index.html": `<!doctype html>\n<script type="module" src="app.ts"></script>\n`,
      "app.ts": "export const answer: number = 42;\n",
      "deep/down/style.css": "body {}",
      ".secret": "secret",
      ".git/config": "secret",
    };
    for (const [name, text] of Object.entries(files)) {
      const path = `${root}/${name}`;
      await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
      await Deno.writeTextFile(path, text);
    }
    return new Folder(root);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.root.slice(0, this.root.lastIndexOf("/")), { recursive: true });
  }
}

async function get(files: StaticFiles, path: string, init: RequestInit = {}) {
  const response = await files.serve(new Request(`http://localhost${path}`, init), path);
  return response && { status: response.status, headers: response.headers, text: await response.text() };
}

Deno.test("StaticFiles serves the page, and what belongs to it, by its path", async () => {
  await using folder = await Folder.make();
  using files = await StaticFiles.open(folder.root);
  const page = await get(files, "/");
  assertEquals([page?.status, page?.text.slice(0, 15)], [200, "<!doctype html>"]);
  assert(page?.headers.get("content-type")?.startsWith("text/html"));
  const style = await get(files, "/deep/down/style.css");
  assertEquals(style?.text, "body {}");
  for (const file of [page, style]) assertEquals(file?.headers.get("cache-control"), "no-cache");
});

Deno.test("StaticFiles serves TypeScript as JavaScript", async () => {
  await using folder = await Folder.make();
  const files = await StaticFiles.open(folder.root);
  const script = await get(files, "/app.ts");
  assertEquals(script?.headers.get("content-type"), "text/javascript; charset=utf-8");
  assertEquals(script?.text.replace(/ +/g, " "), "export const answer = 42;\n");
  const etag = script?.headers.get("etag");
  assert(etag);
  const again = await get(files, "/app.ts", { headers: { "if-none-match": etag } });
  assertEquals([again?.status, again?.text], [304, ""]);
  const head = await get(files, "/app.ts", { method: "HEAD" });
  assertEquals([head?.status, head?.text, head?.headers.get("etag")], [200, "", etag]);
});

/** Where the page has its script. */
async function scriptOf(files: StaticFiles): Promise<string> {
  return `/${/src="([^"]+)"/.exec((await get(files, "/"))!.text)?.[1]}`;
}

Deno.test("StaticFiles serves the page in files that can be kept for ever", async () => {
  await using folder = await Folder.make();
  using files = await StaticFiles.open(folder.root);
  const path = await scriptOf(files);
  const script = await get(files, path);
  assertEquals(script?.text, "const answer = 42;\nexport { answer };");
  assertEquals(script?.headers.get("cache-control"), "public, max-age=31536000, immutable");
  assertEquals(script?.headers.get("content-type"), "text/javascript; charset=utf-8");
  const page = await get(files, "/");
  const again = await get(files, "/", { headers: { "if-none-match": page!.headers.get("etag")! } });
  assertEquals([again?.status, again?.text, again?.headers.get("cache-control")], [304, "", "no-cache"]);
  await files.prepare();
});

Deno.test("StaticFiles gives a page of another version the script of this one, not to be kept", async () => {
  await using folder = await Folder.make();
  using files = await StaticFiles.open(folder.root);
  const other = await get(files, "/app.0123456789abcdef.js");
  assertEquals([other?.text, other?.headers.get("cache-control")], [
    "const answer = 42;\nexport { answer };",
    "no-cache",
  ]);
  assertEquals(await get(files, "/other.0123456789abcdef.js"), undefined);
  await files.prepare();
});

Deno.test("StaticFiles serves the page in the files it is written in, if it is told to", async () => {
  await using folder = await Folder.make();
  using files = await StaticFiles.open(folder.root, { isBundled: false });
  assertEquals(await scriptOf(files), "/app.ts");
  assertEquals(await get(files, "/app.0123456789abcdef.js"), undefined);
  await files.prepare();
});

Deno.test("StaticFiles says why the page cannot be prepared, and tries again when it is asked for", async () => {
  await using folder = await Folder.make();
  await Deno.writeTextFile(`${folder.root}/app.ts`, "export default 42;\n");
  const failures: unknown[] = [];
  using files = await StaticFiles.open(folder.root, { failed: (error) => failures.push(error) });
  await files.prepare();
  assertEquals(failures.map(String), [
    'Error: Cannot bundle /app.ts: "export default 42;" is not understood',
  ]);
  await assertRejects(() => get(files, "/"), Error, "Cannot bundle");
  await Deno.writeTextFile(`${folder.root}/app.ts`, "export const answer = 42;\n");
  assertEquals((await get(files, "/"))?.status, 200);
});

Deno.test("StaticFiles stops what it prepares when it is closed", async () => {
  await using folder = await Folder.make();
  const files = await StaticFiles.open(folder.root);
  const preparing = files.prepare();
  await get(files, "/");
  files[Symbol.dispose]();
  await preparing;
  assertEquals((await get(files, "/"))?.status, 200);
});

Deno.test("StaticFiles knows nothing outside its folder, no folders, and no hidden files", async () => {
  await using folder = await Folder.make();
  const files = await StaticFiles.open(`${folder.root}/deep`);
  const paths = [
    "/../index.html",
    "/..",
    "//etc/passwd",
    "/down",
    "/down/",
    "/down/%2e%2e/%2e%2e/index.html",
    "",
  ];
  for (const path of paths) assertEquals(await get(files, path), undefined, path);
  const all = await StaticFiles.open(folder.root);
  for (const path of ["/.secret", "/.git/config", "/deep/../.secret"]) {
    assertEquals(await get(all, path), undefined, path);
  }
});

Deno.test("StaticFiles follows no link that leads out of its folder", async () => {
  await using folder = await Folder.make();
  await Deno.symlink("/etc/hostname", `${folder.root}/linked`);
  const files = await StaticFiles.open(folder.root);
  assertEquals(await get(files, "/linked"), undefined);
});

Deno.test("StaticFiles allows nothing but reading", async () => {
  await using folder = await Folder.make();
  const files = await StaticFiles.open(folder.root);
  for (const method of ["POST", "PUT", "DELETE"]) {
    const answer = await get(files, "/index.html", { method });
    assertEquals([answer?.status, answer?.headers.get("allow")], [405, "GET, HEAD"]);
    assertFalse(answer?.text.includes("doctype"));
  }
});

Deno.test("StaticFiles cannot be opened where there is no folder", async () => {
  await assertRejects(() => StaticFiles.open("/no/such/folder"), Deno.errors.NotFound);
});
