import { assertEquals } from "@std/assert";
import { People } from "../../static/app/people.ts";
import { readDirectMessage } from "../../static/app/slash_command.ts";

const people = new People();
for (const [userId, username] of [["1", "Bo"], ["2", "Ana Maria"], ["3", "Cy"], ["4", "cy"]]) {
  people.hear({ type: "typing", roomId: "r", userId, username, isTyping: true });
}

Deno.test("readDirectMessage() finds whom a /msg is for, and what it says", () => {
  const bo = { userId: "1", username: "Bo" };
  assertEquals(readDirectMessage("/msg @Bo hello  there", people), { to: bo, content: "hello  there" });
  assertEquals(readDirectMessage("/msg bo two\nlines", people), { to: bo, content: "two\nlines" });
  const ana = { userId: "2", username: "Ana Maria" };
  assertEquals(readDirectMessage("/msg @Ana Maria hi", people), { to: ana, content: "hi" });
  assertEquals(readDirectMessage('/msg @"Ana Maria" hi', people), { to: ana, content: "hi" });
  assertEquals(readDirectMessage("/msg 1 by id", people), { to: bo, content: "by id" });
});

Deno.test("readDirectMessage() leaves names it does not know to the server, and asks about doubtful ones", () => {
  assertEquals(readDirectMessage("/msg @Zoe hi", people), { to: "@Zoe", content: "hi" });
  assertEquals(readDirectMessage("/msg @cy hi", people), "several");
  for (const short of ["/msg", "/msg ", "/msg @Bo", "/msg @Bo  ", "/msg @Ana Maria "]) {
    assertEquals(readDirectMessage(short, people), "no_text", short);
  }
});

Deno.test("readDirectMessage() takes nothing else for a command", () => {
  for (const text of ["hello", "/message @Bo x", " /msg @Bo x", "/"]) {
    assertEquals(readDirectMessage(text, people), undefined);
  }
});
