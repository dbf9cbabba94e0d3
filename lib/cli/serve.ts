import { type Config, ConfigError, type Environment, findPlace, readConfig } from "../config.ts";
import { sleep } from "../kit/wait.ts";
import { openServer, type Server } from "../server.ts";
import { describeError, openLog } from "../telemetry/log.ts";

/** Waits this long before it listens again after the runtime stopped accepting: longer each time it does so at once. */
const MIN_PAUSE_MS = 50;
const MAX_PAUSE_MS = 5_000;

/** Runs the server until a signal ends it, then exits with 0; a start that fails exits with 1 and says why. */
export async function serve(): Promise<void> {
  try {
    const environment: Environment = (name) => Deno.env.get(name);
    const config = readConfig(environment, findPlace(environment));
    const server = await openServer(config, openLog(config.logLevel));
    catchSurprises(server);
    await listen(config, server, endOnSignal(config, server));
  } catch (error) {
    console.error(explain(error));
    Deno.exit(1);
  }
}

/** Without these the runtime ends the process on the first error that nobody caught. */
function catchSurprises(server: Server): void {
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    server.surprised("rejection", event.reason);
  });
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    server.surprised("error", event.error);
  });
}

/** Listens for as long as nobody asks to stop, also when the runtime gives up accepting, as it does without free files. */
async function listen(config: Config, server: Server, stopping: AbortSignal): Promise<void> {
  const { host: hostname } = config;
  let port = config.port;
  let hasListened = false;
  let pauseMs = MIN_PAUSE_MS;
  while (!stopping.aborted) {
    const startedAt = Date.now();
    const onListen = (address: Deno.NetAddr) => {
      if (!hasListened) {
        greet(config, address);
        void server.prepare();
      }
      hasListened = true;
      port = address.port ?? port; // A host may have the runtime listen elsewhere, where ports mean nothing.
    };
    try {
      await Deno.serve({ hostname, port, signal: stopping, onListen }, server.fetch).finished;
    } catch (error) {
      if (!hasListened) throw new ConfigError(explainSilence(config, error), { cause: error });
      server.surprised("accept", error);
    }
    pauseMs = Date.now() - startedAt > MAX_PAUSE_MS ? MIN_PAUSE_MS : Math.min(MAX_PAUSE_MS, pauseMs * 2);
    await sleep(pauseMs);
  }
  await new Promise(() => {}); // The end is on its way.
}

/** Ends the process in good order on SIGINT and SIGTERM, and always within the time-out. */
function endOnSignal(config: Config, server: Server): AbortSignal {
  const stopping = new AbortController();
  let isEnding = false;
  const end = async () => {
    if (isEnding) return;
    isEnding = true;
    setTimeout(() => Deno.exit(0), config.shutdownTimeoutMs);
    try {
      await server.drain();
      stopping.abort();
      await server[Symbol.asyncDispose]();
    } catch (error) {
      server.surprised("shutdown", error);
    }
    Deno.exit(0);
  };
  Deno.addSignalListener("SIGINT", end);
  // What asks a console program to end where there is no SIGTERM.
  Deno.addSignalListener(Deno.build.os === "windows" ? "SIGBREAK" : "SIGTERM", end);
  return stopping.signal;
}

function greet(
  { isLoopback, guests, jwt, store }: Config,
  { transport, hostname, port }: Deno.NetAddr,
): void {
  const name = isLoopback || hostname === "0.0.0.0" || hostname === "::" ? "localhost" : hostname;
  console.log(`Parley is running.${transport === "tcp" ? ` Open http://${name}:${port}/` : ""}`);
  if (guests) {
    const who = isLoopback ? "from this machine, and nobody from elsewhere," : "who can reach this address";
    const why = jwt.secret === undefined ? "This is a demo: no JWT_SECRET is set, so" : "GUESTS is on:";
    console.log(`${why} anybody ${who} can come in as a guest.`);
  }
  console.log(`What is said is kept in ${store}. Stop with Ctrl+C.`);
}

function explain(error: unknown): string {
  if (error instanceof ConfigError) return `Cannot start: ${error.message}.`;
  const { error: text } = describeError(error);
  return `Cannot start: ${text}`;
}

/** Says which setting keeps the server from listening. */
function explainSilence({ host, port }: Config, error: unknown): string {
  if (error instanceof Deno.errors.AddrInUse) return `PORT ${port} is taken; set PORT to another one`;
  if (error instanceof Deno.errors.PermissionDenied) {
    return `PORT ${port} may not be used; set PORT to another one`;
  }
  return `HOST ${host} cannot be used: ${error instanceof Error ? error.message : error}`;
}
