import { assertEquals } from "@std/assert";
import { repoFile } from "../support/readme.ts";
import { packageFlags } from "../support/script.ts";

Deno.test("the library's documentation is complete, and names nothing that it does not export", async () => {
  const args = ["doc", "--lint", ...packageFlags(), "lib/mod.ts"];
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: repoFile("."),
    env: { NO_COLOR: "1" },
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
});

Deno.test("the library is what the package exports", async () => {
  const { exports } = JSON.parse(await Deno.readTextFile(repoFile("deno.json")));
  assertEquals(exports, "./lib/mod.ts");
  assertEquals(Object.keys(await import("../../lib/mod.ts")).sort(), ["ConfigError", "createServer"]);
});
