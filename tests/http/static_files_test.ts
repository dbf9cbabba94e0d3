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
      "index.html": "<!doctype html>",
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
  const files = await StaticFiles.open(folder.root);
  const page = await get(files, "/");
  assertEquals([page?.status, page?.text], [200, "<!doctype html>"]);
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
