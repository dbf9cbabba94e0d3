import { assert, assertEquals, assertRejects } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { SqliteSearcher } from "../../lib/store/sqlite_searcher.ts";
import { openSecond } from "../../lib/store/sqlite_open.ts";
import { SqliteStore } from "../../lib/store/sqlite_store.ts";
import { type SearchQuery, StoreUnavailable } from "../../lib/store/store.ts";
import { draft, UNLIMITED } from "./support/drafts.ts";
import { indexAll, openWithoutSearch } from "./support/indexed_store.ts";
import { startScript } from "./support/start_script.ts";
import { temporaryFile } from "./support/temporary_file.ts";

const QUERY: SearchQuery = { userId: undefined, words: ["word"], limit: 10 };

/** Reads one number from the file. */
function read(file: string, sql: string): number {
  using database = new DatabaseSync(file, { readOnly: true });
  return Number(Object.values(database.prepare(sql).get()!)[0]);
}

const WAITING = "SELECT coalesce(sum(head - indexed), 0) FROM room";

Deno.test("SqliteStore indexes in small steps, in the order of time across rooms", async () => {
  await using stack = new AsyncDisposableStack();
  const file = await temporaryFile(stack);
  await using store = await openWithoutSearch(file);
  const rooms = ["a", "b", "c"];
  await store.append(Array.from({ length: 900 }, (_, i) => {
    // Room after room, though they were written to in turn.
    const timestamp = 1_790_000_000_000 + (i % 300) * 3 + Math.floor(i / 300);
    return draft(`${i}`, { roomId: rooms[Math.floor(i / 300)], timestamp });
  }));
  assertEquals(read(file, WAITING), 900);
  assert(indexAll(file) >= 8);
  assertEquals(read(file, WAITING), 0);
  assertEquals(read(file, "SELECT count(*) FROM search_entry"), 900);
  assertEquals(read(file, "SELECT delay FROM search_state"), 0);
  assertEquals(indexAll(file), 0);
});

Deno.test("SqliteStore searches messages that are indexed and such that are not, in one order", async () => {
  await using stack = new AsyncDisposableStack();
  const file = await temporaryFile(stack);
  await using store = await SqliteStore.open(file, UNLIMITED);
  const say = (roomId: string, minute: number) =>
    draft(`word ${minute}`, { roomId, timestamp: 1_790_000_000_000 + minute * 60_000 });
  await store.append([say("a", 9), say("b", 4), say("a", 10), say("b", 7)]);
  indexAll(file);
  await store.append([say("a", 11), say("c", 1), say("b", 8), say("c", 3)]);
  const found = async (more: Partial<SearchQuery>) =>
    (await store.search({ ...QUERY, ...more })).messages.map(({ content }) => Number(content.slice(5)));
  assertEquals(await found({}), [11, 10, 9, 8, 7, 4, 3, 1]);
  assertEquals(await found({ limit: 3 }), [11, 10, 9]);
  indexAll(file); // Late, and so out of the order of time.
  assertEquals(await found({}), [11, 10, 9, 8, 7, 4, 3, 1]);
  assertEquals(await found({ limit: 4 }), [11, 10, 9, 8]);
  const before = 1_790_000_000_000 + 8 * 60_000;
  assertEquals(await found({ before, limit: 3 }), [7, 4, 3]);
  assertEquals(await found({ before, since: before - 5 * 60_000 }), [7, 4, 3]);
});

Deno.test("SqliteStore indexes each message once when two index at the same time", async () => {
  await using stack = new AsyncDisposableStack();
  const file = await temporaryFile(stack);
  await using store = await openWithoutSearch(file);
  await store.append(Array.from({ length: 400 }, (_, i) => draft(`word ${i}`)));
  const searchers = [1, 2].map(() => stack.use(new SqliteSearcher(openSecond(file, 1000), UNLIMITED)));
  for (const searcher of [...searchers, ...searchers, ...searchers, ...searchers]) searcher.index();
  assertEquals(read(file, "SELECT count(*) FROM search_entry"), 400);
  assertEquals(read(file, WAITING), 0);
});

Deno.test("SqliteStore indexes much that waits before it searches", async () => {
  await using stack = new AsyncDisposableStack();
  const file = await temporaryFile(stack);
  await using store = await openWithoutSearch(file);
  await store.append(Array.from({ length: 21_000 }, (_, i) => draft(`word ${i}`)));
  using searcher = new SqliteSearcher(openSecond(file, 1000), UNLIMITED);
  const [outcome] = searcher.execute([{ method: "search", args: [{ ...QUERY, words: ["word 5"] }] }], 0);
  assert("value" in outcome);
  assert(read(file, "SELECT count(*) FROM search_entry") >= 1000);
});

Deno.test("SqliteStore searches on while another process holds the lock", async () => {
  await using stack = new AsyncDisposableStack();
  const file = await temporaryFile(stack);
  await using store = await SqliteStore.open(file, UNLIMITED);
  await store.append([draft("word")]);
  using other = new DatabaseSync(file);
  other.exec("BEGIN IMMEDIATE");
  assertEquals((await store.search(QUERY)).messages.length, 1);
  other.exec("ROLLBACK");
});

Deno.test("SqliteStore takes what it forgets out of the index", async () => {
  await using stack = new AsyncDisposableStack();
  const file = await temporaryFile(stack);
  let now = 1_790_000_000_000;
  await using store = await SqliteStore.open(file, { ...UNLIMITED, historyLimit: 10 }, { now: () => now });
  await store.append(Array.from({ length: 700 }, (_, i) => draft(`word ${i}`, { timestamp: now })));
  await store.append(Array.from({ length: 20 }, (_, i) => draft(`b${i}`, { roomId: "b", timestamp: now })));
  indexAll(file);
  assertEquals(read(file, "SELECT count(*) FROM search_docsize"), 720);
  now += 11 * 60_000;
  while (await store.retain());
  assertEquals(read(file, "SELECT count(*) FROM search_docsize"), 20);
  assertEquals(read(file, "SELECT count(*) FROM search_entry"), 20);
  assertEquals((await store.search({ ...QUERY, limit: 100 })).messages.length, 10);
});

Deno.test("SqliteStore goes on without searches while their worker is gone", async () => {
  await using stack = new AsyncDisposableStack();
  const crash = 'throw new Error("a crash that belongs to a test")';
  const startSearchWorker = () =>
    startScript(
      `onmessage = ({ data }) => { if ("calls" in data) ${crash}; else postMessage({ done: true }); }`,
    );
  await using store = await SqliteStore.open(await temporaryFile(stack), UNLIMITED, { startSearchWorker });
  await assertRejects(() => store.search(QUERY), StoreUnavailable);
  assertEquals((await store.append([draft("word")]))[0].seq, 1);
});

Deno.test("SqliteStore finds everything by its index again after it was closed", async () => {
  await using stack = new AsyncDisposableStack();
  const file = await temporaryFile(stack);
  {
    await using store = await openWithoutSearch(file);
    await store.append(Array.from({ length: 300 }, (_, i) => draft(`word ${i}`)));
    indexAll(file);
    await store.append([draft("word late")]);
  }
  await using store = await SqliteStore.open(file, UNLIMITED);
  assertEquals((await store.search({ ...QUERY, limit: 1000 })).messages.length, 301);
  assertEquals((await store.search({ ...QUERY, words: ["late", "word"] })).messages[0].seq, 301);
});
