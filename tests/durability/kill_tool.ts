import { parseArgs } from "node:util";
import { RedisServer } from "../support/redis_server.ts";
import { countFaults } from "./support/crew.ts";
import { runKills } from "./support/kill_run.ts";

const HELP =
  `Kills a server with SIGKILL again and again while people write and read, starts it again on the same store,
and compares in the end what was acknowledged and seen with what is in the history.

  deno task kill-test [--store redis] [--nodes 2] [--rounds 20] [--seconds 40] [--seed 1] [--rooms 4] [--writers 5]
                      [--readers 2] [--window 25] [--workers 1]

  --store    sqlite, redis for one that is started for this, or an address of an empty one as in STORE
  --nodes    how many servers there are, one of which is killed each time; more than one needs a Redis
  --rounds   how often one is killed
  --seconds  how long they live, all rounds together
  --seed     makes the same choices again; the moments still depend on the machine
  --rooms    how many rooms, and --writers and --readers how many people in each
  --window   messages each writer has under way at once
  --workers  isolates that share the work of each server
  --keep     leaves the SQLite database where it is, and says where that is`;

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;
const options = {
  ...{ rounds: text, seconds: text, seed: text, rooms: text, writers: text, readers: text, window: text },
  ...{ store: text, nodes: text, workers: text, keep: flag, help: flag },
};
const { values } = parseArgs({ args: Deno.args, options });
if (values.help) {
  console.log(HELP);
  Deno.exit(0);
}

const rounds = Number(values.rounds ?? 20);
const seconds = Number(values.seconds ?? 40);
const seed = Number(values.seed ?? crypto.getRandomValues(new Uint32Array(1))[0]);
const kind = values.store ?? "sqlite";
const redis = kind === "redis" ? await RedisServer.start() : undefined;
const folder = await Deno.makeTempDir({ prefix: "parley_kill_" });
console.log(`seed ${seed}`);
const startedAt = performance.now();
const { words, ...report } = await runKills({
  seed,
  rounds,
  meanLifeMs: seconds * 1000 / rounds,
  rooms: Number(values.rooms ?? 4),
  writersPerRoom: Number(values.writers ?? 5),
  readersPerRoom: Number(values.readers ?? 2),
  window: Number(values.window ?? 25),
  store: redis?.url ?? (kind === "sqlite" ? `sqlite:${folder}/parley.db` : kind),
  nodes: Number(values.nodes ?? 1),
  workers: Number(values.workers ?? 1),
  progress: (words) => console.log(words),
});
await redis?.[Symbol.asyncDispose]();
const tookSeconds = Math.round((performance.now() - startedAt) / 1000);
console.log(JSON.stringify({ seed, rounds, tookSeconds, ...report }, undefined, 2));
for (const line of words) console.log(line);
if (values.keep) console.log(`The database is in ${folder}`);
else await Deno.remove(folder, { recursive: true });
const isGood = countFaults({ ...report, words }) === 0;
console.log(isGood ? "Nothing lost, nothing doubled, nothing out of order." : "FAILED");
Deno.exit(isGood ? 0 : 1);
