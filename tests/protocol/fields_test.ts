import { assertEquals } from "@std/assert";
import { commandId, position, roomId, roomName, text, userId, username } from "../../lib/protocol/fields.ts";

const BIRD = "🦜";

/** What is wrong with a value, or nothing. */
function complaint(field: ReturnType<typeof text> | typeof position, value: unknown): string | undefined {
  return field.safeParse(value).error?.issues[0].message;
}

Deno.test("names are as long as the contract says, in characters and not in UTF-16 units", () => {
  const limits = [[commandId, 64], [username, 64], [roomId, 128], [userId, 128], [roomName, 128]] as const;
  for (const [field, limit] of limits) {
    for (const character of ["x", "上", BIRD]) {
      assertEquals(complaint(field, character.repeat(limit)), undefined);
      assertEquals(complaint(field, character.repeat(limit + 1)), `too long: at most ${limit} characters`);
    }
    assertEquals(complaint(field, ""), "must not be empty");
    assertEquals(complaint(field, "a"), undefined);
  }
});

Deno.test("text that is far too long is refused by its length alone", () => {
  assertEquals(complaint(text(4), BIRD.repeat(4)), undefined);
  assertEquals(complaint(text(4), BIRD.repeat(5)), "too long: at most 4 characters");
  assertEquals(complaint(text(4), "x".repeat(1 << 20)), "too long: at most 4 characters");
});

Deno.test("names hold no control characters, and everything else", () => {
  for (const control of ["\0", "\t", "\n", "\r", "\x1b", "\x7f", "\x80", "\x9f"]) {
    const code = control.charCodeAt(0).toString(16);
    assertEquals(complaint(roomId, `a${control}b`), "must not hold control characters", code);
  }
  for (
    const name of [
      " ",
      "a b",
      "\xa0",
      "<b>",
      "Ä",
      "上海",
      `a${BIRD}b`,
      "\u202e",
      "dm:a:b",
      "../..",
      "__proto__",
    ]
  ) {
    assertEquals(roomId.parse(name), name);
  }
});

Deno.test("text may hold control characters, and comes back exactly as it was", () => {
  for (const said of ["two\nlines\t", "\0", "  blanks  ", "e\u0301", "\ufeffmark", "<script>"]) {
    assertEquals(text(100).parse(said), said);
  }
});

Deno.test("text that is not well-formed is refused, as it could not be returned as sent", () => {
  for (const broken of ["\ud83e", "\udd9c", "a\udd9c\ud83eb"]) {
    assertEquals(complaint(text(100), broken), "must be well-formed Unicode");
    assertEquals(complaint(roomId, broken), "must be well-formed Unicode");
  }
});

Deno.test("text tells a missing value from one of another kind", () => {
  assertEquals(complaint(text(1), undefined), "required");
  for (const value of [null, 0, 7, true, {}, ["a"]]) {
    assertEquals(complaint(text(1), value), "must be a string");
  }
});

Deno.test("position is a whole number from 0", () => {
  for (const good of [0, 1, Number.MAX_SAFE_INTEGER]) assertEquals(complaint(position, good), undefined);
  assertEquals(complaint(position, -1), "must be 0 or more");
  for (const bad of [1.5, NaN, Infinity, 2 ** 53, "1", null]) {
    assertEquals(complaint(position, bad), "must be an integer");
  }
});
