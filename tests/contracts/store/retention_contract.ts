import { assertEquals } from "@std/assert";
import { count, MINUTE_MS, type Test, WHOLE } from "./bench.ts";

/** What a store promises of forgetting. */
export function testRetention(test: Test): void {
  test("reads see the last historyLimit messages only, at once", async (bench) => {
    await bench.say("a", ...count(1, 5).map(String));
    assertEquals(await bench.numbers("a"), [1, 2, 3, 4, 5]);
    await bench.say("a", "6");
    await bench.say("b", "1");
    const page = await bench.store.page("a", WHOLE);
    assertEquals([page.head, page.first, page.more], [6, 2, false]);
    assertEquals(page.messages.map(({ content }) => content), ["2", "3", "4", "5", "6"]);
    await bench.say("a", ...count(7, 500).map(String));
    const after = await bench.store.page("a", { limit: 2, maxLength: Infinity, after: 3 });
    assertEquals([after.head, after.first, after.more], [500, 496, true]);
    assertEquals(after.messages.map(({ seq }) => seq), [496, 497]);
    assertEquals((await bench.store.page("a", { ...WHOLE, before: 496 })).messages, []);
    assertEquals(await bench.numbers("b"), [1]);
  }, { historyLimit: 5 });

  test("reads do not see messages that are too old", async (bench) => {
    for (let i = 1; i <= 6; i++) {
      await bench.say("a", `${i}`);
      bench.now += 10 * MINUTE_MS;
    }
    assertEquals(await bench.numbers("a"), [4, 5, 6]);
    bench.now += 10 * MINUTE_MS;
    const page = await bench.store.page("a", WHOLE);
    assertEquals([page.head, page.first, page.messages.length], [6, 5, 2]);
    bench.now += 90 * MINUTE_MS;
    const empty = await bench.store.page("a", WHOLE);
    assertEquals([empty.head, empty.first, empty.messages, empty.more], [6, 7, [], false]);
  }, { historyMaxAgeMs: 40 * MINUTE_MS });

  test("retain() comes to an end and changes nothing that can be read", async (bench) => {
    for (let room = 0; room < 120; room++) await bench.say(`${room}`, "1", "2", "3", "4");
    await bench.store.append(count(1, 1300).map((i) => bench.draft("long", `${i}`, { id: `${i}` })));
    const before = await bench.store.page("long", WHOLE);
    bench.now += 11 * MINUTE_MS;
    await bench.say("0", "5");
    await bench.retainAll();
    assertEquals(await bench.store.retain().then(() => bench.store.page("long", WHOLE)), before);
    assertEquals(await bench.numbers("0"), [3, 4, 5]);
    assertEquals(await bench.numbers("119"), [2, 3, 4]);
    const [old, kept] = await bench.store.append(
      ["1297", "1300"].map((id) => bench.draft("long", id, { id })),
    );
    assertEquals([old.seq, kept.seq], [1301, 1300]);
  }, { historyLimit: 3 });

  test("a room goes on counting, in the same epoch, after everything in it was too old", async (bench) => {
    await bench.say("a", "1", "2", "3");
    const { epoch } = await bench.store.page("a", WHOLE);
    bench.now += 120 * MINUTE_MS;
    await bench.retainAll();
    assertEquals(await bench.say("a", "4"), [4]);
    const page = await bench.store.page("a", WHOLE);
    assertEquals([page.epoch, page.head, page.first], [epoch, 4, 4]);
  }, { historyMaxAgeMs: 60 * MINUTE_MS });

  test("retain() has nothing to do where everything is kept", async (bench) => {
    await bench.say("a", "1", "2");
    bench.now += 1000 * MINUTE_MS;
    await bench.retainAll();
    assertEquals(await bench.numbers("a"), [1, 2]);
  });
}
