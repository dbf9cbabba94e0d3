import { assert, assertEquals } from "@std/assert";
import { KvBus } from "../../lib/bus/kv_bus.ts";
import { KvLink } from "../../lib/kv/kv_link.ts";
import { sleep } from "../../lib/kit/wait.ts";
import { Ear } from "../contracts/bus/ear.ts";
import { testBus } from "../contracts/bus_contract.ts";
import { FaultyKv } from "../support/faulty_kv.ts";

/** How long a bus tries to reach its database before it gives a mail up, where the test waits for that. */
const SHORT_PATIENCE_MS = 500;

/** Opens nodes of which the last so many give up soon; a busy machine may have them lose what others do not. */
async function openNodes(count: number, impatient = 0) {
  await using stack = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "parley_bus_" });
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const faults: FaultyKv[] = [];
  const buses: KvBus[] = [];
  for (let i = 0; i < count; i++) {
    faults.push(new FaultyKv(await Deno.openKv(`${folder}/kv.db`)));
    const patienceMs = i < count - impatient ? undefined : SHORT_PATIENCE_MS;
    buses.push(stack.use(await KvBus.open(new KvLink(faults[i].kv, patienceMs))));
  }
  const moved = stack.move();
  return { buses, faults, [Symbol.asyncDispose]: () => moved.disposeAsync() };
}

testBus("KvBus", async () => {
  const nodes = await openNodes(4, 1);
  const [speaker] = nodes.buses.splice(3);
  const lose = async () => {
    // It listens to nobody and reads nothing: whether it is up tells what became of its last mail.
    while (!speaker.isUp) await sleep(1);
    nodes.faults[3].isDown = true;
    speaker.publish("room:a", "lost");
    while (speaker.isUp) await sleep(1);
    nodes.faults[3].isDown = false;
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
  await using nodes = await openNodes(2, 1);
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

Deno.test("KvBus brings what was published while nobody reached the database, or tells that it was lost", async () => {
  await using nodes = await openNodes(3, 3);
  const ears = nodes.buses.map((bus) => new Ear(bus));
  for (const { bus } of ears) await bus.follow("room:a");
  for (let round = 0; round < 3; round++) {
    const before = ears.map(({ misses }) => misses);
    for (const [i, { bus }] of ears.entries()) {
      nodes.faults[i].isDown = true;
      bus.publish("room:a", `${i} in round ${round}`);
    }
    while (ears.some(({ bus }) => bus.isUp)) await sleep(1);
    for (const faulty of nodes.faults) faulty.isDown = false;
    await Promise.all(ears.map((ear, i) => {
      const count = () => ear.texts("room:a").filter((text) => text.endsWith(`round ${round}`)).length;
      return ear.until(() => ear.misses > before[i] || count() === 2, `round ${round}, or missed`);
    }));
  }
});

Deno.test("KvBus gathers what is published while it sends", async () => {
  await using nodes = await openNodes(2);
  const [a, b] = nodes.buses.map((bus) => new Ear(bus));
  await b.bus.follow("room:a");
  const { promise: said, resolve: stop } = Promise.withResolvers<void>();
  nodes.faults[0].before = () => said;
  nodes.faults[0].commits = 0;
  for (let i = 0; i < 1_000; i++) {
    a.bus.publish("room:a", `${i}`);
    if (i % 100 === 0) await sleep(1);
  }
  stop();
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
