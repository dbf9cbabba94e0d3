import { assert, assertEquals } from "@std/assert";
import { Journal } from "./support/journal.ts";
import { Follower } from "./support/follower.ts";
import { RedisServer, redisTest } from "../support/redis_server.ts";
import { TemporaryFolder } from "../support/temporary_folder.ts";
import { type KillReport, runKills } from "./support/kill_run.ts";

const PLAN = { rooms: 3, writersPerRoom: 4, readersPerRoom: 2, window: 20 };

Deno.test("nothing acknowledged is lost, doubled or out of order when the server is killed again and again", async () => {
  await using folder = await TemporaryFolder.make();
  const seed = makeSeed();
  const store = `sqlite:${folder.path}/parley.db`;
  check(await runKills({ ...PLAN, seed, rounds: 8, meanLifeMs: 500, store, nodes: 1 }), seed);
});

Deno.test("nothing is either when it is several workers that are killed", async () => {
  await using folder = await TemporaryFolder.make();
  const seed = makeSeed();
  const store = `sqlite:${folder.path}/parley.db`;
  check(await runKills({ ...PLAN, seed, rounds: 5, meanLifeMs: 500, store, nodes: 1, workers: 2 }), seed);
});

redisTest("nothing is either when one of two nodes on a Redis is killed again and again", async () => {
  await using redis = await RedisServer.start();
  const seed = makeSeed();
  const report = await runKills({ ...PLAN, seed, rounds: 6, meanLifeMs: 500, store: redis.url, nodes: 2 });
  check(report, seed);
  assert(report.slowestReturnMs < 5_000, `It took ${report.slowestReturnMs} ms until somebody could go on`);
});

Deno.test("nothing is either when one of two nodes on a key-value database is killed again and again", async () => {
  await using folder = await TemporaryFolder.make();
  const seed = makeSeed();
  const store = `kv:${folder.path}/parley.kv`;
  check(await runKills({ ...PLAN, seed, rounds: 5, meanLifeMs: 500, store, nodes: 2 }), seed);
});

function makeSeed(): number {
  return Number(Deno.env.get("SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0]);
}

function check({ words, ...report }: KillReport, seed: number): void {
  const { acknowledged, unacknowledgedKept, unacknowledgedGone, history } = report;
  assert(acknowledged > 1_000, `Only ${acknowledged} messages were acknowledged`);
  assert(report.hit > 0, "Nobody was connected to a server that was killed");
  assert(unacknowledgedKept + unacknowledgedGone > 0, "No message was under way when the server was killed");
  assertEquals(history, acknowledged + unacknowledgedKept);
  const { lost, doubled, outOfOrder, misnumbered, invented, misread } = report;
  const none = { lost: 0, doubled: 0, outOfOrder: 0, misnumbered: 0, invented: 0, misread: 0 };
  assertEquals(
    { lost, doubled, outOfOrder, misnumbered, invented, misread },
    none,
    `seed ${seed}: ${words.join("; ")}`,
  );
}

Deno.test("Journal finds what is lost, doubled, out of order, misnumbered or invented, and nothing else", () => {
  const journal = new Journal("general");
  for (let place = 0; place < 5; place++) journal.write(0);
  for (let place = 0; place < 3; place++) journal.acknowledge(0, place, place + 1, false);
  const counts = (history: string[]) => {
    const { words: _, ...counts } = journal.compare(history);
    return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
  };
  const rest = { unacknowledgedGone: 2 };
  assertEquals(counts(["0.0", "0.1", "0.2"]), rest);
  assertEquals(counts(["0.0", "0.1", "0.2", "0.4"]), { unacknowledgedKept: 1, unacknowledgedGone: 1 });
  assertEquals(counts(["0.0", "0.1"]), { lost: 1, ...rest });
  assertEquals(counts(["0.0", "0.1", "0.2", "0.1"]), { doubled: 1, ...rest });
  assertEquals(counts(["0.0", "0.2", "0.1"]), { outOfOrder: 1, misnumbered: 2, ...rest });
  assertEquals(counts(["0.0", "0.1", "0.2", "1.0", "0.9"]), { invented: 2, ...rest });
});

Deno.test("Follower notices a gap, a repetition, and a page that does not continue", () => {
  const page = { type: "room_history", roomId: "general", epoch: "e", seq: 2, more: false, recovered: true };
  const chat = (seq: number) => ({ type: "chat", roomId: "general", seq, content: `${seq}` });
  const follow = (...said: { type: string }[]) => {
    const follower = new Follower("general");
    follower.join();
    follower.hear({ ...page, history: [chat(1), chat(2)] });
    for (const one of said) follower.hear(one);
    return follower;
  };
  assertEquals(follow(chat(3), chat(4)).violations, []);
  assertEquals(follow(chat(4)).violations, ["live: 4 came after 2"]);
  assertEquals(follow(chat(2)).violations, ["live: 2 came after 2"]);
  assertEquals(follow({ ...page, history: [chat(4)] } as { type: string }).violations, [
    "page: 4 came after 2",
  ]);
  const restarted = follow({ ...page, epoch: "f", recovered: false, history: [chat(7)] } as { type: string });
  assertEquals(restarted.stretches.map(({ epoch, first, contents }) => [epoch, first, contents]), [
    ["e", 1, ["1", "2"]],
    ["f", 7, ["7"]],
  ]);
});
