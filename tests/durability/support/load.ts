import { Chance } from "../../hostile/chance.ts";
import { ChildServer } from "../../support/child_server.ts";
import { Journal } from "./journal.ts";
import { Writer } from "./writer.ts";

/** Who writes where, and for how long. */
export interface LoadPlan {
  readonly store: string;
  readonly writers: number;
  readonly rooms: number;
  readonly window: number;
  readonly seconds: number;
  /** What is not counted at first. @default 2 */
  readonly warmUpSeconds?: number;
}

/** How it went; times in milliseconds. */
export interface LoadReport {
  readonly acksPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Has people write to a server of its own as fast as it acknowledges, and measures that. */
export async function measureLoad(plan: LoadPlan): Promise<LoadReport> {
  const { store, rooms, window, seconds, warmUpSeconds = 2 } = plan;
  await using server = await ChildServer.start({ STORE: store, LOG_LEVEL: "warn", HISTORY_LIMIT: "1000000" });
  const tookMs: number[] = [];
  let isCounting = false;
  const took = (ms: number) => {
    if (isCounting) tookMs.push(ms);
  };
  const journals = Array.from({ length: rooms }, (_, i) => new Journal(`room ${i}`));
  const writers = Array.from(
    { length: plan.writers },
    (_, i) => new Writer(i, journals[i % rooms], { window, filler: 60, took }),
  );
  const done = writers.map((writer, i) => writer.write(server.address, new Chance(i)));
  await new Promise((resolve) => setTimeout(resolve, warmUpSeconds * 1000));
  isCounting = true;
  const startedAt = performance.now();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  isCounting = false;
  const elapsedSeconds = (performance.now() - startedAt) / 1000;
  server.signal("SIGKILL");
  await Promise.all(done);
  tookMs.sort((a, b) => a - b);
  const quantile = (share: number) => Number(tookMs[Math.floor(tookMs.length * share)]?.toFixed(1));
  return {
    acksPerSecond: Math.round(tookMs.length / elapsedSeconds),
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    maxMs: quantile(0.9999999),
  };
}
