import { assert, assertEquals } from "@std/assert";
import { count, MINUTE_MS, START, type Test, WHOLE } from "./bench.ts";

/** What a store promises of messages that are sent twice. */
export function testDuplicates(test: Test): void {
  test("append() gives a message sent twice the place and time of the first", async (bench) => {
    const { store } = bench;
    await bench.say("a", "before");
    await store.append([bench.draft("a", "first", { id: "1" })]);
    bench.now += 1000;
    const again = await store.append([bench.draft("a", "again", { id: "1" }), bench.draft("a", "next")]);
    assertEquals(again, [
      { seq: 2, timestamp: START, duplicate: true },
      { seq: 3, timestamp: START + 1000, duplicate: false },
    ]);
    const { messages } = await store.page("a", WHOLE);
    assertEquals(messages.map(({ content }) => content), ["before", "first", "next"]);
  });

  test("append() finds duplicates within one batch", async (bench) => {
    const ids = ["1", "2", "1", "1", "3", "2"];
    const appended = await bench.store.append(ids.map((id) => bench.draft("a", id, { id })));
    assertEquals(appended.map(({ seq, duplicate }) => duplicate ? -seq : seq), [1, 2, -1, -1, 3, -2]);
    assertEquals(await bench.numbers("a"), [1, 2, 3]);
  });

  test("append() finds duplicates among calls made at the same time", async (bench) => {
    const calls = count(1, 50).map(() => bench.store.append([bench.draft("a", "x", { id: "same" })]));
    const appended = (await Promise.all(calls)).flat();
    assertEquals(appended.map(({ seq }) => seq), count(1, 50).map(() => 1));
    assertEquals(appended.filter(({ duplicate }) => !duplicate).length, 1);
  });

  test("append() takes the same id from another person or for another room as another message", async (bench) => {
    const appended = await bench.store.append([
      bench.draft("a", "x", { id: "1", userId: "ann" }),
      bench.draft("a", "x", { id: "1", userId: "bob" }),
      bench.draft("b", "x", { id: "1", userId: "ann" }),
      // Joined carelessly, these name the same message as each other or as the first.
      bench.draft("a", "x", { id: "n1", userId: "an" }),
      bench.draft("a", "x", { id: "\u00001", userId: "ann" }),
      bench.draft("a", "x", { id: "1\u0000", userId: "ann" }),
    ]);
    assertEquals(appended.map(({ seq, duplicate }) => duplicate ? -seq : seq), [1, 2, 1, 3, 4, 5]);
  });

  test("append() finds a duplicate whose id holds NUL", async (bench) => {
    const drafts = ["a\u0000b", "a\u0000c", "a\u0000b"].map((id) => bench.draft("a", "x", { id }));
    assertEquals((await bench.store.append(drafts)).map(({ duplicate }) => duplicate), [false, false, true]);
  });

  test("append() does not look for ids that the server made, nor keep that they are", async (bench) => {
    const appended = await bench.store.append([
      bench.draft("a", "made here", { id: "1", unique: true }),
      bench.draft("a", "made elsewhere", { id: "1" }),
      bench.draft("a", "made elsewhere", { id: "1", unique: false }),
    ]);
    assertEquals(appended.map(({ seq, duplicate }) => duplicate ? -seq : seq), [1, 2, -2]);
    const { messages } = await bench.store.page("a", WHOLE);
    assert(messages.every((message) => !("unique" in message)));
  });

  test("append() knows ids for 10 minutes after their messages are gone", async (bench) => {
    await bench.store.append([bench.draft("a", "old", { id: "old" })]);
    bench.now += 9 * MINUTE_MS;
    await bench.say("a", "1", "2", "3", "4");
    await bench.retainAll();
    assertEquals(await bench.numbers("a"), [3, 4, 5]);
    const again = await bench.store.append([bench.draft("a", "again", { id: "old" })]);
    assertEquals(again, [{ seq: 1, timestamp: START, duplicate: true }]);
  }, { historyLimit: 3 });

  test("append() knows ids for as long as their messages are kept", async (bench) => {
    await bench.store.append([bench.draft("a", "old", { id: "old" })]);
    bench.now += 90 * MINUTE_MS;
    await bench.say("a", "1", "2");
    await bench.retainAll();
    const again = await bench.store.append([bench.draft("a", "again", { id: "old" })]);
    assertEquals(again[0].duplicate, true);
  }, { historyLimit: 3 });

  test("append() forgets ids once their messages are gone and 10 minutes old", async (bench) => {
    await bench.store.append([bench.draft("a", "old", { id: "old" })]);
    await bench.say("a", "1", "2", "3", "4");
    bench.now += 11 * MINUTE_MS;
    await bench.retainAll();
    const again = await bench.store.append([bench.draft("a", "again", { id: "old" })]);
    assertEquals(again, [{ seq: 6, timestamp: bench.now, duplicate: false }]);
  }, { historyLimit: 3 });
}
