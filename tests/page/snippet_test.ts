import { assertEquals } from "@std/assert";
import { markedPieces } from "../../static/app/search_pane.ts";

Deno.test("markedPieces() takes what stands between ** for a hit", () => {
  assertEquals(markedPieces("我家在**上海**东边"), [
    { text: "我家在", isHit: false },
    { text: "上海", isHit: true },
    { text: "东边", isHit: false },
  ]);
  assertEquals(markedPieces("no hit"), [{ text: "no hit", isHit: false }]);
});

Deno.test("markedPieces() leaves stars without a partner as they are", () => {
  assertEquals(markedPieces("**a** and **b").map(({ text }) => text).join("|"), "a| and **b");
  assertEquals(markedPieces(""), []);
});

Deno.test("markedPieces() keeps the stars that somebody wrote around a hit", () => {
  assertEquals(markedPieces("about ****lunch****?"), [
    { text: "about **", isHit: false },
    { text: "lunch", isHit: true },
    { text: "**?", isHit: false },
  ]);
  assertEquals(markedPieces("**a****b**").map(({ text }) => text).join("|"), "a|b");
});
