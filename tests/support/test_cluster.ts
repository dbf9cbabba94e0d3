import { BroadcastBus } from "../../lib/bus/broadcast_bus.ts";
import type { Node } from "../../lib/server.ts";
import { SharedMemoryLimits } from "../../lib/store/shared_memory_limits.ts";
import { SharedSqlite } from "../../lib/store/shared_sqlite.ts";
import { SqlitePorts } from "../../lib/store/sqlite_ports.ts";
import { RedisServer } from "./redis_server.ts";
import { TemporaryFolder } from "./temporary_folder.ts";

/** What the nodes of one server share, and what each is given. */
export interface TestCluster {
  readonly store: string;
  readonly nodes: readonly Node[];
}

/** One node that has everything in memory. */
export const ALONE: TestCluster = { store: "memory:", nodes: [{}] };

/** What stories are to be run on: two nodes on `sqlite`, as workers of one process are, on `redis`, or on `kv`. */
const NODES = Deno.env.get("PARLEY_TEST_NODES");

/** Whether stories are run on several nodes. */
export const isCluster = NODES !== undefined;

/** A story that is not told again on several nodes: it brings its own, or is of what each has for itself, as counts. */
export function onceTest(name: string, story: () => Promise<void>): void {
  if (!isCluster) Deno.test(name, story);
}

/** Opens what the stories are to be run on. */
export async function openTestCluster(
  resources: AsyncDisposableStack,
  kind: string | undefined = NODES,
): Promise<TestCluster> {
  switch (kind) {
    case undefined:
      return ALONE;
    case "sqlite": {
      const folder = resources.use(await TemporaryFolder.make());
      const name = crypto.randomUUID();
      const memory = SharedMemoryLimits.allocate(1_000);
      const database = resources.use(new SharedSqlite({ broken() {} }));
      const openNode = () => ({
        bus: resources.use(new BroadcastBus(name)),
        limits: new SharedMemoryLimits(memory),
        storeWorkers: new SqlitePorts((role, port) => database.connect(role, port)),
      });
      return { store: `sqlite:${folder.path}/parley.db`, nodes: [openNode(), openNode()] };
    }
    case "redis": {
      const redis = resources.use(await RedisServer.start({ aof: "everysec" }));
      return { store: redis.url, nodes: [{}, {}] };
    }
    case "kv": {
      const folder = resources.use(await TemporaryFolder.make());
      return { store: `kv:${folder.path}/parley.kv`, nodes: [{}, {}] };
    }
    default:
      throw new Error(`Cannot run stories on PARLEY_TEST_NODES=${kind}`);
  }
}
