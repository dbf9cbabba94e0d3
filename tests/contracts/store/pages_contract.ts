import { assert, assertEquals } from "@std/assert";
import { count, type Test, WHOLE } from "./bench.ts";

/** What a store promises of the pages it cuts. */
export function testPages(test: Test): void {
  const range = { limit: 3, maxLength: Infinity };

  test("page() of an unknown room is empty", async ({ store }) => {
    const empty = { epoch: "", head: 0, first: 1, messages: [], more: false };
    assertEquals(await store.page("nowhere", WHOLE), empty);
    assertEquals(await store.page("nowhere", { ...WHOLE, after: 5 }), empty);
  });

  test("page() gives the newest messages in ascending order", async (bench) => {
    await bench.say("a", "1", "2", "3", "4", "5");
    const page = await bench.store.page("a", range);
    assertEquals([page.head, page.first, page.more], [5, 1, true]);
    assertEquals(page.messages.map(({ seq }) => seq), [3, 4, 5]);
    assertEquals((await bench.store.page("a", { ...range, limit: 5 })).more, false);
    assertEquals((await bench.store.page("a", { ...range, limit: 9 })).more, false);
  });

  const pages: [{ after?: number; before?: number; limit?: number }, number[], boolean][] = [
    [{ before: 10 }, [7, 8, 9], true],
    [{ before: 4 }, [1, 2, 3], false],
    [{ before: 3 }, [1, 2], false],
    [{ before: 1 }, [], false],
    [{ before: 0 }, [], false],
    [{ before: 99 }, [8, 9, 10], true],
    [{ after: 0 }, [1, 2, 3], true],
    [{ after: 6 }, [7, 8, 9], true],
    [{ after: 7 }, [8, 9, 10], false],
    [{ after: 9 }, [10], false],
    [{ after: 10 }, [], false],
    [{ after: 999 }, [], false],
    [{ after: -5 }, [1, 2, 3], true],
    [{ after: Number.MAX_SAFE_INTEGER }, [], false],
    [{ before: Number.MAX_SAFE_INTEGER }, [8, 9, 10], true],
    [{ after: 2, before: 5 }, [3, 4], false],
    [{ after: 2, before: 6 }, [3, 4, 5], false],
    [{ after: 2, before: 7 }, [3, 4, 5], true],
    [{ after: 5, before: 6 }, [], false],
    [{ after: 6, before: 3 }, [], false],
    [{ limit: 0 }, [], true],
    [{ after: 10, limit: 0 }, [], false],
  ];
  test("page() cuts ranges exactly, and says whether there is more", async (bench) => {
    await bench.say("a", ...count(1, 10).map(String));
    for (const [bounds, seqs, more] of pages) {
      const page = await bench.store.page("a", { ...range, ...bounds });
      assertEquals([page.messages.map(({ seq }) => seq), page.more], [seqs, more], JSON.stringify(bounds));
      assertEquals([page.head, page.first], [10, 1]);
      assert(page.messages.every(({ seq, content }) => content === `${seq}`));
    }
  });

  test("page() keeps the contents within maxLength, but gives one message at least", async (bench) => {
    await bench.say("a", "x".repeat(10), "x".repeat(10), "😀".repeat(5), "x".repeat(100), "x");
    const cut = async (maxLength: number, bounds: { after?: number; before?: number }) => {
      const { messages, more } = await bench.store.page("a", { limit: 10, maxLength, ...bounds });
      return [messages.map(({ seq }) => seq), more];
    };
    assertEquals(await cut(30, { after: 0 }), [[1, 2, 3], true]);
    assertEquals(await cut(29, { after: 0 }), [[1, 2], true]);
    assertEquals(await cut(1, { after: 0 }), [[1], true]);
    assertEquals(await cut(50, { after: 3 }), [[4], true]);
    assertEquals(await cut(101, { after: 3 }), [[4, 5], false]);
    assertEquals(await cut(20, {}), [[5], true]);
    assertEquals(await cut(20, { before: 5 }), [[4], true]);
    assertEquals(await cut(20, { before: 4 }), [[2, 3], true]);
    assertEquals(await cut(30, { before: 4 }), [[1, 2, 3], false]);
    assertEquals(await cut(0, { before: 2 }), [[1], false]);
  });

  test("page() read to its end in both directions covers the log once", async (bench) => {
    await bench.say("a", ...count(1, 50).map(String));
    const forward: number[] = [];
    for (let after = 0, more = true; more;) {
      const page = await bench.store.page("a", { limit: 7, maxLength: Infinity, after });
      forward.push(...page.messages.map(({ seq }) => seq));
      [after, more] = [forward.at(-1)!, page.more];
    }
    assertEquals(forward, count(1, 50));
    const backward: number[] = [];
    for (let before = Infinity, more = true; more;) {
      const page = await bench.store.page("a", { limit: 7, maxLength: Infinity, before });
      backward.unshift(...page.messages.map(({ seq }) => seq));
      [before, more] = [backward[0], page.more];
    }
    assertEquals(backward, count(1, 50));
  });

  test("page() is consistent while others append", async (bench) => {
    const writing = (async () => {
      for (let i = 0; i < 30; i++) await bench.say("a", "x", "x");
    })();
    for (let i = 0; i < 30; i++) {
      const { head, first, messages } = await bench.store.page("a", WHOLE);
      assertEquals(messages.map(({ seq }) => seq), count(first, head));
    }
    await writing;
  });
}
