import { assert, assertEquals, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { Supervisor } from "../../lib/cli/supervisor.ts";
import { ConfigError, readConfig } from "../../lib/config.ts";
import { CRASHES } from "../../lib/http/readings.ts";
import { addUp } from "../../lib/telemetry/family.ts";
import { openLog } from "../../lib/telemetry/log.ts";
import { FakeWorker } from "./fake_worker.ts";

/** Three workers that are none, and who looks after them. */
class Company implements AsyncDisposable {
  readonly workers: FakeWorker[] = [];
  readonly logged: string[] = [];
  readonly supervisor: Supervisor;
  /** Whether workers that are started answer. */
  areWell = true;

  constructor(settings: Record<string, string> = {}, prepare: (worker: FakeWorker) => void = () => {}) {
    const all: Record<string, string> = { WORKERS: "3", HOST: "127.0.0.1", PORT: "0", ...settings };
    const log = openLog("info", (line) => this.logged.push(JSON.parse(line).event));
    this.supervisor = new Supervisor(readConfig((name) => all[name]), log, () => {
      const worker = new FakeWorker();
      worker.isWell = this.areWell;
      prepare(worker);
      this.workers.push(worker);
      return worker;
    });
  }

  static async open(settings?: Record<string, string>): Promise<Company> {
    const company = new Company(settings);
    await company.supervisor.open();
    return company;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.supervisor[Symbol.asyncDispose]();
  }
}

Deno.test("Supervisor hands all workers the same, has them listen on one port", async () => {
  const company = new Company();
  const { port } = await company.supervisor.open();
  await using _ = company;
  const starts = company.workers.map(({ start }) => start!);
  assertEquals(starts.map(({ index }) => index), [0, 1, 2]);
  assertEquals(new Set(starts.map(({ config }) => config.jwt.secret)).size, 1);
  assert(starts[0].config.jwt.secret!.length >= 32);
  for (const { limits, tally, channel } of starts) {
    assert(limits === starts[0].limits && tally === starts[0].tally && channel === starts[0].channel);
  }
  assert(port > 0);
  for (const { orders } of company.workers) assertEquals(orders.at(-1), { listen: port });
});

Deno.test("Supervisor rejects with what keeps a worker from opening", async () => {
  const refusal = { refused: "STORE cannot be used: no", isSetting: true };
  await using company = new Company({}, (worker) => worker.refusal = refusal);
  await assertRejects(() => company.supervisor.open(), ConfigError, refusal.refused);
});

Deno.test("Supervisor rejects with what ended a worker before it had opened", async () => {
  await using company = new Company({}, (worker) => queueMicrotask(() => worker.crash("no such module")));
  await assertRejects(() => company.supervisor.open(), Error, "no such module");
});

Deno.test("Supervisor counts errors of its own with those of the workers", async () => {
  await using company = await Company.open();
  company.supervisor.surprised("rejection", new Error("an accident"));
  const families = addUp((await company.workers[0].count()).map(({ families }) => families));
  const { samples } = families.find(({ name }) => name === "parley_surprises_total")!;
  assert(samples.includes('parley_surprises_total{stage="rejection"} 1'));
});

Deno.test("Supervisor says that a port is taken, which workers could share by mistake", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0, reusePort: true });
  const { port } = taken.addr as Deno.NetAddr;
  await using company = new Company({ PORT: `${port}` });
  await assertRejects(() => company.supervisor.open(), ConfigError, `PORT ${port} is taken`);
});

Deno.test("Supervisor replaces a worker that crashed, tells the others, and counts it", async () => {
  using time = new FakeTime();
  await using company = await Company.open();
  const [first, second, third] = company.workers;
  new Int32Array(first.start!.tally)[0] = 7;
  first.crash();
  assert(first.isTerminated);
  assertEquals(new Int32Array(first.start!.tally)[0], 0);
  for (const other of [second, third]) assertEquals(other.orders.at(-1), { lost: first.nodeId });
  const readings = await second.count();
  assertEquals(readings.map(({ phase }) => phase), ["starting", "ready", "starting"]);
  assertEquals(company.workers.length, 3);
  await pass(time, 200);
  assertEquals(company.workers.length, 4);
  const replacement = company.workers[3];
  await time.runMicrotasks();
  assertEquals(replacement.start!.index, 0);
  assertEquals(replacement.start!.config, second.start!.config);
  await time.runMicrotasks();
  assert(replacement.orders.some((order) => "listen" in order));
  const counted = addUp((await second.count()).map(({ families }) => families));
  assertEquals(counted.find(({ name }) => name === CRASHES)?.samples, [`${CRASHES} 1`]);
  assertEquals(company.logged, ["worker_ended", "worker_replaced"]);
});

Deno.test("Supervisor replaces a worker that ends again and again later and later", async () => {
  using time = new FakeTime();
  await using company = await Company.open();
  const pauses: number[] = [];
  for (let i = 0; i < 9; i++) {
    company.workers.findLast(({ start }) => start?.index === 0)!.crash();
    const before = company.workers.length;
    const startedAt = Date.now();
    while (company.workers.length === before) await pass(time, 100);
    pauses.push(Date.now() - startedAt);
    await pass(time, 1);
  }
  assertEquals(pauses, [200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000, 10_000]);
  await pass(time, 60_000);
  company.workers.at(-1)!.crash();
  const before = company.workers.length;
  await pass(time, 100);
  assertEquals(company.workers.length, before + 1);
});

Deno.test("Supervisor replaces a worker that does not answer any more, and none that comes back in time", async () => {
  using time = new FakeTime();
  await using company = await Company.open();
  const [hanging, busy] = company.workers;
  hanging.isWell = busy.isWell = false;
  await pass(time, 9_000);
  busy.isWell = true;
  await pass(time, 1_000);
  assert(!hanging.isTerminated && !busy.isTerminated);
  await pass(time, 1_000);
  assert(hanging.isTerminated && !busy.isTerminated);
  await pass(time, 200);
  assertEquals(company.workers.length, 4);
});

Deno.test("Supervisor replaces a replacement that does not open", async () => {
  using time = new FakeTime();
  await using company = await Company.open();
  company.areWell = false;
  company.workers[0].crash();
  await pass(time, 200);
  assertEquals(company.workers.length, 4);
  company.areWell = true;
  await pass(time, 60_000);
  assert(company.workers[3].isTerminated);
  await pass(time, 400);
  assertEquals(company.workers.length, 5);
});

Deno.test("what was counted never falls, whoever ends, hangs or is late", async () => {
  using time = new FakeTime();
  await using company = await Company.open();
  const [first, second, third] = company.workers;
  const trips = async () => {
    const readings = second.count();
    await pass(time, 500);
    const families = addUp([second.reading.families, ...(await readings).map(({ families }) => families)]);
    return families.find(({ name }) => name === "trips_total")!.samples;
  };
  first.has(100, 5);
  second.has(20);
  third.has(3);
  assertEquals(await trips(), ["trips_total 123"]);
  first.crash();
  assertEquals(await trips(), ["trips_total 123"]);
  await pass(time, 1_000);
  company.workers[3].has(1_000);
  assertEquals(await trips(), ["trips_total 1123"]);
  third.isWell = false;
  third.has(5_000);
  assertEquals(await trips(), ["trips_total 1123"]);
  // Who asked has been heard as well.
  second.crash();
  third.isWell = true;
  const readings = await third.count();
  const families = addUp([third.reading.families, ...readings.map(({ families }) => families)]);
  assertEquals(families.find(({ name }) => name === "trips_total")!.samples, ["trips_total 6120"]);
});

Deno.test("Supervisor drains all workers, waits for none longer than allowed, and replaces none any more", async () => {
  using time = new FakeTime();
  const company = await Company.open({ SHUTDOWN_TIMEOUT_MS: "3000" });
  const [first, second, third] = company.workers;
  third.isWell = false;
  const startedAt = Date.now();
  const draining = company.supervisor.drain();
  second.crash();
  await pass(time, 3_000);
  await draining;
  assertEquals(Date.now() - startedAt, 3_000);
  for (const { orders } of [first, third]) assert(orders.some((order) => "drain" in order));
  const disposing = company.supervisor[Symbol.asyncDispose]();
  await pass(time, 5_000);
  await disposing;
  assert(company.workers.every(({ isTerminated }) => isTerminated));
  assertEquals(company.workers.length, 3);
});

/** Lets time pass in steps between which workers can answer. */
async function pass(time: FakeTime, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 100) {
    await time.tickAsync(Math.min(left, 100));
    await time.runMicrotasks();
  }
}
