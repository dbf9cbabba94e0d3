import { assert, assertEquals } from "@std/assert";
import { RedisBus } from "../../lib/bus/redis_bus.ts";
import { Ear } from "../contracts/bus/ear.ts";
import { RedisServer, redisTest } from "../support/redis_server.ts";
import { TcpProxy } from "../support/tcp_proxy.ts";

const TOPIC = "room:a";

/** Two nodes, each with a way of its own to Redis: the first connection speaks, the others hear. */
class Pair implements AsyncDisposable {
  readonly redis: RedisServer;
  readonly ways: readonly [TcpProxy, TcpProxy];
  readonly speaker: Ear;
  readonly hearer: Ear;
  readonly #opened: AsyncDisposableStack;
  #said = 0;

  private constructor(
    redis: RedisServer,
    ways: readonly [TcpProxy, TcpProxy],
    buses: readonly [RedisBus, RedisBus],
    opened: AsyncDisposableStack,
  ) {
    this.redis = redis;
    this.ways = ways;
    [this.speaker, this.hearer] = buses.map((bus) => new Ear(bus));
    this.#opened = opened;
  }

  static async open(): Promise<Pair> {
    await using opened = new AsyncDisposableStack();
    const redis = opened.use(await RedisServer.start({ aof: "none" }));
    const ways = [opened.use(new TcpProxy(redis.port)), opened.use(new TcpProxy(redis.port))] as const;
    const buses = [
      opened.use(await RedisBus.open(`redis://127.0.0.1:${ways[0].port}`)),
      opened.use(await RedisBus.open(`redis://127.0.0.1:${ways[1].port}`)),
    ] as const;
    const pair = new Pair(redis, ways, buses, opened.move());
    await pair.hearer.bus.follow(TOPIC);
    return pair;
  }

  /** Says the next number. */
  say(): string {
    const text = String(this.#said++);
    this.speaker.bus.publish(TOPIC, text);
    return text;
  }

  /** Says the next number until it is heard: what is on its way while a connection breaks is lost. */
  async reach(): Promise<void> {
    const { hearer } = this;
    for (let isHeard = false; !isHeard;) {
      const [text, missed] = [this.say(), hearer.misses];
      await hearer.until(
        () => (isHeard = hearer.texts(TOPIC).at(-1) === text) || hearer.misses > missed,
        `number ${text}, or missed`,
      );
    }
  }

  /** Says a hundred numbers, and expects all of them. */
  async talk(): Promise<void> {
    const said = Array.from({ length: 100 }, () => this.say());
    await this.hearer.hears(TOPIC, said[99]);
    assertEquals(this.hearer.texts(TOPIC).slice(-100), said);
  }

  /** What was heard is in order, and never twice. */
  assertOrder(): void {
    const numbers = this.hearer.texts(TOPIC).map(Number);
    assert(numbers.every((number, i) => i === 0 || number > numbers[i - 1]), "Out of order");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync();
  }
}

redisTest("whenever a node's ear is cut off it says so, and hears everything that comes after", async () => {
  await using pair = await Pair.open();
  const { hearer, ways } = pair;
  const talking = setInterval(() => pair.say(), 1);
  try {
    for (let cut = 0; cut < 100; cut++) {
      const missed = hearer.misses;
      ways[1].cut((nth) => nth > 0);
      await hearer.missesAfter(missed);
      const [text, misses] = [pair.say(), hearer.misses];
      await hearer.hears(TOPIC, text);
      assertEquals(hearer.misses, misses);
    }
  } finally {
    clearInterval(talking);
  }
  await pair.talk();
  pair.assertOrder();
  assertEquals(pair.speaker.misses, 0);
});

redisTest(
  "what a node cannot publish is told to the others, and everything that comes after is heard",
  async () => {
    await using pair = await Pair.open();
    const { hearer, ways } = pair;
    for (let cut = 0; cut < 5; cut++) {
      const missed = hearer.misses;
      for (let i = 0; i < 10; i++) pair.say();
      ways[0].cut((nth) => nth !== 1);
      for (let i = 0; i < 10; i++) pair.say();
      await hearer.missesAfter(missed);
      await pair.reach();
      await pair.talk();
    }
    pair.assertOrder();
  },
);

redisTest("a node that nobody told of a cut notices it within seconds", async () => {
  await using pair = await Pair.open();
  const { hearer, ways } = pair;
  for (const way of [ways[1], ways[0]]) {
    const missed = hearer.misses;
    way.hold();
    const startedAt = performance.now();
    // Nothing is known of the cut yet.
    pair.say();
    await hearer.bus.follow("room:b");
    assert(performance.now() - startedAt < 5_000, "A node waits for who does not answer");
    while (way.open < 3) await new Promise((resolve) => setTimeout(resolve, 20));
    assert(performance.now() - startedAt < 10_000, "A node does not notice that it is cut off");
    way.cut();
    way.heal();
    await hearer.missesAfter(missed);
    await pair.reach();
    await pair.talk();
  }
  pair.assertOrder();
});

redisTest("a Redis that stands still for five seconds costs no memory, and is caught up with", async () => {
  await using pair = await Pair.open();
  const { redis, hearer, speaker } = pair;
  const filler = "x".repeat(1_000);
  const before = usedBytes();
  const missed = hearer.misses;
  redis.freeze();
  const startedAt = performance.now();
  let [most, offered] = [0, 0];
  while (performance.now() - startedAt < 5_000 || offered < 1_000_000_000) {
    for (let i = 0; i < 5_000; i++) speaker.bus.publish("room:other", filler);
    offered += 5_000 * filler.length;
    pair.say();
    await new Promise((resolve) => setTimeout(resolve, 5));
    most = Math.max(most, usedBytes() - before);
  }
  assert(most < 150_000_000, `${most} bytes more`);
  redis.thaw();
  await hearer.missesAfter(missed);
  await pair.reach();
  await pair.talk();
  pair.assertOrder();
});

redisTest("a Redis that is killed and started twenty times is found again each time", async () => {
  await using pair = await Pair.open();
  const { redis, hearer, speaker } = pair;
  for (let round = 0; round < 20; round++) {
    const missed = [hearer.misses, speaker.misses];
    for (let i = 0; i < 10; i++) pair.say();
    await redis.restart();
    for (let i = 0; i < 10; i++) pair.say();
    await Promise.all([hearer.missesAfter(missed[0]), speaker.missesAfter(missed[1])]);
    await pair.reach();
  }
  await pair.talk();
  pair.assertOrder();
});

redisTest("more than can be sent in one turn is dropped, and the others are told", async () => {
  await using pair = await Pair.open();
  const { hearer } = pair;
  const before = usedBytes();
  for (let i = 0; i < 200_000; i++) pair.say();
  assert(usedBytes() - before < 50_000_000, "All of it is kept");
  await hearer.missesAfter(0);
  await pair.reach();
  await pair.talk();
  pair.assertOrder();
  assert(hearer.texts(TOPIC).length < 50_000);
});

redisTest("what is published before a node goes still goes out", async () => {
  await using pair = await Pair.open();
  const last = pair.say();
  await pair.speaker.bus[Symbol.asyncDispose]();
  await pair.hearer.hears(TOPIC, last);
});

redisTest("what programs of others publish is heard by every node, also after it was cut off", async () => {
  await using redis = await RedisServer.start({ aof: "none" });
  const url = `${redis.url}?prefix=chat:`;
  await using a = await RedisBus.open(url);
  await using b = await RedisBus.open(url);
  const heard: Ear[] = [];
  for (const bus of [a, b]) {
    const ear = new Ear(bus);
    await bus.hearForeign("notifications", (text) => ear.heard("foreign", text));
    heard.push(ear);
  }
  await redis.ask("PUBLISH", "chat:notifications", "{} as it is");
  for (const ear of heard) await ear.hears("foreign", "{} as it is");
  await redis.cutSubscribers();
  for (const ear of heard) await ear.missesAfter(0);
  await redis.ask("PUBLISH", "chat:notifications", "once more");
  for (const ear of heard) await ear.hears("foreign", "once more");
  assertEquals(heard.map((ear) => ear.texts("foreign").length), [2, 2]);
});

redisTest("whatever strangers publish on the channels of the bus does no harm", async () => {
  await using pair = await Pair.open();
  const { redis, hearer, speaker } = pair;
  for (const channel of ["parley:bus", `parley:bus:${TOPIC}`]) {
    for (const text of ["", " ", "nonsense", ".", ". x", "a.b c", ".1e999 x", `${hearer.bus.nodeId}.5 x`]) {
      await redis.ask("PUBLISH", channel, text);
    }
  }
  // As the store publishes what it has appended.
  await redis.ask("PUBLISH", `parley:bus:${TOPIC}`, `${speaker.bus.nodeId} appended`);
  await redis.ask("PUBLISH", `parley:bus:${TOPIC}`, `${hearer.bus.nodeId} appended by myself`);
  await hearer.hears(TOPIC, "appended");
  await pair.talk();
  assertEquals(hearer.texts(TOPIC).includes("appended by myself"), false);
});

/** What the process holds in its heap and beside it. */
function usedBytes(): number {
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}
