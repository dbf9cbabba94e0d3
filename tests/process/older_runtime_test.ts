/** Starts the server on the oldest Deno it is to run on, and talks to it as a browser would. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { ChildServer, runToEnd, type Settings } from "../support/child_server.ts";
import { findOlderRuntime } from "../support/older_runtime.ts";
import { Peer } from "../support/peer.ts";
import { packageFlags } from "../support/script.ts";
import { TemporaryFolder } from "../support/temporary_folder.ts";

const ROOT = new URL("../../", import.meta.url);
const runtime = await findOlderRuntime();

function olderTest(sentence: string, story: (runtime: string) => Promise<void>): void {
  Deno.test({ name: `Deno 2.5 ${sentence}`, ignore: runtime === undefined, fn: () => story(runtime!) });
}

olderTest("serves the page and all its modules once deno task build has run", async (runtime) => {
  const command = config.tasks.build.command.replace(/\$\(.*?\)/, packageFlags().join(" "));
  const args = command.split(" ").filter((word) => word !== "").slice(1);
  const { code, stdout, stderr } = await new Deno.Command(runtime, { args, cwd: ROOT }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  assertMatch(new TextDecoder().decode(stdout), /^\d+ modules are in /);

  await using server = await start(runtime, { STORE: "memory:" });
  const loaded = new Set<string>();
  const html = await load(server, "/");
  for (const [, path] of html.matchAll(/<script type="module" src="([^"]+)"/g)) {
    await loadAll(server, `/${path}`, loaded);
  }
  for (const [, path] of html.matchAll(/<link rel="stylesheet" href="([^"]+)"/g)) {
    await load(server, `/${path}`);
  }
  assert(loaded.size >= 2, [...loaded].join());
  await loadAll(server, "/sdk/mod.ts", loaded);
  assert(loaded.size >= 20, [...loaded].join());
});

for (const kind of ["kv:", "memory:"]) {
  olderTest(`takes people, messages and recoveries with STORE=${kind}`, async (runtime) => {
    await using folder = await TemporaryFolder.make();
    const settings = { STORE: kind === "kv:" ? `kv:${folder.path}/kv.db` : kind };
    await using server = await start(runtime, settings);
    await using ann = await Peer.signIn(server, "ann");
    await using bob = await Peer.signIn(server, "bob");
    await ann.join("hall");
    await bob.join("hall");
    const { seq, type } = await ann.ask({ type: "chat", roomId: "hall", content: "Hello", id: "1" });
    assertEquals([type, seq], ["ack", 1]);
    assertEquals((await bob.next("chat")).content, "Hello");
    await bob[Symbol.asyncDispose]();
    await ann.ask({ type: "chat", roomId: "hall", content: "x".repeat(60_000), id: "2" });
    await using again = await Peer.signIn(server, "bob");
    again.send({ type: "join", roomId: "hall", after: 1 });
    const { history } = await again.next("room_history");
    assertEquals(
      (history as { seq: number; content: string }[]).map(({ seq, content }) => [seq, content.length]),
      [
        [2, 60_000],
      ],
    );
    const found = await ann.ask({ type: "search", query: "hello" });
    assertEquals((found.results as unknown[]).length, 1);
  });
}

olderTest("has after a kill -9 what was acknowledged with STORE=kv:", async (runtime) => {
  await using folder = await TemporaryFolder.make();
  const settings = { STORE: `kv:${folder.path}/kv.db` };
  let acknowledged = 0;
  {
    await using server = await start(runtime, settings);
    await using ann = await Peer.signIn(server, "ann");
    await ann.join("hall");
    for (let i = 1; i <= 200; i++) ann.send({ type: "chat", roomId: "hall", content: `${i}`, id: `${i}` });
    for (; acknowledged < 100; acknowledged++) await ann.next("ack");
    server.signal("SIGKILL");
    await ann.closed;
  }
  await using server = await start(runtime, settings);
  await using ann = await Peer.signIn(server, "ann");
  ann.send({ type: "join", roomId: "hall", after: 0 });
  const history = (await ann.next("room_history")).history as { content: string }[];
  assert(history.length >= acknowledged, `${history.length} < ${acknowledged}`);
  assertEquals(history.map(({ content }) => Number(content)), history.map((_, i) => i + 1));
});

olderTest("says what to do instead where its SQLite is too old", async (runtime) => {
  await using folder = await TemporaryFolder.make();
  const { code, stderr } = await runToEnd({ STORE: `sqlite:${folder.path}/parley.db` }, { runtime });
  assertEquals([code, stderr], [
    1,
    "Cannot start: STORE cannot be used: the SQLite of this Deno is too old: use Deno 2.9 or newer, or kv: or memory:.\n",
  ]);
});

function start(runtime: string, settings: Settings): Promise<ChildServer> {
  return ChildServer.start(settings, { runtime });
}

async function load(server: ChildServer, path: string): Promise<string> {
  const response = await fetch(server.url + path);
  const text = await response.text();
  assertEquals(response.status, 200, path);
  return text;
}

/** Loads a module and all that it imports. */
async function loadAll(server: ChildServer, path: string, loaded: Set<string>): Promise<void> {
  if (loaded.has(path)) return;
  loaded.add(path);
  const script = await load(server, path);
  assert(!/^(?:import|export) type /m.test(script), path);
  for (const [, specifier] of script.matchAll(/(?:from|import)\s*\(?"(\.[^"]+)"/g)) {
    await loadAll(server, new URL(specifier, `http://page${path}`).pathname, loaded);
  }
}
