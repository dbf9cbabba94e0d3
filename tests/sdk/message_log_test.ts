import { assertEquals } from "@std/assert";
import { MessageLog } from "../../static/sdk/message_log.ts";
import { chat, chats } from "./support/chat_messages.ts";

function logOf(first: number, last: number, head = last): MessageLog {
  const log = new MessageLog();
  log.restart("e1", chats(first, last), head);
  return log;
}

function numbers(log: MessageLog): number[] {
  return log.messages.map((message) => message.seq);
}

Deno.test("append() takes the next message and no other", () => {
  const log = logOf(1, 2);
  assertEquals([log.append(chat(2)), log.append(chat(4)), log.append(chat(3))], [false, false, true]);
  assertEquals(numbers(log), [1, 2, 3]);
});

Deno.test("A log keeps the newest 1 000 messages", () => {
  const log = logOf(1, 1);
  for (const message of chats(2, 2_500)) log.append(message);
  assertEquals([log.messages.length, log.messages[0].seq, log.seq], [1_000, 1_501, 2_500]);
  assertEquals(log.hasOlder, true);
});

Deno.test("A log keeps older messages that were asked for", () => {
  const log = logOf(901, 1_900);
  assertEquals(log.prepend(chats(801, 900)), 100);
  for (const message of chats(1_901, 1_950)) log.append(message);
  assertEquals([log.messages.length, log.messages[0].seq], [1_100, 851]);
});

Deno.test("prepend() refuses a page that leaves a gap", () => {
  const log = logOf(10, 12);
  assertEquals(log.prepend(chats(1, 8)), 0);
  assertEquals(log.prepend(chats(8, 11)), 2);
  assertEquals(numbers(log), [8, 9, 10, 11, 12]);
});

Deno.test("Messages that come too early wait for those before them", () => {
  const log = logOf(1, 2);
  for (const seq of [6, 5, 5, 4]) log.hold(chat(seq));
  assertEquals([log.hasGap, log.takeEarly()], [true, undefined]);
  log.append(chat(3));
  for (let next = log.takeEarly(); next; next = log.takeEarly()) log.append(next);
  assertEquals(numbers(log), [1, 2, 3, 4, 5, 6]);
  assertEquals(log.hasGap, false);
});

Deno.test("A log remembers how far it must be read, even if it cannot hold what came too early", () => {
  const log = logOf(1, 2);
  for (const message of chats(4, 3_000)) log.hold(message);
  assertEquals([log.hasGap, log.head], [true, 3_000]);
});

Deno.test("restart() of an emptied log continues after its head", () => {
  const log = new MessageLog();
  log.restart("e1", [], 120);
  assertEquals([log.seq, log.hasGap, log.hasOlder], [120, false, true]);
  assertEquals(log.append(chat(121)), true);
});
