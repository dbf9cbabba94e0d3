import { assertEquals, assertRejects } from "@std/assert";
import { Sequence } from "../../lib/chat/sequence.ts";
import type { ChatMessage } from "../../lib/protocol/messages.ts";
import { makeMessage } from "./fakes.ts";

/** A log from which reads are counted, may be held back, and may fail. */
class FakeLog {
  readonly reads: number[] = [];
  messages: ChatMessage[] = [];
  pageSize = Infinity;
  gate: Promise<unknown> = Promise.resolve();
  isDown = false;

  readonly readAfter = async (seq: number): Promise<ChatMessage[]> => {
    this.reads.push(seq);
    const page = this.messages.filter((message) => message.seq > seq).slice(0, this.pageSize);
    await this.gate;
    if (this.isDown) throw new Error("down");
    return page;
  };

  write(count: number): void {
    for (let i = 0; i < count; i++) this.messages.push(makeMessage(this.messages.length + 1));
  }
}

function start(head: number, log = new FakeLog()) {
  const told: number[] = [];
  const sequence = new Sequence(head, (message) => told.push(message.seq), {
    readAfter: log.readAfter,
    patienceMs: 0,
  });
  return { told, sequence, log };
}

async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

Deno.test("Sequence hands on at once what is next in line, and reads nothing", () => {
  const { told, sequence, log } = start(4);
  for (const seq of [5, 6, 7]) sequence.receive(makeMessage(seq));
  assertEquals(told, [5, 6, 7]);
  assertEquals([sequence.head, log.reads], [7, []]);
});

Deno.test("Sequence drops what was there already", () => {
  const { told, sequence, log } = start(4);
  for (const seq of [5, 5, 4, 1, 6, 5]) sequence.receive(makeMessage(seq));
  assertEquals(told, [5, 6]);
  assertEquals(log.reads, []);
});

Deno.test("Sequence reads from the log what a lost hint left out, in order", async () => {
  const { told, sequence, log } = start(0);
  log.write(5);
  sequence.receive(makeMessage(1));
  sequence.receive(makeMessage(4));
  assertEquals(told, [1]);
  await settled();
  assertEquals(told, [1, 2, 3, 4, 5]);
  sequence.receive(makeMessage(5));
  assertEquals(told, [1, 2, 3, 4, 5]);
});

Deno.test("Sequence tells nothing twice when the missing message comes late, while the log is being read", async () => {
  const { told, sequence, log } = start(0);
  log.write(3);
  const gate = Promise.withResolvers<void>();
  log.gate = gate.promise;
  sequence.receive(makeMessage(3));
  for (const seq of [1, 2, 3]) sequence.receive(makeMessage(seq));
  assertEquals(told, [1, 2, 3]);
  gate.resolve();
  await settled();
  assertEquals(told, [1, 2, 3]);
});

Deno.test("Sequence heals once for any number of early messages", async () => {
  const { told, sequence, log } = start(0);
  log.write(10);
  for (const seq of [10, 9, 8, 3]) sequence.receive(makeMessage(seq));
  await settled();
  assertEquals(told, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  assertEquals(log.reads, [0]);
});

Deno.test("Sequence reads page after page until it has caught up", async () => {
  const { told, sequence, log } = start(0);
  log.write(10);
  log.pageSize = 3;
  await sequence.reach(10);
  assertEquals(told, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  assertEquals(log.reads, [0, 3, 6, 9]);
});

Deno.test("reach() resolves at once if everything was handed on", async () => {
  const { sequence, log } = start(7);
  await sequence.reach(7);
  await sequence.reach(3);
  assertEquals(log.reads, []);
});

Deno.test("Sequence reads once more for a message that came while the log was being read", async () => {
  const { told, sequence, log } = start(0);
  log.write(2);
  const gate = Promise.withResolvers<void>();
  log.gate = gate.promise;
  const reached = sequence.reach(2);
  log.write(2);
  sequence.receive(makeMessage(4));
  gate.resolve();
  await reached;
  await settled();
  assertEquals(told, [1, 2, 3, 4]);
});

Deno.test("Sequence skips what retention took, rather than wait for it for ever", async () => {
  const { told, sequence, log } = start(0);
  log.write(6);
  log.messages = log.messages.slice(3);
  await sequence.reach(6);
  assertEquals(told, [4, 5, 6]);
  log.messages = [];
  await sequence.reach(9);
  assertEquals([told, sequence.head], [[4, 5, 6], 9]);
  sequence.receive(makeMessage(10));
  assertEquals(told, [4, 5, 6, 10]);
});

Deno.test("Sequence does not take for lost what was written while it found that older messages are gone", async () => {
  const { told, sequence, log } = start(0);
  const gate = Promise.withResolvers<void>();
  log.gate = gate.promise;
  sequence.receive(makeMessage(3));
  log.messages = [makeMessage(4)];
  sequence.receive(makeMessage(4));
  gate.resolve();
  await settled();
  assertEquals([told, sequence.head], [[4], 4]);
});

Deno.test("reach() rejects if the log cannot be read; the next to wait, or the next message, tries again", async () => {
  const { told, sequence, log } = start(0);
  log.write(5);
  log.isDown = true;
  await assertRejects(() => sequence.reach(2), Error, "down");
  sequence.receive(makeMessage(3));
  await settled();
  assertEquals([told, sequence.head], [[], 0]);
  log.isDown = false;
  sequence.receive(makeMessage(4));
  await settled();
  assertEquals(told, [1, 2, 3, 4, 5]);
});
