import { SharedSqlite } from "../../lib/store/shared_sqlite.ts";
import { SqlitePorts } from "../../lib/store/sqlite_ports.ts";
import { TemporaryFolder } from "./temporary_folder.ts";
import { TestBus } from "./test_bus.ts";
import { TestServer } from "./server.ts";

/** Two nodes on one database. */
export interface TwoNodes {
  readonly server: TestServer;
  readonly buses: readonly TestBus[];
}

/** Starts two nodes whose letters a test holds in its hand. */
export async function startTwoNodes(
  stack: AsyncDisposableStack,
  settings: Record<string, string> = {},
): Promise<TwoNodes> {
  const folder = stack.use(await TemporaryFolder.make());
  const database = stack.use(new SharedSqlite({ broken() {} }));
  const buses = TestBus.connect(2);
  const nodes = buses.map((bus) => ({
    bus,
    storeWorkers: new SqlitePorts((role, port) => database.connect(role, port)),
  }));
  const store = `sqlite:${folder.path}/parley.db`;
  return { server: stack.use(await TestServer.start(settings, undefined, { store, nodes })), buses };
}
