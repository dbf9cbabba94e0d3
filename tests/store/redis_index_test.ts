import { assertEquals } from "@std/assert";
import { RedisLink } from "../../lib/redis/redis_link.ts";
import { MemoryStore } from "../../lib/store/memory_store.ts";
import { RedisStore } from "../../lib/store/redis_store.ts";
import type { Draft, Retention, SearchQuery } from "../../lib/store/store.ts";
import { RedisServer, redisTest } from "../support/redis_server.ts";
import { draft, UNLIMITED } from "./support/drafts.ts";
import { QueryEngine } from "./support/query_engine.ts";

/** The file of the module of a real engine, to be used in place of one done here. */
const MODULE = Deno.env.get("REDIS_SEARCH_MODULE");
const START = 1_790_000_000_000;
const MINUTE_MS = 60_000;
/** More than one search looks at. */
const MANY = 12_000;

/** A store on a Redis that has the query engine. */
class Shelf implements AsyncDisposable {
  now = START;
  store!: RedisStore;
  engine!: QueryEngine;
  link!: RedisLink;
  #said = 0;
  readonly #stack = new AsyncDisposableStack();

  static async open(retention: Retention = UNLIMITED, address = ""): Promise<Shelf> {
    const shelf = new Shelf();
    const settings = MODULE === undefined ? [] : [`loadmodule ${MODULE}`];
    const server = shelf.#stack.use(await RedisServer.start({ aof: "none", settings }));
    shelf.link = shelf.#stack.use(await RedisLink.open(server.url + address));
    shelf.engine = new QueryEngine(shelf.link);
    shelf.store = await shelf.node(retention);
    return shelf;
  }

  /** One more node on the same Redis. */
  async node(retention: Retention = UNLIMITED): Promise<RedisStore> {
    const link = MODULE === undefined ? this.engine.link : this.link;
    return this.#stack.use(await RedisStore.open(link, retention, { now: () => this.now }));
  }

  /** Has somebody say something each second. */
  async say(contents: readonly string[], more: Partial<Draft> = {}): Promise<void> {
    const drafts = contents.map((content) =>
      draft(`${++this.#said}`, { content, timestamp: this.now += 1000, ...more })
    );
    await this.store.append(drafts);
  }

  /** Lets a while pass in which everything is indexed. */
  async index(): Promise<void> {
    this.now += 2 * MINUTE_MS;
    while (await this.store.retain());
  }

  async find(words: string[], more: Partial<SearchQuery> = {}): Promise<[string[], boolean]> {
    const query = { userId: undefined, words, limit: 10, ...more };
    const result = await this.store.search(query);
    return [result.messages.map(({ content }) => content), result.more];
  }

  async countDocuments(): Promise<number> {
    return (await this.link.send("KEYS", "parley:document:*") as string[]).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

/** Much that nobody looks for, and a needle at some places. */
function haystack(size: number, ...needles: number[]): string[] {
  return Array.from({ length: size }, (_, i) => needles.includes(i) ? `needle ${i}` : "hay");
}

redisTest("an index finds what is rare among more than one search looks at, page by page", async () => {
  await using shelf = await Shelf.open();
  await shelf.say(haystack(MANY, 5, 4_000, 11_990));
  assertEquals(await shelf.find(["needle"]), [["needle 11990", "needle 4000"], true]);
  await shelf.index();
  assertEquals(await shelf.find(["needle"]), [["needle 11990", "needle 4000", "needle 5"], false]);
  assertEquals(await shelf.find(["needle"], { limit: 2 }), [["needle 11990", "needle 4000"], true]);
  const before = START + 4_001 * 1000;
  assertEquals(await shelf.find(["needle"], { before, limit: 2 }), [["needle 5"], false]);
  assertEquals(await shelf.find(["needle"], { before: before + 1, limit: 1 }), [["needle 4000"], true]);
  assertEquals(await shelf.find(["needle"], { since: before }), [["needle 11990", "needle 4000"], false]);
  assertEquals(await shelf.find(["needles"]), [[], false]);
});

redisTest("an index finds the same as looking through everything does", async () => {
  await using shelf = await Shelf.open();
  await using memory = new MemoryStore(UNLIMITED);
  const texts =
    "我家在上海东边|上 海|Straßenbahnhof ÄÖÜ|ΟΔΟΣ|col:y {x|y} @g:{a}|ab|cabin|🎉🎊|100%|x|İstanbul|a-b,c"
      .split("|");
  for (let i = 0; i < 2_600; i++) {
    const roomId = `r${i % 5}{}: ${i % 3}`;
    const content = i % 13 === 0 ? `${texts[i % texts.length]} ${i % 7}` : "hay";
    const userId = `u${i % 4}`;
    const said = { roomId, userId, username: `Ann ${i % 2}`, content, timestamp: START + (i >> 2) * 1000 };
    const drafts = [draft(`${i}`, said)];
    await Promise.all([shelf.store, memory].map((store) => store.append(drafts)));
  }
  await shelf.index();
  const wanted = [
    "上海",
    "海",
    "straß",
    "οδος",
    "col:y",
    "{x",
    "|",
    "ab",
    "🎊",
    "00%",
    "İST",
    "b,c",
    "x",
    "hay 1",
  ];
  for (const words of [...wanted.map((word) => [word]), ["上海", "3"], []]) {
    for (const more of [{}, { from: "Ann 1" }, { from: "u2" }, { roomId: "r1{}: 1" }]) {
      const query = { userId: undefined, words, limit: 50, ...more };
      assertEquals(
        await shelf.store.search(query),
        await memory.search(query),
        `${words} ${JSON.stringify(more)}`,
      );
    }
  }
});

redisTest("what is not in the index yet is found beside what is", async () => {
  await using shelf = await Shelf.open();
  await shelf.say(haystack(3_000, 1));
  await shelf.index();
  await shelf.say(haystack(3_000, 7, 2_500), { roomId: "b" });
  await shelf.say(haystack(2_000, 3));
  assertEquals((await shelf.find(["needle"]))[0], ["needle 3", "needle 2500", "needle 7", "needle 1"]);
  await Promise.all([shelf.index(), (await shelf.node()).retain()]);
  await shelf.index();
  assertEquals((await shelf.find(["needle"]))[0], ["needle 3", "needle 2500", "needle 7", "needle 1"]);
  assertEquals(await shelf.countDocuments(), 8_000);
});

redisTest("what a person may not read is not found for them", async () => {
  await using shelf = await Shelf.open();
  await shelf.say(haystack(1_500, 2));
  await shelf.say(haystack(1_500, 4), { roomId: "b" });
  await shelf.store.putMember("b", "bob", "Bob");
  await shelf.index();
  assertEquals(await shelf.find(["needle"], { userId: "bob" }), [["needle 4"], false]);
  assertEquals(await shelf.find(["needle"], { userId: "bob", roomId: "a" }), [[], false]);
});

redisTest("what is forgotten is taken out of the index", async () => {
  await using shelf = await Shelf.open({ historyLimit: 1_500, historyMaxAgeMs: Infinity });
  await shelf.say(haystack(2_000, 400, 600));
  await shelf.index();
  await shelf.say(haystack(100));
  assertEquals(await shelf.find(["needle"]), [["needle 600"], false]);
  shelf.now += 24 * 60 * MINUTE_MS;
  await shelf.index();
  assertEquals(await shelf.countDocuments(), 1_500);
  assertEquals(await shelf.find(["needle"]), [["needle 600"], false]);
});

redisTest("searches go on while the index is away or not whole, and it is made anew", async () => {
  await using shelf = await Shelf.open();
  await shelf.say(haystack(MANY, 5, 11_000));
  await shelf.index();
  const whole = [["needle 11000", "needle 5"], false];
  assertEquals(await shelf.find(["needle"]), whole);
  if (MODULE === undefined) {
    shelf.engine.isReading = true;
    assertEquals(await shelf.find(["needle"]), [["needle 11000"], true]);
    shelf.engine.isReading = false;
  }
  await (MODULE === undefined ? shelf.engine.link : shelf.link).send("FT.DROPINDEX", "parley:search");
  // A real one takes its time.
  const giveUpAt = performance.now() + 10_000;
  while ((await shelf.find(["needle"]))[1] && performance.now() < giveUpAt);
  assertEquals(await shelf.find(["needle"]), whole);
});

redisTest("where no index is wanted, nothing is written for one", async () => {
  await using shelf = await Shelf.open(UNLIMITED, "?index=off");
  await shelf.say(haystack(1_500, 2));
  await shelf.index();
  assertEquals(await shelf.countDocuments(), 0);
  assertEquals(await shelf.find(["needle"]), [["needle 2"], false]);
});

redisTest("where Redis has no query engine, nothing is written for it", async () => {
  await using server = await RedisServer.start({ aof: "none" });
  await using store = await RedisStore.open(server.url, UNLIMITED);
  await store.append([draft("1")]);
  while (await store.retain());
  assertEquals(await server.ask("KEYS", "parley:document:*"), []);
  assertEquals(await server.ask("EXISTS", "parley:unindexed"), 0);
});
