import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { BroadcastBus } from "../../lib/bus/broadcast_bus.ts";
import { afterThisTurn } from "../../lib/kit/turn.ts";
import { Ear } from "../contracts/bus/ear.ts";
import { testBus } from "../contracts/bus_contract.ts";

testBus("BroadcastBus", () => {
  const name = crypto.randomUUID();
  const buses = Array.from({ length: 3 }, () => new BroadcastBus(name));
  return Promise.resolve({
    buses,
    lose: () => lose(buses),
    async [Symbol.asyncDispose]() {
      for (const bus of buses) await bus[Symbol.asyncDispose]();
    },
  });
});

Deno.test("BroadcastBus posts one envelope a turn, however much is published", async () => {
  const name = crypto.randomUUID();
  await using a = new BroadcastBus(name);
  await using b = new BroadcastBus(name);
  const spy = new BroadcastChannel(name);
  using _ = { [Symbol.dispose]: () => spy.close() };
  const envelopes: { number: number; items: unknown[] }[] = [];
  // Without what tells the last number again.
  spy.onmessage = ({ data }) => data.items.length > 0 && envelopes.push(data);
  const ear = new Ear(b);
  await b.follow("room:a");
  for (let turn = 1; turn <= 3; turn++) {
    for (let i = 0; i < 1_000; i++) a.publish("room:a", `${turn}.${i}`);
    await ear.hears("room:a", `${turn}.999`);
  }
  while (envelopes.length < 3) await new Promise<void>(afterThisTurn);
  assertEquals(envelopes.map(({ number, items }) => [number, items.length]), [[1, 1_000], [2, 1_000], [
    3,
    1_000,
  ]]);
  assertEquals([ear.log.length, ear.misses], [3_000, 0]);
});

Deno.test("BroadcastBus tells once of a burst that it lost, also of its very end", async () => {
  const name = crypto.randomUUID();
  await using a = new BroadcastBus(name);
  await using b = new BroadcastBus(name);
  const ear = new Ear(b);
  await b.follow("room:a");
  a.publish("room:a", "first");
  await ear.hears("room:a", "first");
  assertEquals(ear.misses, 0);
  await lose([a]);
  await ear.missesAfter(0);
  a.publish("room:a", "last");
  await ear.hears("room:a", "last");
  assertEquals([ear.texts("room:a"), ear.misses], [["first", "last"], 1]);
});

Deno.test("BroadcastBus takes a node that was there before for one that may have been missed", async () => {
  const name = crypto.randomUUID();
  await using a = new BroadcastBus(name);
  a.publish("room:a", "before anybody was there");
  await new Promise<void>(afterThisTurn);
  await using b = new BroadcastBus(name);
  const ear = new Ear(b);
  await ear.missesAfter(0);
});

Deno.test("BroadcastBus is silent while nothing is published, and nearly so long after it was", async () => {
  using time = new FakeTime();
  const name = crypto.randomUUID();
  const spy = new BroadcastChannel(name);
  using _ = { [Symbol.dispose]: () => spy.close() };
  await using bus = new BroadcastBus(name);
  const numbers: number[] = [];
  spy.onmessage = ({ data }) => numbers.push(data.number);
  const settle = () => new Promise<void>(afterThisTurn);
  for (let i = 0; i < 100; i++) time.tick(500);
  await settle();
  assertEquals(numbers, []);
  bus.publish("room:a", "hello");
  await settle();
  await settle();
  for (let i = 0; i < 100; i++) time.tick(500);
  while (numbers.length < 10) await settle();
  assertEquals(numbers, Array(10).fill(1));
});

Deno.test("BroadcastBus takes a thousand posts of one turn from one isolate to another, whole", async () => {
  const name = crypto.randomUUID();
  await using bus = new BroadcastBus(name);
  const ear = new Ear(bus);
  await bus.follow("room:a");
  const worker = new Worker(new URL("support/speaker.ts", import.meta.url), { type: "module" });
  worker.postMessage({ name, count: 1_000 });
  await ear.hears("room:a", "999");
  worker.terminate();
  assertEquals(ear.texts("room:a"), Array.from({ length: 1_000 }, (_, i) => `${i}`));
  assertEquals(ear.misses, 0);
});

/** Has nodes publish something that the channel loses, as it does for who is too slow. */
async function lose(buses: readonly BroadcastBus[]): Promise<void> {
  const { postMessage } = BroadcastChannel.prototype;
  BroadcastChannel.prototype.postMessage = () => {};
  try {
    for (const bus of buses) bus.publish("room:a", "lost");
    // Behind the envelope, or behind the pause before it.
    for (let i = 0; i < 3; i++) {
      await new Promise<void>((resolve) => setTimeout(() => afterThisTurn(resolve), 1));
    }
  } finally {
    BroadcastChannel.prototype.postMessage = postMessage;
  }
}
