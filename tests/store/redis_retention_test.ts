import { assert, assertEquals } from "@std/assert";
import { RedisStore } from "../../lib/store/redis_store.ts";
import type { Retention } from "../../lib/store/store.ts";
import { RedisServer, redisTest } from "../support/redis_server.ts";
import { draft, WHOLE } from "./support/drafts.ts";

const MINUTE_MS = 60_000;
const START = 1_790_000_000_000;

/** A store, its clock, and what lies in Redis. */
class Shelf implements AsyncDisposable {
  now = START;
  readonly #stack = new AsyncDisposableStack();
  server!: RedisServer;
  store!: RedisStore;

  static async open(retention: Partial<Retention>): Promise<Shelf> {
    const shelf = new Shelf();
    shelf.server = shelf.#stack.use(await RedisServer.start({ aof: "none" }));
    const kept = { historyLimit: Infinity, historyMaxAgeMs: Infinity, ...retention };
    shelf.store = shelf.#stack.use(await RedisStore.open(shelf.server.url, kept, { now: () => shelf.now }));
    return shelf;
  }

  async say(...ids: string[]): Promise<void> {
    await this.store.append(ids.map((id) => draft(id, { timestamp: this.now })));
  }

  /** How many messages and how many of their ids are kept of room a, and how many rooms are to be looked at. */
  async size(): Promise<unknown[]> {
    return [
      await this.server.ask("XLEN", "parley:{r:a}:log"),
      await this.server.ask("HLEN", "parley:{r:a}:sent"),
      await this.server.ask("ZCARD", "parley:aging"),
    ];
  }

  async retainAll(): Promise<void> {
    while (await this.store.retain());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

function ids(count: number, name = ""): string[] {
  return Array.from({ length: count }, (_, i) => `${name}${i}`);
}

redisTest("a Redis store forgets what retention does not want, and then does not look again", async () => {
  await using shelf = await Shelf.open({ historyLimit: 10, historyMaxAgeMs: 60 * MINUTE_MS });
  await shelf.say(...ids(1000));
  assertEquals(await shelf.size(), [1000, 1000, 1], "ids may still come again");
  shelf.now += 61 * MINUTE_MS;
  await shelf.retainAll();
  assertEquals(await shelf.size(), [0, 0, 0]);
  await shelf.say("next");
  assertEquals((await shelf.store.page("a", WHOLE)).messages.map(({ seq }) => seq), [1001]);
  assertEquals(await shelf.size(), [1, 1, 1]);
  shelf.now += 61 * MINUTE_MS;
  await shelf.retainAll();
  assertEquals(await shelf.size(), [0, 0, 0]);
});

redisTest("a Redis store forgets what is too many in a room that has fallen silent", async () => {
  await using shelf = await Shelf.open({ historyLimit: 10 });
  await shelf.say(...ids(50));
  await shelf.retainAll();
  assertEquals(await shelf.size(), [50, 50, 1]);
  shelf.now += 5 * MINUTE_MS;
  await shelf.say(...ids(50, "later "));
  // The room counts as touched for the next minute: what comes now does not put it on the list again.
  shelf.now += 10 * MINUTE_MS - 30_000;
  await shelf.say("much later");
  await shelf.retainAll();
  for (let i = 0; i < 30; i++) {
    shelf.now += MINUTE_MS;
    await shelf.retainAll();
  }
  assertEquals(await shelf.size(), [10, 10, 0]);
  assertEquals((await shelf.store.page("a", WHOLE)).messages.length, 10);
});

redisTest("a Redis store forgets a little with every message of a busy room", async () => {
  await using shelf = await Shelf.open({ historyLimit: 10 });
  for (let i = 0; i < 200; i++) {
    shelf.now += MINUTE_MS / 2;
    await shelf.say(...ids(3, `${i} `));
  }
  const [messages, sent] = await shelf.size() as number[];
  assert(messages <= 70 && sent === messages, `${messages} messages and ${sent} ids`);
});

redisTest("a Redis store that keeps everything has nothing to look at", async () => {
  await using shelf = await Shelf.open({});
  await shelf.say(...ids(5));
  assertEquals(await shelf.store.retain(), false);
  assertEquals(await shelf.size(), [5, 5, 0]);
});
