import { assert, assertEquals } from "@std/assert";
import { stripTypeScriptTypes } from "node:module";

const IMPORT = /^(?:import|export|\}).* from "([^"]+)"/gm;
const FOLDER = new URL("../../static/sdk/", import.meta.url);

async function sources(): Promise<[string, string][]> {
  const files: [string, string][] = [];
  for await (const { name } of Deno.readDir(FOLDER)) {
    files.push([name, await Deno.readTextFile(new URL(name, FOLDER))]);
  }
  return files;
}

Deno.test("Every file of the client library becomes JavaScript by leaving out its types", async () => {
  for (const [name, source] of await sources()) {
    // The mode "strip" refuses enums, namespaces and parameter properties, as Node does.
    const script = stripTypeScriptTypes(source, { mode: "strip" });
    assert(script.length > 0, name);
  }
});

Deno.test("The client library imports nothing but its own files, by their full names", async () => {
  for (const [name, source] of await sources()) {
    for (const [, specifier] of source.matchAll(IMPORT)) {
      assert(/^\.\/[a-z0-9_]+\.ts$/.test(specifier), `${name} imports "${specifier}"`);
    }
  }
});

Deno.test("The client library uses nothing that only one runtime has", async () => {
  for (const [name, source] of await sources()) {
    assertEquals(source.match(/\bDeno\.|\bprocess\.|\brequire\(|node:|\bdocument\./g), null, name);
  }
});

Deno.test("No two files of the client library import each other in a circle", async () => {
  const imports = new Map<string, string[]>();
  for (const [name, source] of await sources()) {
    imports.set(name, [...source.matchAll(IMPORT)].map(([, specifier]) => specifier.slice(2)));
  }
  const visit = (name: string, path: string[]): void => {
    assert(!path.includes(name), [...path, name].join(" → "));
    for (const target of imports.get(name) ?? []) visit(target, [...path, name]);
  };
  for (const name of imports.keys()) visit(name, []);
});
