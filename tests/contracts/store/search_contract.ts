import { assertEquals } from "@std/assert";
import type { SearchQuery } from "../../../lib/store/store.ts";
import { type Bench, count, MINUTE_MS, newRoom, START, type Test, WHOLE } from "./bench.ts";

const ALL = { userId: undefined, limit: 100 };

/** What a store promises of searches. */
export function testSearch(test: Test): void {
  const find = async ({ store }: Bench, ...words: string[]) =>
    await contents(store.search({ ...ALL, words }));

  test("search() finds what was just appended, newest first", async (bench) => {
    for (const content of ["one apple", "two pears", "three apples"]) {
      await bench.say("a", content);
      bench.now += 1000;
    }
    assertEquals(await find(bench, "apple"), ["three apples", "one apple"]);
    const { messages, more } = await bench.store.search({ ...ALL, words: ["pears"] });
    assertEquals(messages, (await bench.store.page("a", WHOLE)).messages.slice(1, 2));
    assertEquals(more, false);
    assertEquals(await find(bench, "plum"), []);
  });

  const texts = [
    "我家在上海东边",
    "上 海",
    "Der Straßenbahnhof ÄÖÜ",
    "ΟΔΟΣ, ΟΔΟΣΑ",
    'a "quoted" word* AND (b OR c) NOT d-e NEAR/2 ^x col:y',
    "ab",
    "cabin",
    "🎉 party 🎉🎊",
    "100% of_it",
    "x",
    "the end\nof the line",
    "İstanbul",
    "nul\u0000nul",
    "hello world",
  ];
  const finds: [string[], number[]][] = [
    [["上海"], [0]],
    [["海"], [0, 1]],
    [["海东边"], [0]],
    [["上海", "家"], [0]],
    [["海上"], []],
    [["straßenBAHN"], [2]],
    [["äö"], [2]],
    [["οδος"], [3]],
    [["οδοσ"], [3]],
    [["οδοσα"], [3]],
    [['"quoted"'], [4]],
    [["word*"], [4]],
    [["wor*"], []],
    [["AND"], [4]],
    [["or"], [4, 13]],
    [["not"], [4]],
    [["NEAR/2"], [4]],
    [["d-e"], [4]],
    [["col:y"], [4]],
    [["^x"], [4]],
    [["'"], []],
    [["("], [4]],
    [["ab"], [5, 6]],
    [["AB"], [5, 6]],
    [["🎉"], [7]],
    [["🎉🎊"], [7]],
    [["🎊🎉"], []],
    [["%"], [8]],
    [["f_i"], [8]],
    [["faith"], []],
    [["x"], [4, 9]],
    [["the", "line"], [10]],
    [["the end"], [10]],
    [["end\nof"], [10]],
    [["end of"], []],
    [["istanbul"], [11]],
    [["l\u0000n"], [12]],
    [["hello", "WORLD"], [13]],
    [["o w"], [13]],
    [["hello  world"], []],
    [["hello", "hello"], [13]],
    [["\ud83c"], []],
  ];
  test("search() takes words as they are, whatever their length, script, and case", async (bench) => {
    await bench.say("a", ...texts);
    for (const [words, expected] of finds) {
      const found = (await find(bench, ...words)).map((content) => texts.indexOf(content)).reverse();
      assertEquals(found, expected, JSON.stringify(words));
    }
  });

  test("search() finds every part of a text, and with it nothing that does not hold it", async (bench) => {
    const long = "Zweimal täglich 上海から東京へ, at 10:30 — naïve café №5";
    await bench.say("a", long, "Zweimal", "täglich", "上海", "東京", "café");
    for (let from = 0; from < long.length; from++) {
      for (const length of [1, 2, 3, 4, 7, 20]) {
        const word = long.slice(from, from + length).trim();
        if (word === "") continue;
        const found = await find(bench, word);
        assertEquals(found.at(-1), long, word);
        assertEquals(
          found.filter((content) => !content.toLowerCase().includes(word.toLowerCase())),
          [],
          word,
        );
      }
    }
  });

  test("search() stays in the rooms that a person belongs to", async (bench) => {
    const { store } = bench;
    for (const roomId of ["a", "b", "dm:ann:bob"]) await store.createRoom(newRoom(roomId));
    for (const roomId of ["a", "b", "c", "dm:ann:bob"]) await bench.say(roomId, `word in ${roomId}`);
    for (const roomId of ["a", "c", "dm:ann:bob"]) await store.putMember(roomId, "ann", "Ann");
    await store.changeStanding("b", "ann", { isInvited: true });
    const search = async (userId: string | undefined, roomId?: string) =>
      (await contents(store.search({ userId, roomId, words: ["word"], limit: 10 })))
        .map((content) => content.slice(8)).sort();
    assertEquals(await search("ann"), ["a", "c", "dm:ann:bob"]);
    assertEquals(await search("eve"), []);
    assertEquals(await search(undefined), ["a", "b", "c"]);
    assertEquals(await search("ann", "a"), ["a"]);
    assertEquals(await search("ann", "b"), []);
    assertEquals(await search("ann", "dm:ann:bob"), ["dm:ann:bob"]);
    assertEquals(await search("ann", "nowhere"), []);
    assertEquals(await search(undefined, "b"), ["b"]);
    assertEquals(await search(undefined, "dm:ann:bob"), []);
    assertEquals(await search(undefined, "nowhere"), []);
    await store.changeStanding("a", "ann", { role: null, bannedUntil: 1 });
    await store.removeMember("c", "ann");
    assertEquals(await search("ann"), ["dm:ann:bob"]);
  });

  test("search() finds messages of who has an id or a name, exactly", async (bench) => {
    const say = (userId: string, username: string) => bench.draft("a", `by ${userId}`, { userId, username });
    await bench.store.append([
      say("1", "Ann Lee"),
      say("Ann Lee", "x"),
      say("3", "ann lee"),
      say("4", "Ann"),
    ]);
    const from = async (from: string, ...words: string[]) =>
      await contents(bench.store.search({ ...ALL, words, from }));
    assertEquals(await from("Ann Lee"), ["by Ann Lee", "by 1"]);
    assertEquals(await from("Ann Lee", "1"), ["by 1"]);
    assertEquals(await from("4"), ["by 4"]);
    assertEquals(await from("nn"), []);
    assertEquals(await from('"'), []);
  });

  test("search() bounds the time: from since on, up to before but not at it", async (bench) => {
    for (let i = 0; i < 10; i++) {
      await bench.say(i % 2 ? "a" : "b", `word ${i}`);
      bench.now += 1000;
    }
    const between = async (since?: number, before?: number, words = ["word"]) => {
      const at = (i?: number) => i === undefined ? undefined : START + i * 1000;
      const found = await contents(
        bench.store.search({ ...ALL, words, since: at(since), before: at(before) }),
      );
      return found.map((content) => Number(content.slice(5)));
    };
    assertEquals(await between(7), [9, 8, 7]);
    assertEquals(await between(undefined, 2), [1, 0]);
    assertEquals(await between(3, 5), [4, 3]);
    assertEquals(await between(3, 5, []), [4, 3]);
    assertEquals(await between(3, 3), []);
    assertEquals(await between(10), []);
    assertEquals(await between(undefined, 0), []);
    assertEquals(await between(undefined, 99, ["4"]), [4]);
  });

  test("search() gives no more than asked for, says whether there is more, and goes on from there", async (bench) => {
    for (const i of count(1, 25)) {
      await bench.say(`${i % 3}`, i % 5 === 0 ? "other" : `word ${i}`);
      bench.now += 10;
    }
    const found: string[] = [];
    let before: number | undefined;
    for (let more = true; more;) {
      const page = await bench.store.search({ userId: undefined, words: ["word"], limit: 7, before });
      found.push(...page.messages.map(({ content }) => content));
      [before, more] = [page.messages.at(-1)!.timestamp, page.more];
      assertEquals(more, found.length < 20);
    }
    assertEquals(found, count(1, 25).filter((i) => i % 5).map((i) => `word ${i}`).reverse());
    const none = await bench.store.search({ userId: undefined, words: ["word"], limit: 0 });
    assertEquals([none.messages, none.more], [[], true]);
  });

  test("search() puts messages of one time in the order of their numbers, newest first", async (bench) => {
    await bench.say("a", ...count(1, 9).map((i) => `word ${i}`));
    const { messages, more } = await bench.store.search({ userId: undefined, words: ["word"], limit: 3 });
    assertEquals([messages.map(({ seq }) => seq), more], [[9, 8, 7], true]);
  });

  test("search() is newest first across rooms that were written to in another order", async (bench) => {
    const say = (roomId: string, minute: number) =>
      bench.draft(roomId, `word ${minute}`, { timestamp: START + minute * MINUTE_MS });
    await bench.store.append([say("a", 5), say("a", 6), say("b", 1), say("c", 7), say("b", 2), say("d", 3)]);
    await bench.store.append([say("d", 4), say("e", 0), say("a", 9), say("b", 8)]);
    assertEquals(await find(bench, "word"), count(0, 9).reverse().map((i) => `word ${i}`));
    const page = await bench.store.search({
      ...ALL,
      words: ["word"],
      before: START + 7 * MINUTE_MS,
      limit: 3,
    });
    assertEquals(page.messages.map(({ content }) => content), ["word 6", "word 5", "word 4"]);
  });

  test("search() does not find what retention has let go, gone or not", async (bench) => {
    await bench.say("a", ...count(1, 6).map((i) => `word ${i}`));
    await bench.say("b", "word b");
    assertEquals(await find(bench, "word", "b"), ["word b"]);
    assertEquals((await find(bench, "word")).length, 4);
    bench.now += 11 * MINUTE_MS;
    await bench.say("a", "word 7");
    await bench.retainAll();
    assertEquals((await find(bench, "word")).sort(), ["word 5", "word 6", "word 7", "word b"]);
  }, { historyLimit: 3 });

  test("search() does not find what is too old", async (bench) => {
    await bench.say("a", "word 1");
    bench.now += 6 * MINUTE_MS;
    await bench.say("b", "word 2");
    assertEquals(await find(bench, "word"), ["word 2", "word 1"]);
    bench.now += 4 * MINUTE_MS;
    assertEquals(await find(bench, "word"), ["word 2"]);
    bench.now += 6 * MINUTE_MS;
    await bench.retainAll();
    assertEquals(await find(bench, "word"), []);
  }, { historyMaxAgeMs: 10 * MINUTE_MS });

  test("search() finds the messages of somebody who belongs to very many rooms", async (bench) => {
    const rooms = count(1, 150).map((i) => `room ${i}`);
    await Promise.all(rooms.map((roomId) => bench.store.putMember(roomId, "ann", "Ann")));
    await bench.store.append(
      rooms.flatMap((roomId) => [bench.draft(roomId, "word"), bench.draft(`x${roomId}`, "word")]),
    );
    const query: SearchQuery = { userId: "ann", words: ["word"], limit: 1000 };
    assertEquals((await bench.store.search(query)).messages.length, 150);
    assertEquals((await bench.store.search({ ...query, words: [], limit: 100 })).more, true);
  });
}

async function contents(result: ReturnType<Bench["store"]["search"]>): Promise<string[]> {
  return (await result).messages.map(({ content }) => content);
}
