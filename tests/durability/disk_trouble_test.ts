import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { ChildServer } from "../support/child_server.ts";
import { Peer, type Said } from "../support/peer.ts";

/** Enough messages of this size fill whatever is left. */
const FILLER = "x".repeat(8_000);
const MAX_MESSAGES = 1_000;

/** Says one thing after another until the server has no room for it; all that was acknowledged. */
class Talk {
  readonly acknowledged: string[] = [];
  readonly refused: string[] = [];
  readonly #peer: Peer;
  #count = 0;

  constructor(peer: Peer) {
    this.#peer = peer;
  }

  /** Says something; returns the answer, which is an `ack` or an `error`. */
  async say(id = `m${++this.#count}`): Promise<Said> {
    this.#peer.send({ type: "chat", roomId: "general", id, content: id + FILLER });
    const answer = await this.#peer.next(undefined, (said) => said.id === id && said.type !== "chat");
    if (answer.type === "ack") assertEquals(answer.seq, this.acknowledged.push(id));
    else {
      assertEquals([answer.code, answer.message], ["unavailable", "Try again"]);
      if (!this.refused.includes(id)) this.refused.push(id);
    }
    return answer;
  }

  /** Says again what was refused. */
  async repeat(): Promise<void> {
    for (const id of this.refused.splice(0)) assertEquals((await this.say(id)).duplicate, undefined);
  }

  /** Fails unless the log is what was acknowledged, and nothing else. */
  async compare(): Promise<void> {
    const contents: string[] = [];
    for (let more = true; more;) {
      const page = await this.#peer.ask({
        type: "history",
        roomId: "general",
        after: contents.length,
        limit: 300,
      });
      contents.push(...(page.history as Said[]).map(({ content }) => String(content)));
      more = page.more === true;
    }
    assertEquals(contents, this.acknowledged.map((id) => id + FILLER));
  }
}

/** Has people talk while the disk is taken from them and given back, without a restart. */
async function talkThrough(
  server: ChildServer,
  trouble: { begin: () => unknown; end: () => unknown },
): Promise<void> {
  await using peer = await Peer.signIn(server, "ann");
  await peer.join("general");
  const talk = new Talk(peer);
  for (let i = 0; i < 5; i++) assertEquals((await talk.say()).type, "ack");
  await trouble.begin();
  while (talk.refused.length === 0 && talk.acknowledged.length < MAX_MESSAGES) await talk.say();
  assert(talk.refused.length > 0, "the server found room for everything");
  assertEquals((await talk.say()).type, "error");
  // What is there can still be read, and nothing that was refused is among it.
  await talk.compare();
  assertEquals(await readStatus(server), "degraded");
  await trouble.end();
  await talk.repeat();
  assertEquals(await readStatus(server), "ok");
  assertEquals((await talk.say()).type, "ack");
  await talk.compare();
}

Deno.test("what does not fit on the disk is refused, and taken once there is room", async (t) => {
  const folder = await Deno.makeTempDir({ prefix: "parley_full_" });
  await t.step("when files may not grow", async () => {
    // Without the trap the signal that comes with the error would end the process.
    const settings = { STORE: `sqlite:${folder}/parley.db`, LOG_LEVEL: "error" };
    await using server = await ChildServer.start(settings, { before: "trap '' XFSZ" });
    const limit = (bytes: string) => run("prlimit", `--pid=${server.pid}`, `--fsize=${bytes}`);
    await talkThrough(server, { begin: () => limit("1000000:"), end: () => limit("unlimited:") });
  });
  const small = `${folder}/small`;
  await Deno.mkdir(small);
  const isMounted = await run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", small);
  if (!isMounted) {
    console.log("Skipping the small disk: it cannot be mounted here. Files that may not grow stand for it.");
  }
  await t.step({
    name: "when the disk is full",
    ignore: !isMounted,
    fn: async () => {
      {
        await using server = await ChildServer.start({
          STORE: `sqlite:${small}/parley.db`,
          LOG_LEVEL: "error",
        });
        await talkThrough(server, { begin() {}, end: () => run("mount", "-o", "remount,size=64m", small) });
      }
      await run("umount", small);
    },
  });
  await Deno.remove(folder, { recursive: true });
});

Deno.test("while a file is read-only nothing is acknowledged, and everything once it is not", async () => {
  const folder = await Deno.makeTempDir({ prefix: "parley_readonly_" });
  {
    await using server = await ChildServer.start({ STORE: `sqlite:${folder}/parley.db`, LOG_LEVEL: "error" });
    const mark = (sign: string) =>
      run("chattr", sign, ...["", "-wal"].map((suffix) => `${folder}/parley.db${suffix}`));
    if (await mark("+i")) {
      await mark("-i");
      await talkThrough(server, { begin: () => mark("+i"), end: () => mark("-i") });
    } else console.log("Skipping the read-only file: chattr does not work here.");
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("while another process locks the database nothing is acknowledged, and everything afterwards", async () => {
  const folder = await Deno.makeTempDir({ prefix: "parley_locked_" });
  {
    await using server = await ChildServer.start({ STORE: `sqlite:${folder}/parley.db`, LOG_LEVEL: "error" });
    using database = new DatabaseSync(`${folder}/parley.db`);
    await talkThrough(server, {
      begin: () => database.exec("BEGIN IMMEDIATE"),
      end: () => database.exec("ROLLBACK"),
    });
  }
  await Deno.remove(folder, { recursive: true });
});

/** Runs a program; returns whether it is there and succeeded. */
async function run(program: string, ...args: string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args, stderr: "null" }).output()).success;
  } catch {
    return false;
  }
}

/** What `/health` says. */
async function readStatus({ url }: ChildServer): Promise<string> {
  return (await (await fetch(`${url}/health`)).json()).status;
}
