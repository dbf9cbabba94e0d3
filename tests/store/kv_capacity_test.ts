import { assertEquals, assertRejects } from "@std/assert";
import { KvLink } from "../../lib/kv/kv_link.ts";
import { KvStore } from "../../lib/store/kv_store.ts";
import type { Draft } from "../../lib/store/store.ts";
import { draft, UNLIMITED, WHOLE } from "./support/drafts.ts";

const OPEN_LIMIT = 262_144;

async function keeps(drafts: Draft[]): Promise<void> {
  await using store = await KvStore.open(":memory:", UNLIMITED);
  const appended = await store.append(drafts);
  assertEquals(appended.map(({ seq }) => seq), drafts.map((_, i) => i + 1));
  const { messages } = await store.page(drafts[0].roomId, WHOLE);
  assertEquals(messages.length, drafts.length);
  for (const [i, { content, id }] of messages.entries()) {
    if (content !== drafts[i].content || id !== drafts[i].id) throw new Error(`Message ${i} is another`);
  }
  const again = await store.append(drafts.slice(-3));
  assertEquals(again.map(({ duplicate }) => duplicate), drafts.slice(-3).map(() => true));
}

Deno.test("KvStore takes thousands of messages in one call", async () => {
  await keeps(Array.from({ length: 3_000 }, (_, i) => draft(`${i}`)));
});

Deno.test("KvStore takes messages with the longest ids, of the longest names, in the longest rooms", async () => {
  const roomId = `dm:${encodeURIComponent("漢".repeat(128))}:${encodeURIComponent("😀".repeat(128))}`;
  const names = { roomId, userId: "😀".repeat(128), username: "😀".repeat(64) };
  await keeps(Array.from({ length: 300 }, (_, i) => draft(`${i}`.padEnd(64, "\0"), names)));
  await keeps(
    Array.from(
      { length: 300 },
      (_, i) => draft(`${i}`.padEnd(68, "😀"), { ...names, roomId: "漢".repeat(128) }),
    ),
  );
});

Deno.test("KvStore takes the longest messages, of any script, many at a time", async () => {
  for (const sign of ["x", "漢", "\0", "ä"]) {
    const bytes = new TextEncoder().encode(sign).length;
    const content = sign.repeat(Math.floor(OPEN_LIMIT / bytes));
    await keeps(Array.from({ length: 5 }, (_, i) => draft(`${i}`, { content: `${i}${content.slice(1)}` })));
  }
});

Deno.test("KvStore reads messages in pieces in both directions, among short ones", async () => {
  await using store = await KvStore.open(":memory:", UNLIMITED);
  const contents = ["short", "😀".repeat(40_000), "x", "上".repeat(24_000), "y".repeat(24_001), "end"];
  await store.append(contents.map((content, i) => draft(`${i}`, { content })));
  for (const range of [{ after: 0 }, {}, { after: 1, before: 6 }, { before: 5 }]) {
    const { messages } = await store.page("a", { ...WHOLE, ...range });
    assertEquals(messages.map(({ seq, content }) => content === contents[seq - 1]), messages.map(() => true));
  }
  const { messages } = await store.page("a", { limit: 1, maxLength: 10, before: 3 });
  assertEquals(messages.map(({ content }) => content.length), [80_000]);
  const found = await store.search({ userId: undefined, words: ["上上"], limit: 5 });
  assertEquals(found.messages.map(({ seq, content }) => [seq, content.length]), [[4, 24_000]]);
});

Deno.test("KvStore refuses a message that no commit can hold, and takes others beside it", async () => {
  await using store = await KvStore.open(":memory:", UNLIMITED);
  const long = store.append([draft("long", { content: "x".repeat(2_000_000) })]);
  await assertRejects(() => long, RangeError, "does not fit");
  assertEquals((await store.append([draft("short")]))[0].seq, 1);
});

Deno.test("KvStore forgets messages in pieces, of rooms whatever their names", async () => {
  let now = 1_790_000_000_000;
  const kv = await Deno.openKv(":memory:");
  await using store = new KvStore(new KvLink(kv), { historyLimit: 2, historyMaxAgeMs: Infinity }, () => now);
  const rooms = ["a", "dm:" + "x".repeat(2_000), "漢".repeat(128)];
  for (const roomId of rooms) {
    const long = { roomId, content: "x".repeat(100_000) };
    for (let i = 0; i < 100; i++) await store.append([draft(`${i}`, long)]);
  }
  now += 11 * 60_000;
  while (await store.retain());
  const kept: Record<string, number> = {};
  for await (const { key } of kv.list({ prefix: ["parley"] })) {
    kept[String(key[1])] = (kept[String(key[1])] ?? 0) + 1;
  }
  const { message, sent } = kept;
  assertEquals({ message, sent }, { message: 3 * 2 * 5, sent: 3 * 2 });
});
