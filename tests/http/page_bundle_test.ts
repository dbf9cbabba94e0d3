import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { bundlePage, isHashed, standInFor } from "../../lib/http/page_bundle.ts";

const PAGE: Record<string, string> = {
  "/index.html": `<!DOCTYPE html>\n<html>\n  <head>\n    <link rel="icon" href="icon.svg">\n` +
    `    <link rel="stylesheet" href="a.css">\n    <link rel="stylesheet" href="b.css">\n` +
    `    <script type="module" src="app/main.ts"></script>\n  </head>\n</html>\n`,
  "/a.css": "/* First. */\na {\n  color: red;\n}\n",
  "/b.css": "b {\n  color: blue;\n}\n",
  "/app/main.ts": `import { late } from "../deep/late.ts";\nawait late();\n`,
  "/deep/late.ts": `export const late = () => import("../app/words.ts");\n`,
  "/app/words.ts": `export const words = 1;\n`,
};

async function bundle(changes: Record<string, string> = {}): Promise<Map<string, string>> {
  const page = { ...PAGE, ...changes };
  return await bundlePage((path) => Promise.resolve(page[path]));
}

Deno.test("bundlePage() makes one style sheet, in the order of the page, and one script", async () => {
  const made = await bundle();
  const html = made.get("/index.html")!;
  const [, style] = /<link rel="stylesheet" href="([^"]+)">/.exec(html)!;
  const [, script] = /<script type="module" src="([^"]+)">/.exec(html)!;
  assertEquals(html.split("stylesheet").length, 2);
  assertEquals(made.get(`/${style}`), "a {\ncolor: red;\n}\nb {\ncolor: blue;\n}\n");
  assertMatch(script, /^app\/main\.[0-9a-f]{16}\.js$/);
  assertEquals(html.includes(`<link rel="icon" href="icon.svg">`), true);
});

Deno.test("bundlePage() links to what is loaded later from where the script is", async () => {
  const made = await bundle();
  const [main, words] = ["main", "words"].map((name) =>
    [...made.keys()].find((path) => path.includes(name))!
  );
  const [, to] = /import\("([^"]+)"\)/.exec(made.get(main)!)!;
  assertEquals(new URL(to, `http://localhost${main}`).pathname, words);
});

Deno.test("bundlePage() gives another name to what has changed, and to what leads there", async () => {
  const before = [...(await bundle()).keys()];
  assertEquals([...(await bundle()).keys()], before);
  const after = [...(await bundle({ "/app/words.ts": "export const words = 2;\n" })).keys()];
  assertEquals(after.filter((path) => before.includes(path)).length, 2); // The style sheet and the page itself.
});

Deno.test("bundlePage() can be given what it has made", async () => {
  const made = await bundle();
  const again = await bundlePage((path) => Promise.resolve(made.get(path)!));
  assertEquals([...again], [["/index.html", made.get("/index.html")!]]);
});

Deno.test("bundlePage() refuses scripts that load each other later", async () => {
  const words = `export const back = () => import("./main.ts");\n`;
  await assertRejects(() => bundle({ "/app/words.ts": words }), Error, "/app/main.ts: it imports itself");
});

Deno.test("standInFor() finds the same file of another version", () => {
  const paths = ["/index.html", "/app/main.0123456789abcdef.js", "/style.0123456789abcdef.css"];
  assertEquals(standInFor("/app/main.fedcba9876543210.js", paths), "/app/main.0123456789abcdef.js");
  for (const path of ["/app/other.fedcba9876543210.js", "/app/main.fedcba9876543210.css", "/app/main.js"]) {
    assertEquals(standInFor(path, paths), undefined);
  }
  assert(isHashed(paths[1]) && !isHashed(paths[0]));
});
