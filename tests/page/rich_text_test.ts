import { assert, assertEquals } from "@std/assert";
import { isEmoji, mentions, piecesOf } from "../../static/app/rich_text.ts";

function sketch(content: string, myName = ""): string[] {
  return piecesOf(content, myName).map(({ kind, text }) => `${kind}:${text}`);
}

Deno.test("piecesOf() finds code in a line and in blocks, and no links or names in it", () => {
  assertEquals(sketch("a `b https://x.test @Ana` c", "Ana"), [
    "text:a ",
    "code:b https://x.test @Ana",
    "text: c",
  ]);
  assertEquals(sketch("see\n```ts\nlet a;\n\nlet b;\n```\nend"), [
    "text:see\n",
    "block:let a;\n\nlet b;",
    "text:end",
  ]);
  assertEquals(sketch("```one line```"), ["block:one line"]);
});

Deno.test("piecesOf() leaves alone what is not closed", () => {
  for (const text of ["a ` b", "```\nopen", "``", "` `` `\n`", "``````"]) {
    assertEquals(piecesOf(text, "").filter(({ kind }) => kind === "block"), []);
  }
  assertEquals(sketch("a ` b"), ["text:a ` b"]);
});

Deno.test("piecesOf() makes links of web addresses only", () => {
  assertEquals(sketch("https://a.test/x, ok"), ["link:https://a.test/x", "text:, ok"]);
  for (const bad of ["javascript:alert(1)", "data:text/html,x", "vbscript:x", "//a.test", "ftp://a.test"]) {
    assert(piecesOf(bad, "").every(({ kind }) => kind === "text"), bad);
  }
});

Deno.test("piecesOf() loses nothing of a text without code, however odd, and takes no time over it", () => {
  for (
    const text of ["`".repeat(50_000), "```".repeat(20_000), "`a\n".repeat(20_000), "@Ana".repeat(20_000)]
  ) {
    const begun = performance.now();
    piecesOf(text, "Ana");
    assert(performance.now() - begun < 1_000);
  }
  const odd = "<b>x</b> & \u202e <script>alert(1)</script>\n\n@Ana";
  assertEquals(piecesOf(odd, "Ana").map(({ text }) => text).join(""), odd);
});

Deno.test("mentions() sees one's own name, not a longer one", () => {
  assertEquals(mentions("hi @ana!", "Ana"), true);
  assertEquals(mentions("hi @anabel", "Ana"), false);
  assertEquals(mentions("hi ana", "Ana"), false);
  assertEquals(mentions("@小明你好", "小明"), true);
  assertEquals(mentions("@(.*)", "(.*)"), true);
  assertEquals(mentions("hi @jean-luc!", "Jean-Luc"), true);
  for (const mark of "-/\\^$.*+?()[]{}|&#~`'\"<>=!:, @") {
    assertEquals(mentions(`@a${mark}b`, `a${mark}b`), true, mark);
  }
  assertEquals(mentions("@", ""), false);
  assertEquals(sketch("hey @Ana, look", "Ana"), ["text:hey ", "mention:@Ana", "text:, look"]);
});

Deno.test("isEmoji() is true for a few emoji and nothing else", () => {
  for (const yes of ["👍", "🎉👍 ❤️", "👩‍👩‍👧", "🇨🇳", "👍🏽"]) assert(isEmoji(yes), yes);
  for (const no of ["", "  ", "1", "👍 ok", "#", "👍".repeat(20)]) assert(!isEmoji(no), no);
});
