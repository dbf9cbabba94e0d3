import { assert, assertEquals } from "@std/assert";
import { Outbox, type OutboxOptions } from "../../lib/connection/outbox.ts";
import { Turn } from "../../lib/kit/turn.ts";
import { utf8Length } from "../../lib/kit/utf8.ts";

const MIB = 1 << 20;

/** A socket whose peer reads only when told to. */
class FakeWire {
  readonly sent: string[] = [];
  bufferedAmount = 0;
  isBroken = false;

  send(frame: string): void {
    if (this.isBroken) throw new DOMException("not open", "InvalidStateError");
    this.sent.push(frame);
    this.bufferedAmount += utf8Length(frame);
  }

  read(): void {
    this.bufferedAmount = 0;
  }
}

function open(options: Partial<OutboxOptions> = {}) {
  const wire = new FakeWire();
  let slow = 0;
  const onSlow = () => void slow++;
  const outbox = new Outbox(wire, new Turn(), {
    takesBatches: true,
    maxSendBufferBytes: MIB,
    onSlow,
    ...options,
  });
  return { wire, outbox, wasSlow: () => slow > 0 };
}

Deno.test("Outbox sends a frame at once, and single objects by the end of the turn", async () => {
  const { wire, outbox } = open();
  outbox.send("frame");
  assertEquals(wire.sent, ["frame"]);
  outbox.push("a");
  outbox.push("b");
  assertEquals(wire.sent, ["frame"]);
  await Promise.resolve();
  assertEquals(wire.sent, ["frame", "a\nb"]);
});

Deno.test("Outbox never mixes objects in a frame for who does not take that", async () => {
  const { wire, outbox } = open({ takesBatches: false });
  outbox.push("a");
  outbox.push("b");
  outbox.send("frame");
  outbox.push("c");
  await Promise.resolve();
  assertEquals(wire.sent, ["a", "b", "frame", "c"]);
});

Deno.test("Outbox lets nothing overtake: what was pushed before a frame goes with it, in front", async () => {
  const { wire, outbox } = open();
  outbox.push("ack");
  outbox.send("a\nb");
  outbox.push("later");
  await Promise.resolve();
  assertEquals(wire.sent, ["ack\na\nb", "later"]);
});

Deno.test("sendAlone() shares its frame with nothing, and does not overtake either", async () => {
  const { wire, outbox } = open();
  outbox.push("a");
  outbox.sendAlone("pong");
  outbox.push("b");
  await Promise.resolve();
  assertEquals(wire.sent, ["a", "pong", "b"]);
});

Deno.test("begin() says the first word, and lets follow all that was to be sent before it", async () => {
  for (
    const [takesBatches, frames] of [[true, ["first\na\nb\nc"]], [false, ["first", "a", "b", "c"]]] as const
  ) {
    const { wire, outbox } = open({ takesBatches, isHeld: true });
    outbox.push("a");
    outbox.send("b");
    outbox.send("c", true);
    await Promise.resolve();
    assertEquals([wire.sent, outbox.isHeld], [[], true]);
    outbox.begin("first");
    await Promise.resolve();
    assertEquals([wire.sent, outbox.isHeld], [[...frames], false]);
  }
});

Deno.test("Outbox keeps no more before the first word than a reader may be behind, and nothing once it is closed", async () => {
  const { wire, outbox, wasSlow } = open({ isHeld: true, maxSendBufferBytes: 1_000 });
  outbox.send("x".repeat(1_000));
  assert(!wasSlow());
  outbox.send("x");
  assert(wasSlow());
  outbox.close();
  await Promise.resolve();
  assertEquals(wire.sent, []);
});

Deno.test("close() sends what is left, and nothing after it", async () => {
  const { wire, outbox } = open();
  outbox.push("goodbye");
  outbox.close();
  outbox.push("a");
  outbox.send("b");
  outbox.sendAlone("pong");
  await Promise.resolve();
  assertEquals(wire.sent, ["goodbye"]);
});

Deno.test("Outbox reports a reader that falls further behind than it may", () => {
  const { wire, outbox, wasSlow } = open();
  const frame = "x".repeat(65_536);
  while (wire.bufferedAmount < MIB) outbox.send(frame);
  assert(!wasSlow());
  outbox.send(frame);
  assert(wasSlow());
});

Deno.test("Outbox notices before a reader is behind by much more, also with small frames and small budgets", () => {
  for (const maxSendBufferBytes of [4_096, 65_536, MIB]) {
    const { wire, outbox, wasSlow } = open({ maxSendBufferBytes });
    while (!wasSlow()) outbox.send("x".repeat(100));
    assert(wire.bufferedAmount > maxSendBufferBytes, `${maxSendBufferBytes}`);
    assert(
      wire.bufferedAmount < maxSendBufferBytes * 1.26 + 100,
      `${wire.bufferedAmount} of ${maxSendBufferBytes}`,
    );
  }
});

Deno.test("Outbox never calls a reader slow that keeps up, however much it is sent", () => {
  const { wire, outbox, wasSlow } = open();
  for (let i = 0; i < 100; i++) {
    outbox.send("x".repeat(MIB / 2));
    wire.read();
  }
  assert(!wasSlow());
});

Deno.test("answers to the reader's own commands never make it slow by themselves, in any script", async () => {
  for (const character of ["x", "Ä", "上", "🦜"]) {
    const { outbox, wasSlow } = open();
    const page = character.repeat(256 * 1024 / utf8Length(character));
    for (let i = 0; i < 40; i++) {
      outbox.push(page);
      await Promise.resolve();
    }
    assert(!wasSlow(), character);
  }
});

Deno.test("answers that were not read do not buy a reader time when it falls behind with the rest", async () => {
  const { wire, outbox, wasSlow } = open();
  outbox.push("x".repeat(3 * MIB));
  await Promise.resolve();
  while (wire.bufferedAmount < 4 * MIB) outbox.send("y".repeat(65_536));
  assert(!wasSlow());
  outbox.send("y".repeat(65_536));
  assert(wasSlow());
});

Deno.test("answers that have been read are forgotten", async () => {
  const { wire, outbox, wasSlow } = open();
  outbox.push("x".repeat(3 * MIB));
  await Promise.resolve();
  wire.read();
  outbox.send("y".repeat(65_536));
  while (wire.bufferedAmount <= MIB) outbox.send("y".repeat(65_536));
  assert(wasSlow());
});

Deno.test("Outbox skips what may be dropped for a reader that is behind, and nothing else", () => {
  const { wire, outbox } = open();
  outbox.send("typing 1", true);
  outbox.send("x".repeat(MIB / 2));
  outbox.send("typing 2", true);
  outbox.send("chat");
  assertEquals(wire.sent.filter((frame) => frame.length < 100), ["typing 1", "chat"]);
  wire.read();
  outbox.send("typing 3", true);
  assertEquals(wire.sent.at(-1), "typing 3");
});

Deno.test("Outbox stands a socket that has begun to close", () => {
  const { wire, outbox, wasSlow } = open();
  wire.isBroken = true;
  outbox.send("a");
  outbox.push("b");
  outbox.close();
  assertEquals([wire.sent, wasSlow()], [[], false]);
});
