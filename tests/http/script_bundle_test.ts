import { assertEquals, assertRejects } from "@std/assert";
import { ScriptBundle } from "../../lib/http/script_bundle.ts";

/** Bundles modules that are given by path, from `/main.js` on. */
async function bundle(modules: Record<string, string>): Promise<string> {
  const read = (path: string) => {
    const code = modules[path];
    return code === undefined ? Promise.reject(new Error(`No ${path}`)) : Promise.resolve(code);
  };
  return await new ScriptBundle(read, (path) => Promise.resolve(`link:${path}`)).make("/main.js");
}

/** Runs a bundle as the browser would, and gives what it left in `globalThis.told`. */
async function run(modules: Record<string, string>): Promise<unknown> {
  const script = await bundle(modules);
  const scope = globalThis as { told?: unknown };
  scope.told = [];
  try {
    await import(`data:text/javascript,${encodeURIComponent(`${script}\n// ${crypto.randomUUID()}`)}`);
    return scope.told;
  } finally {
    delete scope.told;
  }
}

Deno.test("ScriptBundle runs every module once, after those it needs, each in a scope of its own", async () => {
  const told = await run({
    "/main.js":
      `import { b } from "./b.js";\nimport { a as first } from "./deep/a.js";\ntold.push(first, b);\n`,
    "/b.js":
      `import {\n  a,\n} from "./deep/a.js";\nconst own = "b";\nexport const b = own + a;\ntold.push("b runs");\n`,
    "/deep/a.js": `const own = "a";\nexport const a = own;\ntold.push("a runs");\n`,
  });
  assertEquals(told, ["a runs", "b runs", "a", "ba"]);
});

Deno.test("ScriptBundle understands every kind of named export", async () => {
  const told = await run({
    "/main.js":
      `import { f, g, h, C, x, y, z, w } from "./all.js";\ntold.push(f(), await g(), [...h()], new C().c, x, y, z, w);`,
    "/all.js": `export function f() {\n  return 1;\n}\nexport async function g() {\n  return await 2;\n}\n` +
      `export function* h() {\n  yield 3;\n}\nexport class C {\n  c = 4;\n}\nexport const x = 5;\n` +
      `const inside = 6;\nexport { inside as y };\nexport { deep as z, w } from "./deep.js";\n`,
    "/deep.js": `export const deep = 7;\nexport const w = 8;\n`,
  });
  assertEquals(told, [1, 2, [3], 4, 5, 6, 7, 8]);
});

Deno.test("ScriptBundle gives who imports the script late what its module exports", async () => {
  const script = await bundle({
    "/main.js": `import { a } from "./deep.js";\nexport const words = "own" + a;\nconst inside = 2;\n` +
      `export { inside as outside };\nexport { a, b as c } from "./deep.js";\nexport function f() {\n  return 3;\n}\n`,
    "/deep.js": `export const a = 1;\nexport const b = 4;\n`,
  });
  const { words, outside, a, c, f } = await import(`data:text/javascript,${encodeURIComponent(script)}`);
  assertEquals([words, outside, a, c, f()], ["own1", 2, 1, 4, 3]);
});

Deno.test("ScriptBundle leaves to later what is imported later", async () => {
  const script = await bundle({
    "/main.js": `import { load } from "./app/load.js";\nawait load();`,
    "/app/load.js": `export const load = () => import("./words.js");`,
  });
  assertEquals(script.includes(`import("link:/app/words.js")`), true, script);
});

Deno.test("ScriptBundle changes nothing inside texts", async () => {
  const text = "import { a } from 'b';  \\n// no comment";
  const told = await run({ "/main.js": `told.push("${text}", \`  two\n  lines\`);` });
  assertEquals(told, ["import { a } from 'b';  \n// no comment", "  two\n  lines"]);
});

Deno.test("ScriptBundle refuses what it does not understand, and says where", async () => {
  const one = `export const one = 1;\nexport let two = 2;`;
  const refused: [main: string, other: string, why: string][] = [
    [`import * as all from "./a.js";`, "", `"import * as all from "./a.js";" is not understood`],
    [`import "./a.js";`, "", "is not understood"],
    [`import one from "./a.js";`, "", "is not understood"],
    [`import { one } from "somewhere";`, "", "is not understood"],
    [`import { one } from "./a.js";`, one, `Cannot bundle /a.js: "export let two = 2;" is not understood`],
    [`import { one } from "./a.js";`, `export default 1;`, "is not understood"],
    [`import { one } from "./a.js";`, `export * from "./b.js";`, "is not understood"],
    [`import { one } from "./a.js";`, `export const { one } = { one: 1 };`, "is not understood"],
    [`import { one } from "./a.js";`, `await 1;\nexport const one = 1;`, `"await 1;" is not understood`],
    [`import { b } from "./a.js";`, `export const a = 1, b = 2;`, `"./a.js" exports no "b"`],
    [`import { a } from "./a.js";`, `import { b } from "./a.js";\nexport const a = b;`, "imports itself"],
    [`import { a } from "./c.js";`, "", "No /c.js"],
  ];
  for (const [main, other, why] of refused) {
    await assertRejects(() => bundle({ "/main.js": main, "/a.js": other }), Error, why, main + other);
  }
});
