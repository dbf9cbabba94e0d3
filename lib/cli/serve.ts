import { type Config, ConfigError, type Environment, findPlace, readConfig } from "../config.ts";
import { openServer } from "../server.ts";
import { describeError, type Log, openLog } from "../telemetry/log.ts";
import { VERSION } from "../version.ts";
import { greet } from "./greeting.ts";
import { listen } from "./listening.ts";
import { findMisspelt } from "./oddities.ts";
import { Supervisor } from "./supervisor.ts";
import { catchSurprises } from "./surprises.ts";

/** What serves: this isolate, or workers that it looks after. */
interface Program extends AsyncDisposable {
  /** Begins to serve; resolves with the address, and rejects if that is not possible. */
  open(): Promise<Deno.NetAddr>;
  drain(): Promise<void>;
  surprised(stage: string, error: unknown): void;
}

/** Runs the server until a signal ends it, then exits with 0; a start that fails exits with 1 and says why. */
export async function serve(): Promise<void> {
  let program: Program | undefined;
  // What goes wrong while it is opened rejects as well.
  catchSurprises((stage, error) => program?.surprised(stage, error));
  try {
    const environment: Environment = (name) => Deno.env.get(name);
    const asked: string[] = [];
    const watched: Environment = (name) => {
      asked.push(name);
      return environment(name);
    };
    const config = readConfig(watched, findPlace(environment));
    const log = openLog(config.logLevel);
    for (const text of findMisspelt(namesOfEnvironment(), asked)) log.warn("setting_unknown", { text });
    program = config.workers > 1 ? new Supervisor(config, log) : await serveAlone(config, log);
    endOnSignal(config, program, log);
    const address = await program.open();
    const [store] = config.store.split(":"); // What follows may hold a password.
    const { host, workers } = config;
    log.info("started", { version: VERSION, host, port: address.port, store, workers });
    greet(config, address);
  } catch (error) {
    console.error(explain(error));
    Deno.exit(1);
  }
}

async function serveAlone(config: Config, log: Log): Promise<Program> {
  const server = await openServer(config, log);
  const stopping = new AbortController();
  return {
    async open() {
      void server.prepare(); // Before people can take every file there is.
      return await listen(config, server, stopping.signal);
    },
    drain: () => server.drain(),
    surprised: server.surprised,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Ends the process in good order on SIGINT and SIGTERM, and always within the time-out. */
function endOnSignal({ shutdownTimeoutMs }: Config, program: Program, log: Log): void {
  let isEnding = false;
  const exit = (inTime: boolean) => {
    log.info("stopped", { inTime });
    Deno.exit(0);
  };
  const end = async () => {
    if (isEnding) return;
    isEnding = true;
    setTimeout(() => exit(false), shutdownTimeoutMs);
    try {
      await program.drain();
      await program[Symbol.asyncDispose]();
    } catch (error) {
      program.surprised("shutdown", error);
    }
    exit(true);
  };
  Deno.addSignalListener("SIGINT", end);
  // What asks a console program to end where there is no SIGTERM.
  Deno.addSignalListener(Deno.build.os === "windows" ? "SIGBREAK" : "SIGTERM", end);
}

function explain(error: unknown): string {
  if (error instanceof ConfigError) return `Cannot start: ${error.message}.`;
  const { error: text } = describeError(error);
  return `Cannot start: ${text}`;
}

/** Every name that is set; none where only some may be read. */
function namesOfEnvironment(): string[] {
  const { state } = Deno.permissions.querySync({ name: "env" });
  return state === "granted" ? Object.keys(Deno.env.toObject()) : [];
}
