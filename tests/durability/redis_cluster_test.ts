import { assert, assertEquals } from "@std/assert";
import { ParleyClient } from "../../static/sdk/mod.ts";
import { ChildServer } from "../support/child_server.ts";
import { keptBytes } from "../support/kept_bytes.ts";
import { Peer } from "../support/peer.ts";
import { RedisServer, redisTest } from "../support/redis_server.ts";
import { makeToken } from "../support/server.ts";
import { TcpProxy } from "../support/tcp_proxy.ts";
import { countFaults, Crew, type CrewReport } from "./support/crew.ts";
import { RedisNodes } from "./support/redis_nodes.ts";
import { Reader } from "./support/reader.ts";

/** How long Redis stands still, and a node is cut off: longer by hand than each time. */
const OUTAGE_MS = Number(Deno.env.get("OUTAGE_SECONDS") ?? 4) * 1_000;
/** Until senders are told that nothing can be kept now, and until it can again. */
const REFUSED_WITHIN_MS = 3_000;
const BACK_WITHIN_MS = 5_000;
/** What a busy machine may take for the messages of a test. */
const PATIENCE_MS = 60_000;
/** What both nodes and all people together may keep more of while Redis stands still, however long that is. */
const MAX_GROWTH_BYTES = 20_000_000;
const PLAN = { rooms: 3, writersPerRoom: 4, readersPerRoom: 4, window: 10 };

function makeCrew(): Crew {
  return new Crew({ ...PLAN, seed: crypto.getRandomValues(new Uint32Array(1))[0] });
}

function check({ words, ...report }: CrewReport): void {
  assertEquals(countFaults({ words, ...report }), 0, `${JSON.stringify(report)} ${words.join("; ")}`);
  assertEquals(report.history, report.acknowledged + report.unacknowledgedKept);
  assert(report.acknowledged > 1_000, `Only ${report.acknowledged} messages were acknowledged`);
  assert(report.slowestRefusalMs < REFUSED_WITHIN_MS, `A refusal took ${report.slowestRefusalMs} ms`);
  assertEquals(Object.keys(report.refusals).filter((code) => code !== "unavailable"), []);
}

redisTest("what is said on two nodes is heard on both, whole and in one order", async () => {
  await using nodes = await RedisNodes.open();
  const crew = makeCrew();
  crew.work(nodes.addressOf);
  await crew.progress(3_000, PATIENCE_MS);
  await crew.rest();
  const report = await crew.compare(nodes.addressOf);
  check(report);
  assertEquals(report.refusals, {});
});

redisTest("what one node has acknowledged is in the history of the other at once", async () => {
  await using nodes = await RedisNodes.open();
  await using ann = await Peer.signIn(nodes.servers[0], "ann");
  await using bob = await Peer.signIn(nodes.servers[1], "bob");
  for (const peer of [ann, bob]) {
    peer.send({ type: "join", roomId: "general" });
    await peer.next("joined");
  }
  for (let seq = 1; seq <= 50; seq++) {
    ann.send({ type: "chat", roomId: "general", id: `m${seq}`, content: `${seq}` });
    assertEquals((await ann.next("ack")).seq, seq);
    bob.send({ type: "history", roomId: "general", limit: 1 });
    const { history } = await bob.next("room_history", ({ recovered }) => recovered === undefined);
    assertEquals((history as { seq: number }[])[0].seq, seq);
  }
});

for (const [aof, kills] of [["everysec", 20], ["always", 5]] as const) {
  redisTest(
    `a Redis that writes ${aof} loses nothing acknowledged when it is killed ${kills} times, and is back soon`,
    async () => {
      await using nodes = await RedisNodes.open({ aof });
      const crew = makeCrew();
      crew.work(nodes.addressOf);
      for (let round = 0; round < kills; round++) {
        await crew.progress(200, PATIENCE_MS);
        assert(await nodes.redis.syncs(false));
        await nodes.redis.kill();
        await nodes.redis.restart();
        await crew.progress(1, BACK_WITHIN_MS);
      }
      await nodes.areBack(BACK_WITHIN_MS);
      await crew.rest();
      check(await crew.compare(nodes.addressOf));
    },
  );
}

redisTest("a Redis that is killed while it answers before it writes loses nothing acknowledged", async () => {
  await using nodes = await RedisNodes.open({ isOnDisk: true });
  const crew = makeCrew();
  crew.work(nodes.addressOf);
  for (let kills = 0; kills < 5; kills++) {
    await crew.progress(200, PATIENCE_MS);
    // Where a sync takes no time, any moment is as good.
    await nodes.redis.syncs(true, 3_000);
    await nodes.redis.kill();
    await nodes.redis.restart();
    await crew.progress(1, BACK_WITHIN_MS);
  }
  await nodes.areBack(BACK_WITHIN_MS);
  await crew.rest();
  // Who came in at that moment may have read what is gone; they are told so.
  check({ ...await crew.compare(nodes.addressOf), misread: 0 });
});

redisTest("a Redis that stands still has senders refused in time, and is caught up with", async () => {
  await using nodes = await RedisNodes.open();
  const crew = makeCrew();
  crew.work(nodes.addressOf);
  await crew.progress(500, PATIENCE_MS);
  const before = keptBytes();
  nodes.redis.freeze();
  await new Promise((resolve) => setTimeout(resolve, OUTAGE_MS));
  const growth = keptBytes() - before;
  nodes.redis.thaw();
  await nodes.areBack(BACK_WITHIN_MS);
  await crew.progress(1, BACK_WITHIN_MS);
  await crew.progress(500, PATIENCE_MS);
  await crew.rest();
  const report = await crew.compare(nodes.addressOf);
  check(report);
  assert(report.refusals.unavailable > 0, "Nobody was refused");
  assert(growth < MAX_GROWTH_BYTES, `${growth} bytes more`);
});

for (const how of ["refuse", "hold"] as const) {
  const what = how === "refuse" ? "cut off from Redis" : "cut off from Redis without a word";
  redisTest(`a node that is ${what} for a while loses, doubles and misnumbers nothing`, async () => {
    await using nodes = await RedisNodes.open();
    const crew = makeCrew();
    crew.work(nodes.addressOf);
    await crew.progress(500, PATIENCE_MS);
    nodes.ways[0][how]();
    const healsAt = performance.now() + OUTAGE_MS;
    // The other one goes on.
    await crew.progress(1_000, PATIENCE_MS);
    await new Promise((resolve) => setTimeout(resolve, healsAt - performance.now()));
    nodes.ways[0].heal();
    await nodes.areBack(BACK_WITHIN_MS);
    await crew.progress(1, BACK_WITHIN_MS);
    await crew.progress(1_000, PATIENCE_MS);
    await crew.rest();
    const report = await crew.compare(nodes.addressOf);
    check(report);
    assert(report.refusals.unavailable > 0, "Nobody was refused");
  });
}

redisTest("nothing suffers when any connection between nodes and Redis breaks at any moment", async () => {
  await using nodes = await RedisNodes.open();
  const crew = makeCrew();
  crew.work(nodes.addressOf);
  for (let round = 0; round < 30; round++) {
    await crew.progress(1, BACK_WITHIN_MS);
    await crew.progress(100, PATIENCE_MS);
    const way = nodes.ways[round % 2];
    const last = way.connections - 1;
    way.cut((nth) => (last - nth) % 3 === round % 3);
  }
  await nodes.areBack(BACK_WITHIN_MS);
  await crew.progress(1, BACK_WITHIN_MS);
  await crew.progress(100, PATIENCE_MS);
  await crew.rest();
  check(await crew.compare(nodes.addressOf));
});

redisTest("a message whose acknowledgement was lost on the way is heard by all the same", async () => {
  // Nothing else is to be answered on that connection.
  await using nodes = await RedisNodes.open({}, { RATE_CHAT: "off", RATE_OTHER: "off" });
  await using ann = await Peer.signIn(nodes.servers[0], "ann");
  await using bob = await Peer.signIn(nodes.servers[0], "bob");
  await using eve = await Peer.signIn(nodes.servers[1], "eve");
  for (const peer of [ann, bob, eve]) {
    peer.send({ type: "join", roomId: "general" });
    await peer.next("joined");
  }
  const way = nodes.ways[0];
  way.holdAnswers((nth) => nth === 0);
  ann.send({ type: "chat", roomId: "general", id: "m1", content: "hello" });
  assertEquals((await eve.next("chat")).content, "hello");
  way.cut((nth) => nth === 0);
  way.heal();
  assertEquals((await ann.next("error")).code, "unavailable");
  assertEquals((await bob.next("chat")).content, "hello");
  assertEquals((await ann.next("chat")).id, "m1");
});

redisTest("when Redis is emptied the log begins anew, and everybody is told so", async () => {
  await using nodes = await RedisNodes.open();
  const readers = [0, 1].map((nth) => new Reader(`reader ${nth}`, "general"));
  let isOver = false;
  const reading = readers.map(async (reader, nth) => {
    while (!isOver) {
      await reader.read(nodes.addressOf(nth));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
  const ann = new ParleyClient({ url: `ws://${nodes.addressOf(0)}/ws`, token: await makeToken("ann") });
  await ann.connect();
  await ann.join("general");
  const say = async (from: number, to: number) => {
    for (let i = from; i <= to; i++) await ann.room("general")!.send(`${i}`).acked;
  };
  const reach = async (content: string) => {
    while (readers.some(({ follower }) => follower.current?.contents.at(-1) !== content)) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  await say(1, 5);
  await reach("5");
  await nodes.redis.flush();
  await say(6, 8);
  await reach("8");
  ann.close();
  isOver = true;
  for (const reader of readers) reader.cut();
  await Promise.all(reading);
  for (const { follower } of readers) {
    assertEquals(follower.violations, []);
    const [before, after] = follower.stretches;
    assertEquals(before.contents, ["1", "2", "3", "4", "5"]);
    assertEquals([after.first, after.contents], [1, ["6", "7", "8"]]);
    assert(before.epoch !== after.epoch);
    assertEquals(follower.stretches.length, 2);
  }
});

redisTest("whoever loses their node goes on at another within five seconds", async () => {
  await using redis = await RedisServer.start();
  const settings = { STORE: redis.url, LOG_LEVEL: "error" };
  await using first = await ChildServer.start(settings);
  await using second = await ChildServer.start(settings);
  await using front = new TcpProxy(first.port, second.port);
  const clients: ParleyClient[] = [];
  const heard: string[][] = [];
  for (let i = 0; i < 20; i++) {
    const client = new ParleyClient({
      url: `ws://127.0.0.1:${front.port}/ws`,
      token: await makeToken(`client ${i}`),
    });
    heard[i] = [];
    client.addEventListener("chat", ({ detail }) => heard[i].push(`${detail.seq} ${detail.content}`));
    await client.connect();
    await client.join("general");
    clients.push(client);
  }
  const say = (words: string) =>
    Promise.all(clients.map((client, i) => client.room("general")!.send(`${words} of ${i}`).acked));
  await say("first");
  const back = clients.map((client) =>
    new Promise<number>((resolve) => {
      client.addEventListener("message", ({ detail }) => {
        if (detail.type === "joined") resolve(performance.now());
      });
    })
  );
  const killedAt = performance.now();
  first.signal("SIGKILL");
  // Half of them say it while they are nowhere.
  await say("second");
  const half = back.filter((_, i) => i % 2 === 0);
  const slowestMs = Math.max(...await Promise.all(half)) - killedAt;
  assert(slowestMs < BACK_WITHIN_MS, `It took ${slowestMs} ms`);
  await say("third");
  while (heard.some((lines) => lines.length < 60)) await new Promise((resolve) => setTimeout(resolve, 10));
  for (const lines of heard) assertEquals(lines, heard[0]);
  assertEquals(
    heard[0].map((line) => Number(line.split(" ")[0])),
    Array.from({ length: 60 }, (_, i) => i + 1),
  );
  for (const client of clients) client.close();
});
