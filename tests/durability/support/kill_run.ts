import { Chance } from "../../hostile/chance.ts";
import { ChildServer } from "../../support/child_server.ts";
import { TcpProxy } from "../../support/tcp_proxy.ts";
import { Crew, type CrewPlan, type CrewReport } from "./crew.ts";

/** How servers are killed. */
export interface KillPlan extends CrewPlan {
  /** How often one is killed. */
  readonly rounds: number;
  /** How long it lives in each round, on average. */
  readonly meanLifeMs: number;
  /** The `STORE` of all nodes; nothing may be in it. */
  readonly store: string;
  /** How many nodes there are: whoever loses one finds another. */
  readonly nodes: number;
  /** Workers that share the work of one node. @default 1 */
  readonly workers?: number;
  readonly progress?: (words: string) => void;
}

export interface KillReport extends CrewReport {
  /** What it took at most, in milliseconds, until messages were acknowledged again after a kill. */
  readonly slowestReturnMs: number;
  /** Connections of writers that ended by a kill. */
  readonly hit: number;
}

/** What one return may take, or enough messages: on a busy machine, a server of one node takes a while to start. */
const PATIENCE_MS = 30_000;
/** So many are acknowledged before the last kill, however little the others have let through. */
const MIN_ACKNOWLEDGED = 2_000;

/**
 * Kills one server after another while people write and read, starts it again, then compares what they were told with
 * what is there.
 */
export async function runKills(plan: KillPlan): Promise<KillReport> {
  const chance = new Chance(plan.seed);
  const crew = new Crew(plan);
  await using opened = new AsyncDisposableStack();
  const start = (port = 0) =>
    ChildServer.start({
      STORE: plan.store,
      PORT: String(port),
      WORKERS: String(plan.workers ?? 1),
      RECOVERY_LIMIT: "2000",
      LOG_LEVEL: "error",
    });
  const nodes: ChildServer[] = [];
  opened.defer(async () => {
    for (const node of nodes) await node[Symbol.asyncDispose]();
  });
  for (let i = 0; i < plan.nodes; i++) nodes.push(await start());
  const [writersFront, readersFront] = [0, 1].map(() =>
    opened.use(new TcpProxy(...nodes.map(({ port }) => port)))
  );
  let [slowestReturnMs, hit] = [0, 0];
  crew.work((_nth, isWriter) => `127.0.0.1:${(isWriter ? writersFront : readersFront).port}`);
  for (let round = 1; round <= plan.rounds; round++) {
    // From before anybody is in to long after: also the moments of joining are hit.
    await new Promise((resolve) => setTimeout(resolve, chance.next() * 2 * plan.meanLifeMs));
    if (round === plan.rounds) await crew.progress(MIN_ACKNOWLEDGED - crew.acknowledged, PATIENCE_MS);
    // Who lost one node is on another, so that is where it hurts; now and then, it is any of them.
    const writersOf = nodes.map(({ port }) => writersFront.openTo(port));
    const busiest = writersOf.indexOf(Math.max(...writersOf));
    const victim = chance.once(4) ? chance.below(plan.nodes) : busiest;
    hit += writersOf[victim];
    nodes[victim].signal("SIGKILL");
    await nodes[victim].ended;
    const killedAt = performance.now();
    const returning = crew.progress(1, PATIENCE_MS).then(() => {
      slowestReturnMs = Math.max(slowestReturnMs, Math.round(performance.now() - killedAt));
    });
    nodes[victim] = await start(nodes[victim].port);
    await returning;
    await crew.audit(nodes[victim].address);
    // Readers spread over all nodes again. Writers stay: what they gave up elsewhere could come too late.
    if (plan.nodes > 1) readersFront.cut();
    plan.progress?.(`killed ${round} times, ${crew.acknowledged} acknowledged`);
  }
  await crew.rest();
  const report = await crew.compare((nth) => nodes[nth % nodes.length].address);
  return { ...report, slowestReturnMs, hit };
}
