import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { makeBackup } from "../../lib/cli/backup.ts";
import { UsageError } from "../../lib/cli/command.ts";
import { backUp } from "../../lib/store/sqlite_backup.ts";
import { Chance } from "../hostile/chance.ts";
import { ChildServer } from "../support/child_server.ts";
import { Peer } from "../support/peer.ts";
import { Journal, nameMessage } from "./support/journal.ts";
import { readHistory } from "./support/reader.ts";
import { Writer } from "./support/writer.ts";

Deno.test("a backup made while people write holds everything acknowledged before it, and a server starts on it", async () => {
  const folder = await Deno.makeTempDir({ prefix: "parley_backup_" });
  const [file, copy] = [`${folder}/parley.db`, `${folder}/copies/parley.db`];
  const journal = new Journal("general");
  const first = await ChildServer.start({ STORE: `sqlite:${file}` });
  const writers = Array.from({ length: 4 }, (_, i) => new Writer(i, journal, { window: 20 }));
  const writing = writers.map((writer, i) => writer.write(first.address, new Chance(i)));
  await using ann = await Peer.signIn(first, "ann");
  const { epoch } = await ann.join("general");
  while (journal.acknowledged < 3_000) await ann.ask({ type: "ping" });
  const before = journal.acknowledged;
  const { code, stdout, stderr } = await runTask(copy, `sqlite:${file}`);
  assertEquals(code, 0, stderr);
  assertMatch(stdout, /^.*\/copies\/parley\.db: \d+ messages in 1 rooms, copied in \d+\.\d s\.$/m);
  assert(journal.acknowledged > before, "nothing was acknowledged while the copy was made");
  while (journal.acknowledged < before + 1_000) await ann.ask({ type: "ping" });
  await Promise.all(writers.map((writer) => writer.finish()));
  await Promise.all(writing);
  const whole = await readHistory(first.address, "general");
  first.signal("SIGTERM");
  await first.ended;
  assertEquals(journal.compare(whole).lost, 0);

  await using second = await ChildServer.start({ STORE: `sqlite:${copy}` });
  const copied = await readHistory(second.address, "general");
  assert(copied.length >= before, `${copied.length} of ${before} messages are in the copy`);
  assert(copied.length < whole.length, "nothing was written while the copy was made");
  assertEquals(copied, whole.slice(0, copied.length));
  // Numbers that clients know are given out again, so nobody may continue from them.
  await using bob = await Peer.signIn(second, "bob");
  bob.send({ type: "join", roomId: "general", after: copied.length - 1, epoch });
  assertEquals((await bob.next("room_history")).recovered, false);
  const again = await bob.ask({ type: "chat", roomId: "general", content: nameMessage(0, 0) });
  assertEquals(again.seq, copied.length + 1);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("backUp() refuses a source that is not there or not ours, and a target that is, and leaves nothing half-done", async () => {
  const folder = await Deno.makeTempDir({ prefix: "parley_backup_" });
  const file = `${folder}/parley.db`;
  await assertRejects(() => backUp(file, `${folder}/copy.db`), Error, "there is no such file");
  await Deno.writeTextFile(file, "Dear diary");
  await assertRejects(() => backUp(file, file), Error, "it exists already; name another file");
  await assertRejects(() => backUp(file, `${folder}/copy.db`), Error, "file is not a database");
  const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  assertEquals(names, ["parley.db"]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("makeBackup() names the copy after the time, and says what it does not understand", async () => {
  const folder = await Deno.makeTempDir({ prefix: "parley_backup_" });
  const store = (value: string) => (name: string) => name === "STORE" ? value : undefined;
  {
    await using server = await ChildServer.start({ STORE: `sqlite:${folder}/parley.db` });
    server.signal("SIGTERM");
    await server.ended;
  }
  const time = new Date("2026-11-20T15:30:00Z");
  const said = await makeBackup([], store(`sqlite:${folder}/parley.db`), time);
  assertMatch(said, /\/parley_20261120_153000\.db: 0 messages in 0 rooms/);
  await assertRejects(() => makeBackup(["a", "b"], store("memory:")), UsageError, '"b" is not understood');
  await assertRejects(
    () => makeBackup(["--quick"], store("memory:")),
    UsageError,
    '"--quick" is not understood',
  );
  await assertRejects(() => makeBackup([], store("memory:")), Error, "STORE must be a sqlite: file");
  await Deno.remove(folder, { recursive: true });
});

/** Runs the command as people do, beside the server. */
async function runTask(
  copy: string,
  store: string,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const cwd = new URL("../../", import.meta.url);
  const script = "lib/cli/backup.ts";
  const args = ["run", "--allow-env", "--allow-read", "--allow-write", ...packageFlags(), script, copy];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd,
    env: { STORE: store },
  }).output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

/** The same packages as the tests themselves run with. */
function packageFlags(): string[] {
  if (import.meta.resolve("@std/assert").startsWith("jsr:")) return [];
  return ["--import-map=lib/without_jsr/import_map.json", "--lock=lib/without_jsr/deno.lock"];
}
