/** Types the commands of the README's five minutes, in their order, as they stand there but for the port. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { ParleyClient } from "../static/sdk/mod.ts";
import { readmeBlocks } from "./support/readme.ts";
import { Shell } from "./support/shell.ts";
import { TemporaryFolder } from "./support/temporary_folder.ts";

const RUNNING = "Parley is running.";

/** A port that was free a moment ago. */
function findPort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Somebody who has come in at the page as a guest. */
async function openWindow(port: number, username: string): Promise<ParleyClient> {
  const body = JSON.stringify({ username, guestKey: username });
  const token = async () =>
    (await (await fetch(`http://localhost:${port}/api/token`, { method: "POST", body })).json()).token;
  const client = new ParleyClient({ url: `ws://localhost:${port}/ws`, token });
  await client.connect();
  return client;
}

Deno.test("the five minutes of the README go as it says", async () => {
  const port = findPort();
  await using folder = await TemporaryFolder.make();
  const where = { STORE: `sqlite:${folder.path}/parley.db`, FILES_DIR: `${folder.path}/files` };
  await using shell = new Shell({ PORT: String(port), ...where });
  const blocks = await readmeBlocks("## Five minutes", "sh");
  const [start, restart, publish, speak, look, watch, ...more] = blocks.map((block) =>
    block.replaceAll("localhost:8080", `localhost:${port}`)
  );
  assertEquals(more, []);

  await shell.type(start);
  await shell.wrote(RUNNING);
  await using ann = await openWindow(port, "Ann");
  await using bob = await openWindow(port, "Bob");
  const [talk, heard] = [await ann.join("general"), await bob.join("general")];
  await talk.send("Hello").acked;

  const before = shell.text.length;
  const restarting = shell.type(restart);
  await shell.wrote('"event":"draining"', before);
  const waiting = talk.send("Said while it was away");
  await restarting;
  await shell.wrote(RUNNING, before);
  assertEquals((await waiting.acked).seq, 2);

  for (const isFirst of [true, false]) {
    const reply = await shell.type(publish);
    assertMatch(reply, /"id":"build-42","roomId":"general","seq":3/, String(isFirst));
  }
  await waitFor(heard, 3);
  assertEquals(heard.messages.map(({ username, content }) => `${username}: ${content}`), [
    "Ann: Hello",
    "Ann: Said while it was away",
    "CI: Build 42 is green",
  ]);

  const [say, tail, ...rest] = speak.trimEnd().split("\n");
  assertEquals(rest, []);
  assert(tail.endsWith("# until Ctrl+C"));
  assertMatch(await shell.type(say), /^4$/m);
  const listening = shell.text.length;
  await shell.type(tail.replace(" #", " & #"));
  await shell.wrote("#3 CI: Build 42 is green", listening);
  await shell.wrote("Hello from the terminal", listening);
  await shell.type("kill $!; wait $!");

  const found = await shell.type(look);
  assertMatch(found, /"content":"Build 42 is green".*"more":false}/);
  assertMatch(found, /"history":\[{[^[]*"seq":3[^[]*"seq":4/);
  const state = await shell.type(watch);
  assertMatch(state, /{"status":"ok","connections":2/);
  assertMatch(state, /^parley_appended_total 3$/m);
});

/** Waits until a room has messages up to a number. */
async function waitFor(room: Awaited<ReturnType<ParleyClient["join"]>>, seq: number): Promise<void> {
  if (room.messages.some((message) => message.seq >= seq)) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  room.addEventListener("chat", ({ detail }) => detail.seq >= seq && resolve());
  await promise;
}
