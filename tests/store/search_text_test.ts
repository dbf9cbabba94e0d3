import { assert, assertEquals } from "@std/assert";
import { fits, fold, gramsFor, gramsOf } from "../../lib/store/search_text.ts";

const TEXTS = [
  "The quick brown fox",
  "我家在上海东边",
  "a 上 b海 c",
  "x",
  "",
  "   ",
  "Ως İi̇ ß",
  "👩‍👩‍👧 e\u0301 \u0000!",
  "to  be\tor\nnot",
  "\ud800 broken",
];

Deno.test("gramsFor() asks for nothing that a text with the word is not indexed by", () => {
  for (const text of TEXTS) {
    const grams = gramsOf(text);
    const signs = [...text];
    for (let from = 0; from < signs.length; from++) {
      for (let to = from + 1; to <= signs.length; to++) {
        const word = signs.slice(from, to).join("");
        if (!fold(text).includes(fold(word))) continue;
        const missing = gramsFor(word).filter((gram) => !grams.has(gram));
        assertEquals(missing, [], JSON.stringify([text, word]));
      }
    }
  }
});

Deno.test("gramsFor() covers a word from its beginning to its end", () => {
  for (
    const word of [
      "ab",
      "abc",
      "abcdef",
      "上",
      "上海",
      "海东边",
      "ab上",
      "a上b",
      "上ab海cd",
      "ab cd",
    ]
  ) {
    const covered = gramsFor(word).join("");
    for (const sign of word.replace(" ", "")) {
      const written = sign < "\x80" ? String.fromCharCode(sign.charCodeAt(0) + 0x100) : sign;
      assert(covered.includes(written), `${word}: ${sign}`);
    }
  }
  assertEquals(gramsFor("上海东边"), ["上海", "海东", "东边"]);
  assertEquals([gramsFor("  "), gramsFor("a"), gramsFor("海")], [[], [], ["海"]]);
});

Deno.test("grams hold nothing that the index would take apart or for an operator", () => {
  const everything = String.fromCharCode(...Array.from({ length: 0x3000 }, (_, i) => i));
  for (const gram of gramsOf(everything)) assert(!/[\0-\x7f]/.test(gram), gram);
});

Deno.test("fits() wants every word, and the right sender", () => {
  const message = { userId: "1", username: "Ann", content: "Hello World" };
  const check = (words: string[], from?: string) => fits({ words, from }, message);
  assertEquals([check(["hello", "world"]), check(["hello", "moon"]), check([])], [true, false, true]);
  assertEquals([check([], "1"), check([], "Ann"), check(["hello"], "ann")], [true, true, false]);
});
