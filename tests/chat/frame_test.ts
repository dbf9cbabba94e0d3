import { assertEquals } from "@std/assert";
import { Frame, type Line } from "../../lib/chat/frame.ts";
import type { Member } from "../../lib/chat/member.ts";
import type { Seat } from "../../lib/chat/seat.ts";

type Sent = [frame: string, droppable: boolean];

function makeSeat(from: number, takesBatches: boolean): { seat: Seat; sent: Sent[] } {
  const sent: Sent[] = [];
  const user = { userId: "ann", username: "Ann", role: "user" } as const;
  const send = (frame: string, droppable: boolean) => void sent.push([frame, droppable]);
  const rest = { isOpen: true, availability: "online", push() {}, end() {}, evicted() {} } as const;
  const member: Member = { connectionId: "c", user, takesBatches, send, ...rest };
  return { seat: { member, from, index: 0 }, sent };
}

function makeLine(text: string, more: Partial<Line> = {}): Line {
  return { text, seq: 0, droppable: false, except: undefined, ...more };
}

Deno.test("Frame sends a batch as one frame, and to others one object a frame", () => {
  const frame = new Frame([makeLine("a"), makeLine("b")], 5);
  const [batch, single] = [makeSeat(0, true), makeSeat(0, false)];
  for (const { seat } of [batch, single]) frame.sendTo(seat);
  assertEquals(batch.sent, [["a\nb", false]]);
  assertEquals(single.sent, [["a", false], ["b", false]]);
});

Deno.test("Frame gives a seat nothing of what was told before it was taken", () => {
  const frame = new Frame([makeLine("a"), makeLine("b"), makeLine("c")], 5);
  const expected: [from: number, text: string][] = [[4, "a\nb\nc"], [5, "a\nb\nc"], [6, "b\nc"], [7, "c"]];
  for (const [from, text] of expected) {
    const { seat, sent } = makeSeat(from, true);
    frame.sendTo(seat);
    assertEquals(sent, [[text, false]], `from ${from}`);
  }
  for (const from of [8, Infinity]) {
    const { seat, sent } = makeSeat(from, true);
    frame.sendTo(seat);
    assertEquals(sent, [], `from ${from}`);
  }
});

Deno.test("Frame leaves out whom a line is not for, and tells them the rest", () => {
  for (const takesBatches of [true, false]) {
    const [typist, other] = [makeSeat(0, takesBatches), makeSeat(0, takesBatches)];
    const typing = makeLine("typing", { except: typist.seat.member, droppable: true });
    for (const { seat } of [typist, other]) new Frame([makeLine("a"), typing], 0).sendTo(seat);
    assertEquals(typist.sent, [["a", false]]);
    assertEquals(other.sent.map(([text]) => text).join("\n"), "a\ntyping");
    for (const { seat } of [typist, other]) new Frame([typing], 2).sendTo(seat);
    assertEquals([typist.sent.length, other.sent.at(-1)], [1, ["typing", true]]);
  }
});

Deno.test("Frame may be skipped by a slow reader only if nothing in it must arrive", () => {
  const [typing, chat] = [makeLine("typing", { droppable: true }), makeLine("chat", { seq: 1 })];
  const { seat, sent } = makeSeat(0, true);
  new Frame([typing, typing], 0).sendTo(seat);
  new Frame([typing, chat], 2).sendTo(seat);
  assertEquals(sent, [["typing\ntyping", true], ["typing\nchat", false]]);
  const single = makeSeat(0, false);
  new Frame([typing, chat], 2).sendTo(single.seat);
  assertEquals(single.sent, [["typing", true], ["chat", false]]);
});
