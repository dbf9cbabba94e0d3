/** One of several workers that serve: does what the supervisor says. */
import { BroadcastBus } from "../bus/broadcast_bus.ts";
import { ConfigError } from "../config.ts";
import type { Census, Reading } from "../http/census.ts";
import { SharedTally } from "../kit/shared_tally.ts";
import { type Node, openServer, type Server } from "../server.ts";
import { SharedMemoryLimits } from "../store/shared_memory_limits.ts";
import { SqlitePorts } from "../store/sqlite_ports.ts";
import { describeError, openLog } from "../telemetry/log.ts";
import { listen } from "./listening.ts";
import { catchSurprises } from "./surprises.ts";
import type { Order, Report, Start } from "./worker_words.ts";

declare const self: {
  onmessage: (event: MessageEvent<Order>) => void;
  postMessage(report: Report, transfer?: Transferable[]): void;
};

const ports = new SqlitePorts((store, port) => self.postMessage({ store, port }, [port]));
const stopping = new AbortController();
const awaited = new Map<number, (readings: readonly Reading[]) => void>();
let lastNumber = 0;
let serving: { readonly server: Server; readonly start: Start } | undefined;

// What goes wrong while it is opened rejects as well.
catchSurprises((stage, error) => serving?.server.surprised(stage, error));
self.onmessage = ({ data: order }) => {
  if ("start" in order) void attempt(() => open(order.start));
  else if ("counted" in order) {
    awaited.get(order.counted)?.(order.readings);
    awaited.delete(order.counted);
  } else if ("broken" in order) ports.broken(order.broken, order.reason);
  else if (serving !== undefined) follow(order, serving);
};

function follow(order: Order, { server, start }: NonNullable<typeof serving>): void {
  if ("listen" in order) void attempt(() => listenAt(order.listen, server, start));
  else if ("look" in order) self.postMessage({ seen: order.look, reading: server.read() });
  else if ("lost" in order) server.lost(order.lost);
  else if ("drain" in order) void attempt(() => server.drain(), { drained: true });
  else if ("close" in order) void attempt(() => close(server), { closed: true });
}

async function open(start: Start): Promise<void> {
  const { config, index } = start;
  // So that it can be told whose line it is.
  const log = openLog(config.logLevel, (line) => console.error(`{"worker":${index},${line.slice(1)}`));
  const server = await openServer(config, log, undefined, makeNode(start));
  serving = { server, start };
  self.postMessage({ opened: server.nodeId });
}

/** What the workers of a process share; other stores than a file connect them as they do all nodes. */
function makeNode({ config, index, channel, startedAt, limits, tally }: Start): Node {
  const census: Census = { startedAt, all: count };
  const counting = { tally: new SharedTally(tally, index), limits: new SharedMemoryLimits(limits) };
  const shared = { ...counting, census, isTidiedElsewhere: index > 0 };
  if (!config.store.startsWith("sqlite:")) return shared;
  return { ...shared, bus: new BroadcastBus(channel), storeWorkers: ports };
}

/** Has the supervisor ask the others; the answer comes in time, whoever does not answer. */
async function count(own: Reading): Promise<readonly Reading[]> {
  const number = ++lastNumber;
  const readings = await new Promise<readonly Reading[]>((resolve) => {
    awaited.set(number, resolve);
    self.postMessage({ count: number, reading: own });
  });
  return [own, ...readings];
}

async function listenAt(port: number, server: Server, { config }: Start): Promise<void> {
  void server.prepare(); // Before people can take every file there is.
  await listen({ host: config.host, port, isShared: true }, server, stopping.signal);
  self.postMessage({ listening: true });
}

async function close(server: Server): Promise<void> {
  stopping.abort();
  await server[Symbol.asyncDispose]();
}

/** Does something, and says how it ended. */
async function attempt(work: () => Promise<void>, done?: Report): Promise<void> {
  try {
    await work();
    if (done !== undefined) self.postMessage(done);
  } catch (error) {
    const isSetting = error instanceof ConfigError;
    self.postMessage({ refused: isSetting ? error.message : String(describeError(error).error), isSetting });
  }
}
