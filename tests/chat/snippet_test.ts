import { assert, assertEquals } from "@std/assert";
import { makeSnippet } from "../../lib/chat/snippet.ts";

Deno.test("makeSnippet() puts every hit between ** and **, as it is written in the text", () => {
  assertEquals(makeSnippet("Fox and fox", ["fox"]), "**Fox** and **fox**");
  assertEquals(makeSnippet("red fox, blue dog", ["dog", "red"]), "**red** fox, blue **dog**");
  assertEquals(makeSnippet("我家在上海东边", ["上海"]), "我家在**上海**东边");
  assertEquals(makeSnippet("no word at all", []), "no word at all");
});

Deno.test("makeSnippet() takes every sign of a word for itself", () => {
  for (
    const word of ["foo-bar", "a.b", "(", "[a-z]", "\\", "*", "a{2}", "x|y", "^$", "/", "?", "🎉", "c++"]
  ) {
    assertEquals(makeSnippet(`see: ${word} .`, [word]), `see: **${word}** .`);
  }
  assertEquals(makeSnippet("aXb a.b", ["a.b"]), "aXb **a.b**");
});

Deno.test("makeSnippet() cuts a long text around the first hit, and says where it was cut", () => {
  const snippet = makeSnippet(`${"a".repeat(500)} needle ${"b".repeat(500)}`, ["needle"]);
  assert(snippet.startsWith("…a") && snippet.endsWith("b…"), snippet);
  assert(snippet.includes("a **needle** b"), snippet);
  assert(snippet.length < 200, String(snippet.length));
  assertEquals(makeSnippet("needle at the start", ["needle"]).startsWith("**"), true);
  assert(makeSnippet("x".repeat(1_000), []).endsWith("x…"));
});

Deno.test("makeSnippet() leaves no half of a character", () => {
  for (let shift = 0; shift < 4; shift++) {
    const snippet = makeSnippet(" ".repeat(shift) + "😀".repeat(200) + "hit" + "😀".repeat(200), ["hit"]);
    assert(snippet.isWellFormed(), snippet);
  }
});
