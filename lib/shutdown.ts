import type { Cluster } from "./chat/cluster.ts";
import type { Posting } from "./chat/posting.ts";
import type { Connections } from "./connection/connections.ts";
import { sleep, within } from "./kit/wait.ts";
import type { Status } from "./http/status.ts";
import { ENDINGS } from "./protocol/codes.ts";
import { encode } from "./protocol/encode.ts";
import type { Log } from "./telemetry/log.ts";

/** What has to be brought to an end. */
export interface Draining {
  readonly status: Status;
  readonly connections: Connections;
  readonly posting: Posting;
  readonly cluster: Cluster;
  readonly log: Log;
}

/** Clients come back after this at the earliest. */
const MIN_RECONNECT_MS = 500;
/** The spread of their return, at least, and per client: 500 clients a second can be taken in with ease. */
const MIN_SPREAD_MS = 5_000;
const SPREAD_PER_CLIENT_MS = 2;
/** Who has not gone by then is stalled. */
const MAX_WAIT_MS = 3_000;
/** How often it is looked whether everybody has gone. */
const LOOK_MS = 20;

/**
 * Sends everybody home: new connections are turned away, clients are told when to come back, what they have sent is
 * appended and acknowledged, and then every connection is closed. Takes no longer than the time-out, whoever stalls.
 */
export async function drain(draining: Draining, timeoutMs: number): Promise<void> {
  const { status, connections, posting, cluster, log } = draining;
  status.drain();
  log.info("draining", { connections: connections.size });
  const spreadMs = Math.max(MIN_SPREAD_MS, connections.size * SPREAD_PER_CLIENT_MS);
  cluster.part(spreadMs);
  for (const connection of connections) {
    const reconnectInMs = Math.round(MIN_RECONNECT_MS + Math.random() * (spreadMs - MIN_RECONNECT_MS));
    connection.push(encode({ type: "server_shutdown", reconnectInMs }));
  }
  await within(timeoutMs / 2, posting.drained());
  for (const connection of connections) connection.end(ENDINGS.shuttingDown);
  const giveUpAt = Date.now() + Math.min(MAX_WAIT_MS, timeoutMs / 2);
  while (connections.size > 0 && Date.now() < giveUpAt) await sleep(LOOK_MS);
  log.info("drained", { stalled: connections.size });
}
