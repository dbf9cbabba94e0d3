import { assertEquals } from "@std/assert";
import { isLongerThan, utf8Length } from "../../lib/kit/utf8.ts";

const TEXTS = ["", "plain", "Ännchen", "我家在上海", "🦜", "a🦜b", "x".repeat(1_000), "上".repeat(400)];

Deno.test("utf8Length() counts what TextEncoder writes", () => {
  for (const text of [...TEXTS, "lone \ud83e"]) {
    assertEquals(utf8Length(text), new TextEncoder().encode(text).length, text.slice(0, 20));
  }
});

Deno.test("isLongerThan() counts bytes, not UTF-16 units, at every limit", () => {
  for (const text of TEXTS) {
    const bytes = utf8Length(text);
    for (const limit of [0, text.length, bytes - 1, bytes, bytes + 1, text.length * 3]) {
      assertEquals(isLongerThan(text, limit), bytes > limit, `${text.slice(0, 20)} over ${limit}`);
    }
  }
});
