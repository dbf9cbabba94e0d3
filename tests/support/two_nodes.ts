import { SharedSqlite } from "../../lib/store/shared_sqlite.ts";
import { SqlitePorts } from "../../lib/store/sqlite_ports.ts";
import { TestServer } from "./server.ts";
import { TemporaryFolder } from "./temporary_folder.ts";
import { TestBus } from "./test_bus.ts";
import { openTestCluster } from "./test_cluster.ts";
import type { TestNode } from "./test_node.ts";

/** Two nodes on free ports: on SQLite as two workers of one process are, or on a Redis. */
export async function openTwoNodes(
  resources: AsyncDisposableStack,
  settings: Record<string, string> = {},
  kind: "sqlite" | "redis" = "sqlite",
): Promise<readonly TestNode[]> {
  const among = await openTestCluster(resources, kind);
  return resources.use(await TestServer.start(settings, undefined, among)).nodes;
}

/** Two nodes on SQLite that hear each other so late. */
export async function openLateNodes(
  resources: AsyncDisposableStack,
  lateMs: number,
  settings: Record<string, string> = {},
): Promise<readonly TestNode[]> {
  const folder = resources.use(await TemporaryFolder.make());
  const database = resources.use(new SharedSqlite({ broken() {} }));
  const buses = TestBus.connect(2);
  const nodes = buses.map((bus) => ({
    bus,
    storeWorkers: new SqlitePorts((role, port) => database.connect(role, port)),
  }));
  const among = { store: `sqlite:${folder.path}/parley.db`, nodes };
  const server = resources.use(await TestServer.start(settings, undefined, among));
  for (const bus of buses) bus.lateMs = lateMs;
  return server.nodes;
}
