import { assertEquals } from "@std/assert";
import { readConfig } from "../../lib/config.ts";
import { openServer } from "../../lib/server.ts";
import { silentLog } from "../../lib/telemetry/log.ts";
import { TemporaryFolder } from "../support/temporary_folder.ts";

const LONG_AGO = new Date("2020-01-01");

Deno.test("of several servers of a process, only one looks for what nobody went on with", async () => {
  await using folder = await TemporaryFolder.make();
  const settings: Record<string, string> = { STORE: "memory:", FILES_DIR: folder.path };
  const config = readConfig((name) => settings[name]);
  const scratch = `${folder.path}/scratch`;
  await Deno.mkdir(scratch);
  await Deno.writeTextFile(`${scratch}/left`, "");
  await Deno.utime(`${scratch}/left`, LONG_AGO, LONG_AGO);
  const left: string[][] = [];
  for (const isTidiedElsewhere of [true, false]) {
    await (await openServer(config, silentLog, undefined, { isTidiedElsewhere }))[Symbol.asyncDispose]();
    left.push(await Array.fromAsync(Deno.readDir(scratch), ({ name }) => name));
  }
  assertEquals(left, [["left"], []]);
});
