import { BroadcastBus } from "../../lib/bus/broadcast_bus.ts";
import { readConfig } from "../../lib/config.ts";
import { openServer } from "../../lib/server.ts";
import { SharedMemoryLimits } from "../../lib/store/shared_memory_limits.ts";
import { silentLog } from "../../lib/telemetry/log.ts";
import { SECRET } from "./server.ts";

/** Where one of the nodes answers. */
export interface TestNode {
  readonly address: string;
  readonly url: string;
}

/** Two nodes on free ports that share a database, a folder and a channel, as two workers of one process do. */
export async function openTwoNodes(
  resources: AsyncDisposableStack,
  settings: Record<string, string> = {},
): Promise<readonly [TestNode, TestNode]> {
  const folder = await Deno.makeTempDir({ prefix: "parley_nodes_" });
  resources.defer(() => Deno.remove(folder, { recursive: true }));
  const all: Record<string, string> = {
    ...{ JWT_SECRET: SECRET, HOST: "127.0.0.1", RATE_CHAT: "off", RATE_OTHER: "off" },
    ...{ STORE: `sqlite:${folder}/parley.db`, FILES_DIR: `${folder}/files`, ...settings },
  };
  const channel = crypto.randomUUID();
  const memory = SharedMemoryLimits.allocate(100);
  const open = async (): Promise<TestNode> => {
    const node = { bus: new BroadcastBus(channel), limits: new SharedMemoryLimits(memory) };
    const server = await openServer(readConfig((name) => all[name]), silentLog, undefined, node);
    const http = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, server.fetch);
    resources.defer(async () => {
      await server.drain();
      await http.shutdown();
      await server[Symbol.asyncDispose]();
    });
    const address = `127.0.0.1:${http.addr.port}`;
    return { address, url: `http://${address}` };
  };
  return [await open(), await open()];
}
