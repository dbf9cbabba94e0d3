import { parseArgs } from "node:util";
import { sleep } from "../../lib/kit/wait.ts";
import { BenchServer, type Kind } from "./bench_server.ts";
import { Crowd } from "./crowd.ts";
import { RawMember } from "./raw_member.ts";

const HELP = `Measures the server side by side with a bare one, in one run.

  deno task bench [--repeats 3] [--seconds 3] [--json]

The load comes from this process, so on a machine with two cores the figures are ratios, not limits.`;

/** One figure of one server. */
interface Result {
  readonly work: string;
  readonly kind: Kind;
  readonly unit: string;
  readonly value: number;
}

interface Work {
  readonly name: string;
  readonly kinds: readonly Kind[];
  measure(server: BenchServer, seconds: number): Promise<Record<string, number>>;
}

const ALL: readonly Kind[] = ["parley", "parley-sqlite", "parley-plain", "control"];

const WORKS: readonly Work[] = [
  { name: "1000 members, as fast as possible", kinds: ALL, measure: (s, t) => flood(s, 1000, 8, t) },
  { name: "100 members, as fast as possible", kinds: ALL, measure: (s, t) => flood(s, 100, 40, t) },
  { name: "10 members, 1000 messages/s", kinds: ALL, measure: (s, t) => pace(s, 10, 1000, t) },
  { name: "one member, as fast as possible", kinds: ALL, measure: (s, t) => flood(s, 1, 200, t) },
  { name: "connect and join, 1000 members", kinds: ALL, measure: connect },
  { name: "2000 idle connections", kinds: ["parley", "control"], measure: idle },
];

/** Keeps `inFlight` messages under way and counts deliveries. */
async function flood(server: BenchServer, members: number, inFlight: number, seconds: number) {
  using crowd = await Crowd.gather(server, members);
  return await meter(server, crowd, async () => {
    const end = performance.now() + seconds * 1000;
    let said = 0;
    for (; said < inFlight; said++) crowd.say(said);
    while (performance.now() < end) {
      await crowd.hears(crowd.heard + 1);
      const outstanding = said - Math.floor(crowd.heard / members);
      for (let i = outstanding; i < inFlight; i++) crowd.say(said++);
    }
    await crowd.hears(said * members);
  });
}

/** Sends at a steady rate and looks at delays. */
async function pace(server: BenchServer, members: number, perSecond: number, seconds: number) {
  using crowd = await Crowd.gather(server, members);
  return await meter(server, crowd, async () => {
    const start = performance.now();
    let said = 0;
    while (performance.now() - start < seconds * 1000) {
      const due = (performance.now() - start) * perSecond / 1000;
      while (said < due) crowd.say(said++);
      await sleep(1);
    }
    await crowd.hears(said * members);
  });
}

async function meter(server: BenchServer, crowd: Crowd, work: () => Promise<void>) {
  await sleep(200);
  const [startedAt, cpu] = [performance.now(), await server.cpuSeconds()];
  await work();
  const seconds = (performance.now() - startedAt) / 1000;
  const used = await server.cpuSeconds() - cpu;
  const delays = crowd.delaysMs.sort((a, b) => a - b);
  return {
    "deliveries/s": crowd.heard / seconds,
    "µs CPU/delivery": used / crowd.heard * 1e6,
    "p50 ms": delays[Math.floor(delays.length * 0.5)],
    "p99 ms": delays[Math.floor(delays.length * 0.99)],
  };
}

async function connect(server: BenchServer) {
  const [startedAt, cpu] = [performance.now(), await server.cpuSeconds()];
  using crowd = await Crowd.gather(server, 1000);
  const seconds = (performance.now() - startedAt) / 1000;
  return {
    "connections/s": crowd.size / seconds,
    "µs CPU/connection": (await server.cpuSeconds() - cpu) * 1e6 / crowd.size,
  };
}

async function idle(server: BenchServer) {
  const before = await server.residentBytes();
  const members: RawMember[] = [];
  for (let i = 0; i < 2000; i++) members.push(await RawMember.open(await server.entrance(i), () => {}));
  await sleep(2_000);
  const bytes = (await server.residentBytes() - before) / members.length;
  for (const member of members) member.close();
  return { "bytes/connection": bytes };
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** One row a figure: the median of each server, and how it stands to the control. */
function table(results: readonly Result[]): string {
  const rows = new Map<string, Map<Kind, number[]>>();
  for (const { work, kind, unit, value } of results) {
    const name = `${work} | ${unit}`;
    const row = rows.get(name) ?? new Map<Kind, number[]>();
    rows.set(name, row.set(kind, [...row.get(kind) ?? [], value]));
  }
  const format = (value: number) =>
    value >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);
  const lines = [...rows].map(([name, row]) => {
    const cells = ALL.map((kind) => row.has(kind) ? format(median(row.get(kind)!)) : "");
    const ratio = median(row.get("parley")!) / median(row.get("control")!);
    return `| ${name} | ${cells.join(" | ")} | ${ratio.toPrecision(3)} |`;
  });
  return [
    `| work | figure | ${ALL.join(" | ")} | parley/control |`,
    `|${"---|".repeat(ALL.length + 3)}`,
    ...lines,
  ].join("\n");
}

async function run(repeats: number, seconds: number): Promise<Result[]> {
  const results: Result[] = [];
  for (let repeat = 1; repeat <= repeats; repeat++) {
    for (const work of WORKS) {
      for (const kind of work.kinds) {
        console.error(`${repeat}/${repeats} ${work.name}: ${kind}`);
        await using server = await BenchServer.start(kind);
        const figures = await work.measure(server, seconds);
        for (const [unit, value] of Object.entries(figures)) {
          results.push({ work: work.name, kind, unit, value });
        }
      }
    }
  }
  return results;
}

const { values } = parseArgs({
  args: Deno.args,
  options: {
    repeats: { type: "string", default: "3" },
    seconds: { type: "string", default: "3" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(HELP);
} else {
  const results = await run(Number(values.repeats), Number(values.seconds));
  console.log(values.json ? JSON.stringify(results, null, 2) : table(results));
  Deno.exit();
}
