import { assertEquals } from "@std/assert";
import { People } from "../../static/app/people.ts";
import { readCommand, textOf } from "../../static/app/slash_command.ts";

const people = new People();
for (const [userId, username] of [["1", "Bo"], ["2", "Ana Maria"], ["3", "Cy"], ["4", "cy"]]) {
  people.hear({ type: "typing", roomId: "r", userId, username, isTyping: true });
}

Deno.test("readCommand() finds whom a /msg is for, and what it says", () => {
  const bo = { userId: "1", username: "Bo" };
  assertEquals(readCommand("/msg @Bo hello  there", people), { to: bo, content: "hello  there" });
  assertEquals(readCommand("/msg bo two\nlines", people), { to: bo, content: "two\nlines" });
  const ana = { userId: "2", username: "Ana Maria" };
  assertEquals(readCommand("/msg @Ana Maria hi", people), { to: ana, content: "hi" });
  assertEquals(readCommand('/msg @"Ana Maria" hi', people), { to: ana, content: "hi" });
  assertEquals(readCommand("/msg 1 by id", people), { to: bo, content: "by id" });
  assertEquals(readCommand("/Msg Bo from a phone", people), { to: bo, content: "from a phone" });
});

Deno.test("readCommand() leaves names it does not know to the server, and asks about doubtful ones", () => {
  assertEquals(readCommand("/msg @Zoe hi", people), { to: "@Zoe", content: "hi" });
  assertEquals(readCommand("/msg @cy hi", people), "several");
  for (const short of ["/msg", "/msg ", "/msg @Bo", "/msg @Bo  ", "/msg @Ana Maria "]) {
    assertEquals(readCommand(short, people), "no_text", short);
  }
});

Deno.test("readCommand() takes one word of letters after a slash for a command, known or not", () => {
  for (const line of ["/foo bar", "/foo", "/message @Bo x", "/MGS\nx"]) {
    assertEquals(readCommand(line, people), "unknown", line);
  }
});

Deno.test("readCommand() takes nothing else for a command", () => {
  const texts = [
    "hello",
    " /msg @Bo x",
    "/",
    "/ hello",
    "//foo",
    "/usr/bin",
    "/usr/bin is",
    "/24 is",
    "/x-y",
    "/笑",
  ];
  for (const text of texts) assertEquals(readCommand(text, people), undefined, text);
});

Deno.test("textOf() leaves out the blank before what would be a command, and nothing else", () => {
  assertEquals(textOf(" /foo  bar "), "/foo  bar ");
  for (const text of ["  /foo", " /usr/bin", " hello", "//foo", "/usr/bin", "a /foo"]) {
    assertEquals(textOf(text), text);
  }
});
