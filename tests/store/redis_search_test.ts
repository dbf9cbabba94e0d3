import { assertEquals } from "@std/assert";
import { RedisStore } from "../../lib/store/redis_store.ts";
import { RedisServer, redisTest } from "../support/redis_server.ts";
import { draft, UNLIMITED } from "./support/drafts.ts";

const START = 1_790_000_000_000;
/** More than one search looks at. */
const COUNT = 12_000;
const SECOND_MS = 1000;

redisTest("a search that would look at too much is broken off, and goes on from any time", async () => {
  await using server = await RedisServer.start({ aof: "none" });
  await using store = await RedisStore.open(server.url, UNLIMITED);
  const drafts = Array.from({ length: COUNT }, (_, i) => {
    const content = i % 5000 === 0 ? `needle ${i}` : "hay";
    return draft(`${i}`, { content, timestamp: START + i * SECOND_MS });
  });
  await store.append(drafts);
  const search = async (before?: number) => {
    const query = { userId: undefined, roomId: "a", words: ["needle"], limit: 10, before };
    const { messages, more } = await store.search(query);
    return [messages.map(({ content }) => content), more];
  };
  assertEquals(await search(), [["needle 10000", "needle 5000"], true]);
  // What is newer is passed over without being looked at.
  assertEquals(await search(START + 5000 * SECOND_MS), [["needle 0"], false]);
  assertEquals(await search(START + 5000 * SECOND_MS + 1), [["needle 5000", "needle 0"], false]);
});

redisTest("a search through very many rooms looks at those that were active last", async () => {
  await using server = await RedisServer.start({ aof: "none" });
  let now = START;
  await using store = await RedisStore.open(server.url, UNLIMITED, { now: () => now });
  for (let i = 0; i < 1100; i += 100) {
    now += 1;
    await store.append(
      Array.from({ length: 100 }, (_, k) => draft("1", { roomId: `room ${i + k}`, timestamp: now })),
    );
  }
  const query = { userId: undefined, words: [], limit: 2000 };
  const { messages, more } = await store.search(query);
  assertEquals([messages.length, more], [1000, true]);
  assertEquals(messages.some(({ roomId }) => roomId === "room 0"), false);
  assertEquals((await store.search({ ...query, roomId: "room 0" })).messages.length, 1);
});
