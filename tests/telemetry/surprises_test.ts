import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { makeMetrics } from "../../lib/measures.ts";

const STAGE = /(?:surprised|#guard|surprises\.add)\((?:1, )?"(\w+)"/g;

Deno.test("Surprises are told apart by every stage at which the server catches them", async () => {
  const stages = new Set<string>();
  await collect(fileURLToPath(new URL("../../lib", import.meta.url)), stages);
  assert(stages.size > 5);
  for (const stage of stages) {
    const { surprises } = makeMetrics();
    surprises.add(1, stage);
    assertEquals([stage, surprises.get("other")], [stage, 0]);
  }
});

async function collect(folder: string, stages: Set<string>): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) await collect(path, stages);
    else if (name.endsWith(".ts")) {
      for (const [, stage] of (await Deno.readTextFile(path)).matchAll(STAGE)) stages.add(stage);
    }
  }
}
