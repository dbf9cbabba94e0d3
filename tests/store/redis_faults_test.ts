import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { RedisStore } from "../../lib/store/redis_store.ts";
import { type Draft, StoreUnavailable } from "../../lib/store/store.ts";
import { RedisServer, redisTest } from "../support/redis_server.ts";
import { TcpProxy } from "../support/tcp_proxy.ts";
import { draft, UNLIMITED, WHOLE } from "./support/drafts.ts";
import { whenAvailable } from "./support/patience.ts";

const UNAVAILABLE_WITHIN_MS = 3000;
const BACK_WITHIN_MS = 5000;

redisTest(
  "RedisStore says within three seconds that Redis stands still, and acknowledges nothing",
  async () => {
    await using server = await RedisServer.start();
    await using store = await RedisStore.open(server.url, UNLIMITED);
    await store.append([draft("first")]);
    const drafts = Array.from({ length: 50 }, (_, i) => draft(`${i}`));
    server.freeze();
    const startedAt = performance.now();
    const calls = await Promise.allSettled(drafts.map((draft) => store.append([draft])));
    const tookMs = performance.now() - startedAt;
    assert(tookMs < UNAVAILABLE_WITHIN_MS, `took ${tookMs} ms`);
    assert(calls.every((call) => call.status === "rejected" && call.reason instanceof StoreUnavailable));
    await assertRejects(() => store.page("a", WHOLE), StoreUnavailable);
    server.thaw();
    // What Redis got may have been done: the second try finds it or does it, and both have one place.
    const { result: again, tookMs: backMs } = await whenAvailable(() => store.append(drafts), BACK_WITHIN_MS);
    assert(backMs < BACK_WITHIN_MS);
    assertEquals(again.map(({ seq }) => seq).sort((a, b) => a - b), drafts.map((_, i) => i + 2));
    const { messages } = await store.page("a", WHOLE);
    assertEquals(messages.map(({ seq }) => seq), [1, ...drafts.map((_, i) => i + 2)]);
    assertEquals(new Set(messages.map(({ id }) => id)).size, 51);
    assertEquals(again.map(({ seq }) => messages[seq - 1].id), drafts.map(({ id }) => id));
  },
);

redisTest("RedisStore keeps no more waiting than it may while Redis stands still", async () => {
  await using server = await RedisServer.start({ aof: "none" });
  await using store = await RedisStore.open(server.url, UNLIMITED);
  server.freeze();
  const content = "x".repeat(60_000);
  const refusals = await Promise.all(
    Array.from(
      { length: 5000 },
      (_, i) => assertRejects(() => store.append([draft(`${i}`, { content })]), StoreUnavailable),
    ),
  );
  const waited = refusals.filter(({ message }) => message !== "Too much waits for Redis").length;
  assert(waited * content.length < 70 * 1024 * 1024, `${waited} waited`);
});

redisTest(
  "RedisStore loses nothing acknowledged when Redis is killed under load, and is back soon",
  async () => {
    // With "everysec" it would depend on how busy the disk is.
    await using server = await RedisServer.start({ aof: "always" });
    await using store = await RedisStore.open(server.url, UNLIMITED);
    const acknowledged = new Map<string, number>();
    let isOver = false;
    const writers = Array.from({ length: 20 }, async (_, writer) => {
      for (let i = 0; !isOver; i++) {
        const message = draft(`${writer}/${i}`, { userId: `u${writer}`, roomId: `room ${i % 3}` });
        const { result } = await whenAvailable(() => store.append([message]), BACK_WITHIN_MS);
        acknowledged.set(`${message.roomId} ${message.id}`, result[0].seq);
      }
    });
    const { epoch } = await store.page("room 0", WHOLE);
    for (let kills = 0; kills < 5; kills++) {
      const before = acknowledged.size;
      while (acknowledged.size < before + 500) await new Promise((resolve) => setTimeout(resolve, 5));
      await server.restart();
      const { tookMs } = await whenAvailable(() => store.room("room 0"), BACK_WITHIN_MS);
      assert(tookMs < BACK_WITHIN_MS);
    }
    isOver = true;
    await Promise.all(writers);
    const kept = new Map<string, number>();
    for (const roomId of ["room 0", "room 1", "room 2"]) {
      const { messages, head, epoch: now } = await store.page(roomId, { ...WHOLE, limit: Infinity });
      assertEquals(messages.map(({ seq }) => seq), Array.from({ length: head }, (_, i) => i + 1));
      for (const { id, seq } of messages) kept.set(`${roomId} ${id}`, seq);
      assertEquals(messages.length, new Set(messages.map(({ id }) => id)).size);
      if (roomId === "room 0") assertEquals(now, epoch);
    }
    const lost = [...acknowledged].filter(([key, seq]) => kept.get(key) !== seq);
    assertEquals(lost, []);
    assert(acknowledged.size > 2000);
  },
);

redisTest("RedisStore gives logs a new life when Redis is emptied", async () => {
  await using server = await RedisServer.start();
  await using store = await RedisStore.open(server.url, UNLIMITED);
  await store.append([draft("1"), draft("2")]);
  const { epoch } = await store.page("a", WHOLE);
  await server.flush();
  assertEquals((await store.page("a", WHOLE)).epoch, "");
  assertEquals((await store.append([draft("3")]))[0].seq, 1);
  const after = await store.page("a", WHOLE);
  assertNotEquals(after.epoch, epoch);
  assertEquals(after.messages.map(({ id }) => id), ["3"]);
});

redisTest("RedisStore gives logs a new life when Redis starts again with old data", async () => {
  await using server = await RedisServer.start({ aof: "none" });
  await using store = await RedisStore.open(server.url, UNLIMITED);
  await store.append([draft("1"), draft("2")]);
  await server.ask("SAVE");
  await store.append([draft("3"), draft("4")]);
  const { epoch } = await store.page("a", WHOLE);
  await server.restart();
  // A node that was not there before cannot know how far the log had come.
  await using other = await RedisStore.open(server.url, UNLIMITED);
  const after = await other.page("a", WHOLE);
  assertEquals(after.messages.map(({ id }) => id), ["1", "2"]);
  assertNotEquals(after.epoch, epoch);
  const { result } = await whenAvailable(() => store.append([draft("5")]), BACK_WITHIN_MS);
  assertEquals(result[0].seq, 3);
  assertEquals((await store.page("a", WHOLE)).epoch, after.epoch);
});

redisTest("RedisStore keeps the life of its logs when Redis starts again and has lost nothing", async () => {
  await using server = await RedisServer.start({ aof: "always" });
  await using store = await RedisStore.open(server.url, UNLIMITED);
  await store.append([draft("1")]);
  const before = await store.page("a", WHOLE);
  await server.restart();
  assertEquals((await whenAvailable(() => store.page("a", WHOLE), BACK_WITHIN_MS)).result, before);
});

/** Appends three messages, the last two of which Redis forgets again; resolves to the epoch they were in. */
async function loseEnd(server: RedisServer, store: RedisStore): Promise<string> {
  await store.append([draft("1")]);
  const keys = (await server.ask("KEYS", "parley:{r:a}:*")) as string[];
  for (const key of keys) await server.ask("COPY", key, `old ${key}`);
  await store.append([draft("2"), draft("3")]);
  const { epoch } = await store.page("a", WHOLE);
  for (const key of keys) await server.ask("RENAME", `old ${key}`, key);
  return epoch;
}

redisTest("RedisStore gives a log a new life when its end is gone that was seen before", async () => {
  await using server = await RedisServer.start();
  await using store = await RedisStore.open(server.url, UNLIMITED);
  await using other = await RedisStore.open(server.url, UNLIMITED);
  const epoch = await loseEnd(server, store);
  assertEquals((await other.page("a", WHOLE)).epoch, epoch, "who has seen nothing cannot know");
  assertEquals((await store.append([draft("4")]))[0].seq, 2);
  const after = await store.page("a", WHOLE);
  assertNotEquals(after.epoch, epoch);
  assertEquals((await other.page("a", WHOLE)).epoch, after.epoch);
  assertEquals(after.messages.map(({ id }) => id), ["1", "4"]);
});

redisTest(
  "RedisStore gives a log a new life when others have written over its lost end already",
  async () => {
    await using server = await RedisServer.start({ aof: "always" });
    await using store = await RedisStore.open(server.url, UNLIMITED);
    await using other = await RedisStore.open(server.url, UNLIMITED);
    const epoch = await loseEnd(server, store);
    await server.restart();
    const { result } = await whenAvailable(
      () => other.append([draft("4"), draft("5"), draft("6")]),
      BACK_WITHIN_MS,
    );
    assertEquals(result.map(({ seq }) => seq), [2, 3, 4]);
    for (let run = 0; run < 3; run++) {
      await server.restart();
      await whenAvailable(() => other.page("a", WHOLE), BACK_WITHIN_MS);
    }
    const { result: after } = await whenAvailable(() => store.page("a", WHOLE), BACK_WITHIN_MS);
    assertNotEquals(after.epoch, epoch);
    assertEquals(after.messages.map(({ id }) => id), ["1", "4", "5", "6"]);
    await server.restart();
    for (const one of [other, store]) {
      const { result: again } = await whenAvailable(() => one.page("a", WHOLE), BACK_WITHIN_MS);
      assertEquals(again.epoch, after.epoch);
    }
  },
);

redisTest("RedisStore gives logs a new life on the copy of a Redis that takes its place", async () => {
  await using first = await RedisServer.start({ settings: ["repl-diskless-sync-delay 0"] });
  await using second = await RedisServer.start();
  await using before = await RedisStore.open(first.url, UNLIMITED);
  await before.append([draft("1")]);
  const { epoch } = await before.page("a", WHOLE);
  await second.ask("REPLICAOF", "127.0.0.1", String(first.port));
  await first.ask("SET", "mark", "1");
  assertEquals(await first.ask("WAIT", "1", "5000"), 1);
  await assertRejects(async () => {
    await using copy = await RedisStore.open(second.url, UNLIMITED);
    await copy.append([draft("2")]);
  }, StoreUnavailable);
  await second.ask("REPLICAOF", "NO", "ONE");
  await using store = await RedisStore.open(second.url, UNLIMITED);
  const after = await store.page("a", WHOLE);
  assertEquals(after.messages.map(({ id }) => id), ["1"]);
  assertNotEquals(after.epoch, epoch);
  assertEquals((await store.page("a", WHOLE)).epoch, after.epoch);
});

redisTest("RedisStore goes on after its network was gone, and has lost and doubled nothing", async () => {
  await using server = await RedisServer.start();
  await using way = new TcpProxy(server.port);
  await using store = await RedisStore.open(`redis://127.0.0.1:${way.port}`, UNLIMITED);
  const drafts: Draft[] = Array.from({ length: 300 }, (_, i) => draft(`${i}`));
  way.cutEvery(20_000, 10);
  for (let i = 0; i < drafts.length; i += 10) {
    const some = drafts.slice(i, i + 10);
    await whenAvailable(() => store.append(some), BACK_WITHIN_MS);
  }
  assert(way.cuts >= 2, `${way.cuts} cuts`);
  const { messages } = (await whenAvailable(() => store.page("a", WHOLE), BACK_WITHIN_MS)).result;
  assertEquals(messages.map(({ id, seq }) => `${seq} ${id}`), drafts.map(({ id }, i) => `${i + 1} ${id}`));
});

redisTest("RedisStore stores nothing, and says so, when the memory of Redis is full", async () => {
  await using server = await RedisServer.start({ aof: "none" });
  await using store = await RedisStore.open(server.url, UNLIMITED);
  await store.append([draft("1")]);
  await server.ask("CONFIG", "SET", "maxmemory", "1");
  await assertRejects(() => store.append([draft("2")]), StoreUnavailable);
  assertEquals((await store.page("a", WHOLE)).messages.map(({ id }) => id), ["1"]);
  await server.ask("CONFIG", "SET", "maxmemory", "0");
  assertEquals((await store.append([draft("2")]))[0].seq, 2);
});
