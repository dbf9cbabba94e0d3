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

Deno.test("one of something is not told as several", () => {
  for (const [key, tell] of Object.entries(english)) {
    if (typeof tell !== "function" || tell.length !== 1) continue;
    const [one, two] = [1, 2].map((count) => (tell as (count: number) => string)(count));
    const several = two.match(/\b2 (?:\w+ )?(characters|people|messages)\b/)?.[1];
    if (several) assert(!one.includes(several), `${key}: ${one}`);
  }
});

Deno.test("Chinese sentences have neither Latin colons nor spaces between them", () => {
  const { connectionLost, nextTry, sendingTooFast, goingOn, notSent, because, fileErrors } = chinese;
  assertEquals(connectionLost + nextTry(3), "连接已断开。3 秒后重试。");
  assertEquals(sendingTooFast + goingOn(3), "你发得太快了。3 秒后继续。");
  assertEquals(notSent + because(fileErrors.file_too_large), "未发送：文件超过了服务器允许的大小。");
  assertEquals(english.connectionLost + english.nextTry(3), "The connection was lost. Next try in 3 s.");
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
  assertEquals(explain({ code: "user_not_found", message: "no" }), words().errors.user_not_found);
  assertEquals(explain({ code: "bad_request", message: "roomId required" }), "roomId required");
  assertEquals(explain({ code: "constructor", message: "odd" }), "odd");
});
