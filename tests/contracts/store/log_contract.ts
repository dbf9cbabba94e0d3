import { assert, assertEquals, assertNotEquals } from "@std/assert";
import type { Draft } from "../../../lib/store/store.ts";
import { count, START, type Test, WHOLE } from "./bench.ts";

/** What a store promises of its logs. */
export function testLog(test: Test): void {
  test("append() numbers the messages of each room from 1 without gaps", async (bench) => {
    const { store } = bench;
    const rooms = ["a", "b", "a", "a", "b", "c"];
    const appended = await store.append(rooms.map((room, i) => bench.draft(room, `${i}`)));
    assertEquals(appended.map(({ seq }) => seq), [1, 1, 2, 3, 2, 1]);
    assert(appended.every(({ timestamp, duplicate }) => timestamp === START && !duplicate));
    assertEquals(await bench.say("a", "next"), [4]);
    assertEquals(await bench.say("b", "next"), [3]);
    assertEquals(await bench.numbers("a"), [1, 2, 3, 4]);
  });

  test("append() of nothing gives nothing", async ({ store }) => {
    assertEquals(await store.append([]), []);
  });

  test("append() numbers calls made at the same time in the order of the calls", async (bench) => {
    const calls = count(1, 100).map((i) => bench.say(i % 3 === 0 ? "b" : "a", `${i}`, `${i}`));
    const seqs = await Promise.all(calls);
    assertEquals(seqs.filter((_, i) => (i + 1) % 3 !== 0).flat(), count(1, 134));
    assertEquals(seqs.filter((_, i) => (i + 1) % 3 === 0).flat(), count(1, 66));
    const { messages } = await bench.store.page("b", WHOLE);
    assertEquals(
      messages.map(({ content }) => Number(content)),
      count(1, 66).map((i) => Math.ceil(i / 2) * 3),
    );
  });

  test("append() settles calls made at the same time in order", async (bench) => {
    const settled: number[] = [];
    await Promise.all(count(1, 20).map(async () => settled.push(...await bench.say("a", "x"))));
    assertEquals(settled, count(1, 20));
  });

  test("page() returns everything as it was given", async (bench) => {
    const file = {
      fileId: "f1",
      name: 'a "name"\u0000.txt',
      size: Number.MAX_SAFE_INTEGER,
      mime: "text/plain",
      url: "/files/f1",
    };
    const contents = [
      " blanks around ",
      "a\u0000b\u0000",
      "\u0000",
      "👩‍👩‍👧 上海 é e\u0301 \u{10ffff}",
      "\ufeffbegins with a mark",
      "\ufeff\u0000",
      "lines\r\n\u2028'\"\\;--",
      "x".repeat(65_536),
      "上".repeat(20_000),
      "1e3",
      "007",
    ];
    const timestamp = Number.MAX_SAFE_INTEGER - 1;
    const drafts: Draft[] = contents.map((content) => bench.draft("a", content));
    drafts.push(
      bench.draft("a", "with all", {
        replyTo: "re\u0000ply",
        file,
        timestamp,
        id: "42",
        userId: "7",
        username: "8",
      }),
    );
    await bench.store.append(drafts);
    const { messages } = await bench.store.page("a", WHOLE);
    assertEquals(messages, drafts.map((draft, i) => ({ type: "chat", seq: i + 1, ...draft })));
    assertEquals(messages.map((message) => Object.keys(message).length), [...contents.map(() => 8), 10]);
  });

  test("rooms are told apart byte for byte", async (bench) => {
    const names = ["room", "Room", "room ", "r\u00f6om", "ro\u0308om", "%", "_", "0", "00", "😀".repeat(128)];
    for (const roomId of names) assertEquals(await bench.say(roomId, roomId), [1]);
    for (const roomId of names) {
      const { messages } = await bench.store.page(roomId, WHOLE);
      assertEquals(messages.map(({ content, roomId }) => [content, roomId]), [[roomId, roomId]]);
    }
  });

  test("a log has one epoch, and every log its own", async (bench) => {
    await bench.say("a", "1");
    await bench.say("b", "1");
    const { epoch } = await bench.store.page("a", WHOLE);
    await bench.say("a", "2");
    assertEquals((await bench.store.page("a", WHOLE)).epoch, epoch);
    assertNotEquals((await bench.store.page("b", WHOLE)).epoch, epoch);
    assert(epoch.length >= 8 && epoch.length <= 64);
  });
}
