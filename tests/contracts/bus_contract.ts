import { assert, assertEquals } from "@std/assert";
import type { Bus } from "../../lib/bus/bus.ts";
import { Ear } from "./bus/ear.ts";

/** Nodes of one server that have just been connected, and what holds them. */
export interface Nodes extends AsyncDisposable {
  /** Three of them; disposed with the rest. */
  readonly buses: readonly Bus[];
  /** Makes every node lose something, if there is a way; what is published then need not arrive. */
  lose?(): Promise<void>;
}

export type OpenNodes = () => Promise<Nodes>;

/** What every bus promises that has other nodes to reach. */
export function testBus(name: string, open: OpenNodes, { ignore = false } = {}): void {
  const test = (sentence: string, story: (ears: Ear[], nodes: Nodes) => Promise<void>) =>
    Deno.test({ name: `${name}: ${sentence}`, ignore }, async () => {
      await using nodes = await open();
      await story(nodes.buses.map((bus) => new Ear(bus)), nodes);
    });

  test("nodes have names of their own, and know that there can be others", (ears) => {
    assertEquals(new Set(ears.map(({ bus }) => bus.nodeId)).size, ears.length);
    assert(ears.every(({ bus }) => bus.isShared && bus.isUp));
    return Promise.resolve();
  });

  test("what one node publishes is heard by every other, in order, and not by itself", async (ears) => {
    const [a, b, c] = ears;
    for (const { bus } of ears) await bus.follow("room:a");
    const said = Array.from({ length: 100 }, (_, i) => `from a: ${i}`);
    for (const text of said) a.bus.publish("room:a", text);
    for (const ear of [b, c]) await ear.hears("room:a", said[99]);
    b.bus.publish("room:a", "from b");
    await a.hears("room:a", "from b");
    assertEquals(a.texts("room:a"), ["from b"]);
    for (const ear of [b, c]) {
      assertEquals(ear.texts("room:a").filter((text) => text.startsWith("from a")), said);
    }
  });

  test("order is kept among topics too, and only what is followed is heard", async ([a, b]) => {
    await Promise.all(["room:a", "room:b", "end"].map((topic) => b.bus.follow(topic)));
    await a.bus.follow("room:other");
    for (let i = 0; i < 50; i++) {
      for (const topic of ["room:a", "room:other", "room:b"]) a.bus.publish(topic, `${i}`);
    }
    a.bus.publish("end", "");
    await b.hears("end", "");
    const order = Array.from({ length: 50 }, (_, i) => [["room:a", `${i}`], ["room:b", `${i}`]]).flat();
    assertEquals(b.log, [...order, ["end", ""]]);
    assertEquals(a.log, []);
  });

  test("follow() resolves only when nothing more can be missed", async ([a, b, c]) => {
    for (let i = 0; i < 100; i++) {
      const topic = `room:${i}`;
      await b.bus.follow(topic);
      (i % 2 === 0 ? a : c).bus.publish(topic, "at once");
      await b.hears(topic, "at once");
    }
  });

  test("thousands of topics can be followed at once", async ([a, b]) => {
    const topics = Array.from({ length: 5000 }, (_, i) => `room:${i}`);
    await Promise.all(topics.map((topic) => b.bus.follow(topic)));
    for (let i = 0; i < topics.length; i += 500) a.bus.publish(topics[i], "hello");
    await b.until(() => b.log.length === 10, "ten texts");
    for (const topic of topics) b.bus.unfollow(topic);
    await b.bus.follow("end");
    a.bus.publish(topics[0], "too late");
    a.bus.publish("end", "");
    await b.hears("end", "");
    assertEquals(b.texts(topics[0]), ["hello"]);
  });

  test("a topic that is followed twice is heard once, until it was left twice", async ([a, b]) => {
    await Promise.all([b.bus.follow("room:a"), b.bus.follow("room:a"), b.bus.follow("end")]);
    b.bus.unfollow("room:a");
    await b.bus.follow("room:b");
    a.bus.publish("room:a", "still");
    await b.hears("room:a", "still");
    b.bus.unfollow("room:a");
    await b.bus.follow("room:c");
    a.bus.publish("room:a", "no more");
    a.bus.publish("end", "");
    await b.hears("end", "");
    assertEquals(b.texts("room:a"), ["still"]);
    b.bus.unfollow("room:a");
    await b.bus.follow("room:a");
    a.bus.publish("room:a", "again");
    await b.hears("room:a", "again");
    assertEquals(b.texts("room:a"), ["still", "again"]);
  });

  test("what is followed, left and followed again in one turn is heard", async ([a, b]) => {
    const first = b.bus.follow("room:a");
    b.bus.unfollow("room:a");
    await Promise.all([first, b.bus.follow("room:a")]);
    b.bus.unfollow("room:a");
    const second = b.bus.follow("room:a");
    b.bus.unfollow("room:a");
    const third = b.bus.follow("room:a");
    await Promise.all([second, third]);
    a.bus.publish("room:a", "hello");
    await b.hears("room:a", "hello");
    assertEquals(b.log.length, 1);
  });

  test("texts and topics arrive as they are", async ([a, b]) => {
    const topics = [
      "room:general",
      "room: with blanks ",
      "room:漢字 🎉",
      'room:"\\\u0000\r\n*?[a]',
      "room:".repeat(50),
    ];
    const texts = ["", " ", "two\nlines\r\n", '{"type":"chat"}', "漢字 🎉", "\u0000", "x".repeat(200_000)];
    for (const topic of topics) await b.bus.follow(topic);
    for (const topic of topics) for (const text of texts) a.bus.publish(topic, text);
    await b.until(() => b.log.length === topics.length * texts.length, "all texts");
    for (const topic of topics) assertEquals(b.texts(topic), texts);
  });

  test("thousands of posts in one turn all arrive, in order, or it is told that they did not", async (ears) => {
    const [a, b, c] = ears;
    for (const { bus } of ears) await bus.follow("room:a");
    const before = b.misses;
    const said = Array.from({ length: 5000 }, (_, i) => `${i}`);
    for (const text of said) a.bus.publish("room:a", text);
    const count = () => b.texts("room:a").length;
    await b.until(() => b.misses > before || count() === said.length, "all 5000, or missed");
    const numbers = b.texts("room:a").map(Number);
    assert(numbers.every((number, i) => i === 0 || number > numbers[i - 1]), "Out of order");
    // What is said once the dust has settled comes through.
    for (let i = 0, hasHeard = false; !hasHeard; i++) {
      const missed = b.misses;
      c.bus.publish("room:a", `later ${i}`);
      const hears = () => hasHeard = b.texts("room:a").at(-1) === `later ${i}`;
      await b.until(() => hears() || b.misses > missed, `later ${i}, or missed`);
    }
  });

  test(
    "what is lost is told, also to who follows nothing, and what comes after it is heard",
    async (ears, nodes) => {
      if (nodes.lose === undefined) return;
      const [a, b, c] = ears;
      for (const { bus } of [a, b]) await bus.follow("room:a");
      for (let round = 0; round < 3; round++) {
        const before = ears.map(({ misses }) => misses);
        await nodes.lose();
        await Promise.all(ears.map((ear, i) => ear.missesAfter(before[i])));
        a.bus.publish("room:a", `after ${round}`);
        await b.hears("room:a", `after ${round}`);
      }
      assertEquals(c.log, []);
    },
  );

  test("who has gone says and hears nothing, and does no harm", async ([a, b, c]) => {
    await Promise.all([a, b].map(({ bus }) => bus.follow("room:a")));
    await b.bus[Symbol.asyncDispose]();
    b.bus.publish("room:a", "from beyond");
    a.bus.publish("room:a", "is anybody there?");
    await b.bus.follow("room:b");
    b.bus.unfollow("room:a");
    b.bus.unfollow("room:never");
    await b.bus[Symbol.asyncDispose]();
    c.bus.publish("room:a", "I am");
    await a.hears("room:a", "I am");
    assertEquals(a.texts("room:a"), ["I am"]);
    assertEquals(b.log, []);
  });

  test("what was said before a topic was followed is not heard", async ([a, b, c]) => {
    await b.bus.follow("room:a");
    a.bus.publish("room:a", "early");
    await b.hears("room:a", "early");
    await c.bus.follow("room:a");
    a.bus.publish("room:a", "late");
    await c.hears("room:a", "late");
    assertEquals(c.texts("room:a"), ["late"]);
  });
}
