import { assert, assertEquals } from "@std/assert";

const STATIC = new URL("../../static/", import.meta.url);

async function read(path: string): Promise<string> {
  return await Deno.readTextFile(new URL(path, STATIC));
}

/** The modules a module imports, types aside, as paths below static/. */
async function importsOf(path: string): Promise<string[]> {
  const source = await read(path);
  const found = source.matchAll(/^(?:import|export)\s(?!type\b)[^"';]*?from "(\.[^"]+)";$/gm);
  return [...found].map((match) =>
    new URL(match[1], new URL(path, STATIC)).pathname.slice(STATIC.pathname.length)
  );
}

async function modulesFrom(entrance: string): Promise<Set<string>> {
  const found = new Set([entrance]);
  for (const path of found) for (const next of await importsOf(path)) found.add(next);
  return found;
}

Deno.test("index.html holds no inline script, style or handler", async () => {
  const html = await read("index.html");
  assertEquals(html.match(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:/gi), null);
});

Deno.test("index.html names only files that are there, and no other host", async () => {
  const html = await read("index.html");
  const named = [...html.matchAll(/(?:href|src)="([^"]+)"/g)].map((match) => match[1]);
  assert(named.length >= 10);
  for (const path of named) {
    assert(!path.includes(":") && !path.startsWith("/"), path);
    await Deno.stat(new URL(path, STATIC));
  }
});

Deno.test("the page writes to the document as text only", async () => {
  for (const path of await modulesFrom("app/main.ts")) {
    const found = (await read(path)).match(
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\(/,
    );
    assertEquals(found, null, path);
  }
});
