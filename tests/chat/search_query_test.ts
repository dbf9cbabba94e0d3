import { assert, assertEquals } from "@std/assert";
import { parseQuery } from "../../lib/chat/search_query.ts";
import { Refusal } from "../../lib/protocol/codes.ts";

const NOTHING = { words: [], from: undefined, in: undefined, before: undefined, since: undefined };
const NOV_20 = Date.UTC(2026, 10, 20);
const DAY_MS = 24 * 60 * 60 * 1000;

Deno.test("parseQuery() takes words, phrases and filters apart, in any order", () => {
  const cases: [string, object][] = [
    ["red  fox", { words: ["red", "fox"] }],
    ['"red fox" dog', { words: ["red fox", "dog"] }],
    ['"not closed yet', { words: ["not closed yet"] }],
    ["from:ann fox", { words: ["fox"], from: "ann" }],
    ["fox FROM:@ann in:#hall", { words: ["fox"], from: "ann", in: "hall" }],
    ['from:"Ann Lee" in:"the hall"', { from: "Ann Lee", in: "the hall" }],
    ['from:"@Ann Lee"', { from: "Ann Lee" }],
    ["in:dm:ann:bob x", { words: ["x"], in: "dm:ann:bob" }],
    ["from:ann from:bob", { from: "bob" }],
  ];
  for (const [query, parsed] of cases) assertEquals(parseQuery(query), { ...NOTHING, ...parsed }, query);
});

Deno.test("parseQuery() reads days: before is before the day begins, after is after it is over", () => {
  assertEquals(parseQuery("before:2026-11-20"), { ...NOTHING, before: NOV_20 });
  assertEquals(parseQuery("after:2026-11-20"), { ...NOTHING, since: NOV_20 + DAY_MS });
  assertEquals(parseQuery('x before:"2026-11-20"'), { ...NOTHING, words: ["x"], before: NOV_20 });
  for (const day of ["today", "2026-11", "2026-13-01", "2026-02-31", "20261120", "2026-11-20T00:00"]) {
    assert(parseQuery(`x after:${day}`) instanceof Refusal, day);
  }
});

Deno.test("parseQuery() takes every other sign for a part of a word", () => {
  const words = ["it's", "c++", "a:b", "-x", "berlin:from:ann", "AND", "*", 'a"b', ":", "from:"];
  for (const word of words) assertEquals(parseQuery(word), { ...NOTHING, words: [word] });
});

Deno.test("parseQuery() looks for the query itself where nothing else is left of it", () => {
  for (const query of ['"', '""', "from:@", 'in:"', 'in:""', "from:@ in:#"]) {
    assertEquals(parseQuery(query), { ...NOTHING, words: [query] });
  }
  for (const query of [" ", "\t \n"]) assert(parseQuery(query) instanceof Refusal);
});

Deno.test("parseQuery() looks at no more than sixteen words", () => {
  const parsed = parseQuery("a ".repeat(200));
  assertEquals(parsed instanceof Refusal ? 0 : parsed.words.length, 16);
});
