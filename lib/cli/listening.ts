import { type Config, ConfigError } from "../config.ts";
import { sleep } from "../kit/wait.ts";

/** Waits this long before it listens again after the runtime stopped accepting: longer each time it does so at once. */
const MIN_PAUSE_MS = 50;
const MAX_PAUSE_MS = 5_000;

/** Where to listen. */
export interface Place extends Pick<Config, "host" | "port"> {
  /** Whether others of this process listen there as well. */
  readonly isShared?: boolean;
}

/** What answers requests, and hears why no more could be taken for a while. */
export interface Answering {
  fetch(request: Request): Promise<Response>;
  surprised(stage: string, error: unknown): void;
}

/**
 * Listens for as long as nobody asks to stop, also when the runtime gives up accepting, as it does without free files.
 *
 * @returns The address, once there is one
 * @throws {ConfigError} If it cannot listen there
 */
export function listen(place: Place, answering: Answering, stopping: AbortSignal): Promise<Deno.NetAddr> {
  const opened = Promise.withResolvers<Deno.NetAddr>();
  void keepListening(place, answering, stopping, opened);
  return opened.promise;
}

/**
 * Finds the port, which no one else may have, for several who will share it.
 *
 * @throws {ConfigError} If it is taken, or cannot be used
 */
export function findPort(place: Place): number {
  try {
    using listener = Deno.listen({ hostname: place.host, port: place.port });
    return (listener.addr as Deno.NetAddr).port;
  } catch (error) {
    throw new ConfigError(explainSilence(place, error), { cause: error });
  }
}

async function keepListening(
  place: Place,
  { fetch, surprised }: Answering,
  signal: AbortSignal,
  opened: PromiseWithResolvers<Deno.NetAddr>,
): Promise<void> {
  let { port } = place;
  let hasListened = false;
  let pauseMs = MIN_PAUSE_MS;
  const onListen = (address: Deno.NetAddr) => {
    hasListened = true;
    port = address.port ?? port; // A host may have the runtime listen elsewhere, where ports mean nothing.
    opened.resolve(address);
  };
  while (!signal.aborted) {
    const startedAt = Date.now();
    const address = { hostname: place.host, port, reusePort: place.isShared };
    try {
      await Deno.serve({ ...address, signal, onListen }, fetch).finished;
    } catch (error) {
      if (!hasListened) {
        return opened.reject(new ConfigError(explainSilence(place, error), { cause: error }));
      }
      surprised("accept", error);
    }
    pauseMs = Date.now() - startedAt > MAX_PAUSE_MS ? MIN_PAUSE_MS : Math.min(MAX_PAUSE_MS, pauseMs * 2);
    if (!signal.aborted) await sleep(pauseMs);
  }
}

/** Says which setting keeps the server from listening. */
function explainSilence({ host, port }: Place, error: unknown): string {
  if (error instanceof Deno.errors.AddrInUse) return `PORT ${port} is taken; set PORT to another one`;
  if (error instanceof Deno.errors.PermissionDenied) {
    return `PORT ${port} may not be used; set PORT to another one`;
  }
  return `HOST ${host} cannot be used: ${error instanceof Error ? error.message : error}`;
}
