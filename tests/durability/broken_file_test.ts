import { assert, assertEquals, assertMatch } from "@std/assert";
import { ChildServer, runToEnd } from "../support/child_server.ts";
import { Peer } from "../support/peer.ts";
import { readHistory } from "./support/reader.ts";

const CONTENTS = Array.from({ length: 60 }, (_, i) => `${i} ${"x".repeat(2_000)}`);

/** Has a server keep some messages, and end. */
async function keep(file: string, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  await using server = await ChildServer.start({ STORE: `sqlite:${file}` });
  await using peer = await Peer.signIn(server, "ann");
  await peer.join("general");
  for (const content of CONTENTS) await peer.ask({ type: "chat", roomId: "general", content });
  server.signal(signal);
  await server.ended;
}

Deno.test("a damaged database is refused with a sentence that says what to do, and is left as it is", async (t) => {
  const folder = await Deno.makeTempDir({ prefix: "parley_broken_" });
  const whole = `${folder}/whole.db`;
  await keep(whole, "SIGTERM");
  const bytes = await Deno.readFile(whole);
  const torn = bytes.slice(0, Math.floor(bytes.length / 2) + 100);
  const overwritten = bytes.slice();
  overwritten.fill(0x5a, 8_192, 20_480);
  const cases = [
    [
      "cut off in the middle",
      torn,
      /it is damaged; restore a backup, or move it away to start with an empty one/,
    ],
    ["overwritten in places", overwritten, /it is damaged; restore a backup/],
    [
      "something else altogether",
      new TextEncoder().encode("Dear diary".repeat(900)),
      /it is not a database; name another file/,
    ],
  ] as const;
  for (const [name, content, sentence] of cases) {
    await t.step(name, async () => {
      const file = `${folder}/broken.db`;
      await Deno.writeFile(file, content);
      const { code, stderr } = await runToEnd({ STORE: `sqlite:${file}` });
      assertEquals(code, 1);
      assertMatch(stderr, /^Cannot start: STORE cannot be used: Cannot open the database "/);
      assertMatch(stderr, sentence);
      assertEquals(stderr.trim().split("\n").length, 1, stderr);
      assertEquals(await Deno.readFile(file), content);
    });
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("what a power cut leaves half-written behind the last commit is let go, and nothing before it", async () => {
  const folder = await Deno.makeTempDir({ prefix: "parley_torn_" });
  const file = `${folder}/parley.db`;
  await keep(file, "SIGKILL");
  const log = await Deno.readFile(`${file}-wal`);
  assert(log.length > 100_000, "there is no write-ahead log to be torn");
  const half = crypto.getRandomValues(new Uint8Array(3_000));
  await Deno.writeFile(`${file}-wal`, half, { append: true });
  {
    await using server = await ChildServer.start({ STORE: `sqlite:${file}` });
    assertEquals(await readHistory(server.address, "general"), CONTENTS);
  }
  await Deno.remove(folder, { recursive: true });
});
