import { assert, assertEquals } from "@std/assert";
import { Chance } from "../hostile/chance.ts";
import { Peer, type Said } from "../support/peer.ts";
import { makeToken, TestServer } from "../support/server.ts";
import { CuttingProxy } from "./support/cutting_proxy.ts";
import type { Follower } from "./support/follower.ts";
import { Link } from "./support/link.ts";
import { Reader, readHistory } from "./support/reader.ts";

const CLIENTS = 50;

for (const [keeps, messages] of [["everything", 10_000], ["the last 20 messages", 2_000]] as const) {
  Deno.test(`fifty clients whose connections are cut at any byte know the log, which keeps ${keeps}`, async () => {
    const seed = Number(Deno.env.get("SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0]);
    const chance = new Chance(seed);
    const folder = await Deno.makeTempDir({ prefix: "parley_recovery_" });
    const limit = keeps === "everything" ? undefined : "20";
    const store = limit === undefined ? `sqlite:${folder}/parley.db` : "memory:";
    {
      await using server = await TestServer.start({ STORE: store, HISTORY_LIMIT: limit });
      await using proxy = new CuttingProxy(server.port, () => 2_000 + chance.below(120_000));
      const beginning = Promise.withResolvers<void>();
      const log = await write(server, messages, beginning.promise);
      const readers = Array.from({ length: CLIENTS }, (_, i) => new Reader(`reader ${i}`, "general"));
      const reading = readers.map(async (reader) => {
        let cuts = 0;
        while (reader.follower.seq < messages && reader.follower.violations.length === 0) {
          // Cut often, but in the end let through.
          const isLast = log.isWritten && cuts > 3;
          await reader.read(isLast ? server.address : proxy.address, messages);
          cuts++;
        }
        return cuts;
      });
      // Of a log that keeps little, who comes too late is told too little to be cut.
      const isIn = ({ follower }: Reader) => follower.isLive || follower.violations.length > 0;
      while (limit !== undefined && !readers.every(isIn)) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      beginning.resolve();
      const cuts = await Promise.all(reading);
      const contents = await log.written;
      for (const [i, { follower }] of readers.entries()) {
        checkFollower(follower, contents, `client ${i}, seed ${seed}`);
      }
      if (limit === undefined) assertEquals(await readHistory(server.address, "general"), contents);
      const restarts = readers.reduce((sum, { follower }) => sum + follower.stretches.length - 1, 0);
      assert(cuts.every((count) => count > 1), "a client was never cut");
      if (limit === undefined) {
        assertEquals(restarts, 0, "a log that keeps everything could not be continued");
      }
    }
    await Deno.remove(folder, { recursive: true });
  });
}

/** Every stretch is what the log holds there; a new one only begins where the server said so. */
function checkFollower(follower: Follower, contents: readonly string[], who: string): void {
  assertEquals(follower.violations, [], who);
  assertEquals(follower.seq, contents.length, who);
  for (const { first, contents: known } of follower.stretches) {
    const there = contents.slice(first - 1, first - 1 + known.length);
    assert(
      known.length === there.length && known.every((text, i) => text === there[i]),
      `${who}, from ${first}`,
    );
  }
}

/** Writes to the room in bursts, through a connection that nobody cuts. */
async function write(
  server: TestServer,
  count: number,
  beginning: Promise<void>,
): Promise<{ written: Promise<string[]>; readonly isWritten: boolean }> {
  const contents: string[] = [];
  const done = Promise.withResolvers<string[]>();
  let isWritten = false;
  const burst = () => {
    const lines = Array.from({ length: 50 }, (_, i) => {
      const content = `${contents.length + i + 1} ${"x".repeat((contents.length + i) % 90)}`;
      return { type: "chat", roomId: "general", id: `m${contents.length + i}`, content };
    });
    link.send(lines);
    contents.push(...lines.map(({ content }) => content));
  };
  let acks = 0;
  const link = (await Link.open(server.address, await makeToken("writer"), {
    hear(lines) {
      for (const line of lines) {
        if (line.startsWith('{"type":"joined"')) beginning.then(burst);
        if (!line.startsWith('{"type":"ack"') || ++acks % 50 > 0) continue;
        if (acks < count) setTimeout(burst, 4);
        else {
          isWritten = true;
          link.cut();
          link.closed.then(() => done.resolve(contents));
        }
      }
    },
  }))!;
  link.send([{ type: "join", roomId: "general" }]);
  return {
    written: done.promise,
    get isWritten() {
      return isWritten;
    },
  };
}

Deno.test("a thousand joins beside a message that is being published miss nothing and get nothing twice", async () => {
  await using server = await TestServer.start({ HISTORY_LIMIT: "100000" });
  await using writer = await Peer.signIn(server, "writer");
  await writer.join("general");
  await using resident = await Peer.signIn(server, "resident");
  const { epoch } = await resident.join("general");
  let head = 0;
  for (let run = 0; run < 1_000; run++) {
    // Half of them come anew, half take a new seat on the connection they have.
    await using newcomer = run % 2 === 0 ? await Peer.signIn(server, `reader ${run % 20}`) : undefined;
    const reader = newcomer ?? resident;
    const after = head;
    const chat = () => writer.send({ type: "chat", roomId: "general", content: `${++head}` });
    const join = () => reader.send({ type: "join", roomId: "general", after, epoch });
    const acts = [[chat, join], [join, chat], [chat, chat, join, chat], [chat, join, chat, chat]][run % 4];
    for (const act of acts) {
      act();
      // Some of them in one turn, some in turns of their own.
      if (run % 3 > 0) { for (let turn = 0; turn < run % 7; turn++) await Promise.resolve(); }
    }
    const told: number[] = [];
    let isIn = false;
    while (!isIn || told.at(-1) !== head) {
      const said = await reader.next(undefined, ({ type }) => type !== "system");
      if (said.type === "joined") isIn = true;
      if (said.type === "room_history") {
        assertEquals(said.recovered, true);
        // A seat on the same connection was told live until the answer came.
        told.splice(0);
        told.push(...(said.history as Said[]).map(({ seq }) => Number(seq)));
      }
      if (said.type === "chat") told.push(Number(said.seq));
    }
    const missed = Array.from({ length: head - after }, (_, i) => after + 1 + i);
    assertEquals(told, missed, `run ${run}`);
    const late = (await reader.drained()).filter(({ type }) => type === "chat");
    assertEquals(late, [], `run ${run}`);
    if (reader !== resident) await resident.drained();
    await writer.drained();
  }
});

Deno.test("a position that is not one of this log's is answered with the newest page", async () => {
  const folder = await Deno.makeTempDir({ prefix: "parley_position_" });
  {
    await using server = await TestServer.start({ STORE: `sqlite:${folder}/parley.db` });
    await using ann = await Peer.signIn(server, "ann");
    const epochs: unknown[] = [];
    for (const [roomId, count] of [["general", 80], ["other", 3]] as const) {
      epochs.push((await ann.join(roomId)).epoch);
      for (let i = 1; i <= count; i++) await ann.ask({ type: "chat", roomId, content: `${roomId} ${i}` });
    }
    const [epoch, otherEpoch] = epochs;
    const newest = Array.from({ length: 50 }, (_, i) => 31 + i);
    const cases: [string, object, boolean, number[]][] = [
      ["its own", { after: 78, epoch }, true, [79, 80]],
      ["its end", { after: 80, epoch }, true, []],
      ["its beginning", { after: 0, epoch }, true, Array.from({ length: 80 }, (_, i) => i + 1)],
      ["of an epoch that never was", { after: 78, epoch: "nothing" }, false, newest],
      ["of another room", { after: 2, epoch: otherEpoch }, false, newest],
      ["beyond the end", { after: 81, epoch }, false, newest],
      ["far beyond the end", { after: Number.MAX_SAFE_INTEGER, epoch }, false, newest],
      ["below the beginning", { after: -1, epoch }, false, newest],
    ];
    for (const [name, place, recovered, seqs] of cases) {
      await using reader = await Peer.signIn(server, "reader");
      reader.send({ type: "join", roomId: "general", ...place });
      const page = await reader.next();
      if (page.type === "error") {
        assertEquals([name, page.code], ["below the beginning", "bad_request"]);
        continue;
      }
      assertEquals([page.type, page.recovered], ["room_history", recovered], name);
      assertEquals((page.history as Said[]).map(({ seq }) => seq), seqs, name);
    }
  }
  await Deno.remove(folder, { recursive: true });
});
