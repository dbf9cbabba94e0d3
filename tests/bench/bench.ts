import { parseArgs } from "node:util";
import { BenchServer, type Kind, type Setup } from "./bench_server.ts";
import { drawCurve, pictureName } from "./curve_svg.ts";
import { CURVES } from "./growth.ts";
import { growthTable, type Result, sideBySide } from "./result.ts";
import { WORKS } from "./side_by_side.ts";

const HELP = `Measures the server side by side with a bare one, in one run.

  deno task bench [--repeats 3] [--seconds 3] [--only <words>] [--json]
  deno task bench --growth [--largest 10000] [--svg <folder>] …

  --growth       how costs change with the number of members, rooms, connections and messages, instead
  --largest      measures no larger number than this
  --svg          draws a picture of each of these curves into this folder
  --only         only what has these words in its name
  --workers      starts the server with so many workers
  --nodes        starts so many servers that share a Redis, which is not counted
  --json         writes every single figure, not a table of medians

The load comes from this process, so on a machine with two cores the figures are ratios, not limits. 10,000 connections
need a limit of open files (ulimit -n) above that.`;

/** What is to be measured, and how often. */
interface Plan {
  readonly repeats: number;
  readonly seconds: number;
  readonly setup: Setup;
  /** In small letters; empty for everything. */
  readonly only: string;
  readonly largest: number;
}

/** One measurement. */
interface Step {
  readonly label: string;
  readonly kind: Kind;
  readonly setup: Setup;
  measure(server: BenchServer): Promise<Omit<Result, "kind">[]>;
}

function comparisons({ seconds, setup, only }: Plan): Step[] {
  return WORKS.filter(({ name }) => name.toLowerCase().includes(only)).flatMap((work) =>
    work.kinds.map((kind) => ({
      label: `${work.name}: ${kind}`,
      kind,
      setup,
      async measure(server: BenchServer) {
        const figures = await work.measure(server, seconds);
        return Object.entries(figures).map(([unit, value]) => ({ work: work.name, unit, value }));
      },
    }))
  );
}

function growth({ seconds, setup, only, largest }: Plan): Step[] {
  return CURVES.filter(({ name }) => name.toLowerCase().includes(only)).flatMap((curve) =>
    curve.sizes.filter((size) => size <= largest).flatMap((size) =>
      curve.kinds.map((kind) => ({
        label: `${curve.name}, ${size.toLocaleString("en")}: ${kind}`,
        kind,
        setup: { ...setup, settings: curve.settings },
        async measure(server: BenchServer) {
          const value = await curve.measure(server, size, seconds);
          return [{ work: curve.name, unit: curve.unit, size, value }];
        },
      }))
    )
  );
}

async function run(steps: readonly Step[], repeats: number): Promise<Result[]> {
  const results: Result[] = [];
  for (let repeat = 1; repeat <= repeats; repeat++) {
    for (const [at, { label, kind, setup, measure }] of steps.entries()) {
      console.error(`${repeat}/${repeats}, ${at + 1}/${steps.length} ${label}`);
      await using server = await BenchServer.start(kind, setup);
      for (const result of await measure(server)) results.push({ ...result, kind });
    }
  }
  return results;
}

async function draw(folder: string, results: readonly Result[]): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  for (const curve of CURVES.filter(({ name }) => results.some(({ work }) => work === name))) {
    const path = `${folder}/${pictureName(curve)}`;
    await Deno.writeTextFile(path, drawCurve(curve, results));
    console.error(`Drew ${path}`);
  }
}

async function bench(): Promise<void> {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      repeats: { type: "string", default: "3" },
      seconds: { type: "string", default: "3" },
      workers: { type: "string", default: "1" },
      nodes: { type: "string", default: "1" },
      largest: { type: "string", default: "Infinity" },
      only: { type: "string", default: "" },
      growth: { type: "boolean", default: false },
      svg: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const plan: Plan = {
    repeats: Number(values.repeats),
    seconds: Number(values.seconds),
    setup: { workers: Number(values.workers), nodes: Number(values.nodes) },
    only: values.only.toLowerCase(),
    largest: Number(values.largest),
  };
  const isGrowth = values.growth || values.svg !== undefined;
  const results = await run(isGrowth ? growth(plan) : comparisons(plan), plan.repeats);
  if (values.json) console.log(JSON.stringify(results, null, 2));
  else console.log(isGrowth ? growthTable(results) : sideBySide(results));
  if (values.svg !== undefined) await draw(values.svg, results);
}

if (import.meta.main) {
  await bench();
  Deno.exit();
}
