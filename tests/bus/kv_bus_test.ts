import { assert, assertEquals } from "@std/assert";
import { KvBus } from "../../lib/bus/kv_bus.ts";
import { KvLink } from "../../lib/kv/kv_link.ts";
import { sleep } from "../../lib/kit/wait.ts";
import { Ear } from "../contracts/bus/ear.ts";
import { testBus } from "../contracts/bus_contract.ts";
import { FaultyKv } from "../support/faulty_kv.ts";

/** How long a bus tries to reach its database before it gives a mail up. */
const PATIENCE_MS = 100;

async function openNodes(count: number, patienceMs?: number) {
  await using stack = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "parley_bus_" });
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const faults: FaultyKv[] = [];
  const buses: KvBus[] = [];
  for (let i = 0; i < count; i++) {
    faults.push(new FaultyKv(await Deno.openKv(`${folder}/kv.db`)));
    buses.push(stack.use(await KvBus.open(new KvLink(faults[i].kv, patienceMs))));
  }
  const moved = stack.move();
  return { buses, faults, [Symbol.asyncDispose]: () => moved.disposeAsync() };
}

testBus("KvBus", async () => {
  const nodes = await openNodes(3, PATIENCE_MS);
  const lose = async () => {
    for (const [i, bus] of nodes.buses.entries()) {
      nodes.faults[i].isDown = true;
      bus.publish("room:a", "lost");
    }
    while (nodes.buses.some((bus) => bus.isUp)) await sleep(1);
    for (const faulty of nodes.faults) faulty.isDown = false;
  };
  return { ...nodes, lose };
});

Deno.test("KvBus looks for what has come where keys cannot be watched", async () => {
  await using nodes = await openNodes(2);
  for (const faulty of nodes.faults) faulty.canWatch = false;
  const [a, b] = nodes.buses.map((bus) => new Ear(bus));
  await b.bus.follow("room:a");
  for (let i = 0; i < 10; i++) {
    a.bus.publish("room:a", `${i}`);
    await b.hears("room:a", `${i}`);
  }
  assertEquals(b.texts("room:a").length, 10);
});

Deno.test("KvBus delivers once what it has sent twice, as the answer was lost", async () => {
  await using nodes = await openNodes(2);
  const [a, b] = nodes.buses.map((bus) => new Ear(bus));
  await b.bus.follow("room:a");
  nodes.faults[0].fates.push("unheard", "unheard");
  a.bus.publish("room:a", "once");
  await b.hears("room:a", "once");
  a.bus.publish("room:a", "then");
  await b.hears("room:a", "then");
  assertEquals([b.texts("room:a"), b.misses], [["once", "then"], 0]);
});

Deno.test("KvBus hears what was sent while it could not read, and says that it was away", async () => {
  await using nodes = await openNodes(2, PATIENCE_MS);
  const [a, b] = nodes.buses.map((bus) => new Ear(bus));
  await b.bus.follow("room:a");
  nodes.faults[1].isDown = true;
  a.bus.publish("room:a", "hello");
  while (b.bus.isUp) await sleep(1);
  const following = b.bus.follow("room:b");
  await following;
  nodes.faults[1].isDown = false;
  await b.hears("room:a", "hello");
  await b.missesAfter(0);
  assert(b.bus.isUp);
});

Deno.test("KvBus gathers what is published while it sends", async () => {
  await using nodes = await openNodes(2);
  const [a, b] = nodes.buses.map((bus) => new Ear(bus));
  await b.bus.follow("room:a");
  nodes.faults[0].commits = 0;
  for (let i = 0; i < 1_000; i++) {
    a.bus.publish("room:a", `${i}`);
    if (i % 100 === 0) await sleep(1);
  }
  await b.hears("room:a", "999");
  assertEquals(b.texts("room:a").length, 1_000);
  assert(nodes.faults[0].commits <= 5, `${nodes.faults[0].commits} commits`);
});

Deno.test("KvBus loses what it cannot hold any more, and says so", async () => {
  await using nodes = await openNodes(2);
  const [a, b] = nodes.buses.map((bus) => new Ear(bus));
  await b.bus.follow("room:a");
  const long = "x".repeat(1_000_000);
  for (let i = 0; i < 12; i++) a.bus.publish("room:a", long);
  await b.missesAfter(0);
  await b.until(() => b.texts("room:a").length === 7, "what fitted");
  a.bus.publish("room:a", "after");
  await b.hears("room:a", "after");
});

Deno.test("KvBus takes its last words to the others before it closes", async () => {
  await using nodes = await openNodes(2);
  const [a, b] = nodes.buses.map((bus) => new Ear(bus));
  await b.bus.follow("room:a");
  a.bus.publish("room:a", "first");
  await b.hears("room:a", "first");
  a.bus.publish("room:a", "goodbye");
  await a.bus[Symbol.asyncDispose]();
  await b.hears("room:a", "goodbye");
});
