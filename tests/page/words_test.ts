import { assert, assertEquals } from "@std/assert";
import { explain, pickLanguage, words } from "../../static/app/i18n.ts";
import { english } from "../../static/app/words_en.ts";
import { chinese } from "../../static/app/words_zh.ts";

function shapeOf(table: object, path = ""): string[] {
  return Object.entries(table).flatMap(([key, value]) =>
    typeof value === "object" ? shapeOf(value, `${path}${key}.`) : [`${path}${key}: ${typeof value}`]
  );
}

function textsOf(table: object): string[] {
  return Object.values(table).flatMap((value) =>
    typeof value === "object" ? textsOf(value) : [typeof value === "function" ? value("Ana", "Bo") : value]
  );
}

Deno.test("both languages say everything", () => {
  assertEquals(shapeOf(chinese).sort(), shapeOf(english).sort());
  for (const text of [...textsOf(english), ...textsOf(chinese)]) assert(text.trim() !== "");
});

Deno.test("the controls have the names that tests and people know them by", () => {
  const { yourName, message, roomName, send, joinRoom, retryNow, signIn, signOut, leaveRoom } = english;
  assertEquals([yourName, message, roomName], ["Your name", "Message", "Room name"]);
  assertEquals([send, joinRoom, retryNow], ["Send", "Join room", "Retry now"]);
  assertEquals([signIn, signOut, leaveRoom], ["Sign in", "Sign out", "Leave room"]);
});

Deno.test("pickLanguage() follows what was chosen, then what the browser prefers, then English", () => {
  assertEquals(pickLanguage(undefined, ["de-DE", "zh-TW", "en-US"]), "zh");
  assertEquals(pickLanguage(undefined, ["en-GB", "zh-CN"]), "en");
  assertEquals(pickLanguage(undefined, ["fr"]), "en");
  assertEquals(pickLanguage("zh", ["en-US"]), "zh");
  assertEquals(pickLanguage("nonsense", ["zh-CN"]), "zh");
});

Deno.test("explain() has words for known codes and keeps the server's for others", () => {
  assertEquals(explain({ code: "forbidden", message: "Not allowed" }), words().errors.forbidden);
  assertEquals(explain({ code: "bad_request", message: "roomId required" }), "roomId required");
  assertEquals(explain({ code: "constructor", message: "odd" }), "odd");
});
