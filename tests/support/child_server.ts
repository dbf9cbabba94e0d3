import config from "../../deno.json" with { type: "json" };
import { SECRET } from "./server.ts";

/** Environment variables by name; `undefined` takes one of the usual ones away. */
export type Settings = Readonly<Record<string, string | undefined>>;

/** How the process is started, other than `deno task start` does it. */
export interface Launch {
  /** A module in place of `main.ts`. */
  readonly entry?: string;
  /** How many files the process may have open. */
  readonly maxOpenFiles?: number;
  /** What a shell does before it becomes the server. */
  readonly before?: string;
  /** Another Deno than the one that runs the tests. */
  readonly runtime?: string;
}

/** How a process ended, and what it wrote. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The lines of a log, without their times. */
export function readLog(text: string): Record<string, unknown>[] {
  return text.split("\n").filter((line) => line !== "").map((line) => {
    const { time: _, ...said } = JSON.parse(line);
    return said;
  });
}

const ROOT = new URL("../../", import.meta.url);
const USUAL: Settings = {
  JWT_SECRET: SECRET,
  STORE: "memory:",
  HOST: "127.0.0.1",
  PORT: "0",
  RATE_CHAT: "off",
  RATE_OTHER: "off",
};
/** What Deno itself looks at. */
const INHERITED = ["PATH", "HOME", "DENO_DIR", "XDG_CACHE_HOME"];
/** A process that takes longer to come or to go has failed the test. */
const PATIENCE_MS = 20_000;

/** The server as people start it: `main.ts` as a process of its own, on a free port of this machine. */
export class ChildServer implements AsyncDisposable {
  readonly port: number;
  /** Resolves when the process has ended. */
  readonly ended: Promise<Ended>;
  readonly #process: Deno.ChildProcess;
  readonly #stderr: Output;

  private constructor(process: Deno.ChildProcess, ended: Promise<Ended>, stderr: Output, port: number) {
    this.#process = process;
    this.ended = ended;
    this.#stderr = stderr;
    this.port = port;
  }

  /** Starts one and waits until it says where it listens. Rejects if it doesn't. */
  static async start(settings: Settings = {}, launch: Launch = {}): Promise<ChildServer> {
    const process = spawn(settings, launch);
    const [stdout, stderr] = [new Output(process.stdout), new Output(process.stderr)];
    const ended = watch(process, stdout, stderr);
    const address = await stdout.until(/^Parley is running\. Open http:\/\/.*:(\d+)\/$/m, PATIENCE_MS);
    if (address !== undefined) return new ChildServer(process, ended, stderr, Number(address[1]));
    end(process, "SIGKILL");
    throw new Error(`The server did not start: ${JSON.stringify(await ended)}`);
  }

  get pid(): number {
    return this.#process.pid;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  get url(): string {
    return `http://${this.address}`;
  }

  /** Waits until the log holds a line with these words, and returns it. */
  async logged(words: RegExp): Promise<string> {
    const line = new RegExp(`^.*${words.source}.*$`, "m");
    const found = await this.#stderr.until(line, PATIENCE_MS);
    if (found === undefined) throw new Error(`Nothing like ${words} was logged: ${this.#stderr.text}`);
    return found[0];
  }

  signal(signal: Deno.Signal): void {
    end(this.#process, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    end(this.#process, "SIGKILL");
    await this.ended;
  }
}

/** Runs the server until it ends by itself, as it should where it cannot start. */
export async function runToEnd(settings: Settings = {}, launch: Launch = {}): Promise<Ended> {
  const process = spawn(settings, launch);
  const timer = setTimeout(() => end(process, "SIGKILL"), PATIENCE_MS);
  try {
    return await watch(process, new Output(process.stdout), new Output(process.stderr));
  } finally {
    clearTimeout(timer);
  }
}

function spawn(
  settings: Settings,
  { entry = "main.ts", maxOpenFiles, before, runtime = Deno.execPath() }: Launch,
): Deno.ChildProcess {
  const start = config.tasks.start.command.replace(/\$\(.*?\)/, packageFlags());
  const args = start.split(" ").filter((word) => word !== "").slice(1).with(-1, entry);
  const set = Object.entries({ ...USUAL, ...settings }).filter((entry) => entry[1] !== undefined);
  const inherited = INHERITED.map((name) => [name, Deno.env.get(name)]).filter(([, value]) =>
    value !== undefined
  );
  const env = { ...Object.fromEntries([...inherited, ...set]), NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" };
  const options = {
    cwd: ROOT,
    clearEnv: true,
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  } as const;
  if (maxOpenFiles === undefined && before === undefined) {
    return new Deno.Command(runtime, { args, ...options }).spawn();
  }
  const prepare = before ?? `ulimit -n ${maxOpenFiles}`;
  const script = ["-c", `${prepare}; exec "$0" "$@"`, runtime, ...args];
  return new Deno.Command("sh", { args: script, ...options }).spawn();
}

/** The same packages as the tests themselves run with. */
function packageFlags(): string {
  if (import.meta.resolve("@std/assert").startsWith("jsr:")) return "";
  return "--import-map=lib/without_jsr/import_map.json --lock=lib/without_jsr/deno.lock";
}

async function watch(process: Deno.ChildProcess, stdout: Output, stderr: Output): Promise<Ended> {
  const [{ code }] = await Promise.all([process.status, stdout.ended, stderr.ended]);
  return { code, stdout: stdout.text, stderr: stderr.text };
}

function end(process: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    process.kill(signal);
  } catch {
    // It has ended already.
  }
}

/** What a process writes, as it comes. */
class Output {
  text = "";
  readonly ended: Promise<void>;
  #hasEnded = false;
  #wake = Promise.withResolvers<void>();

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.ended = this.#read(stream);
  }

  /** Resolves once the text matches; to `undefined` if it ends before that, or takes too long. */
  async until(pattern: RegExp, patienceMs: number): Promise<RegExpExecArray | undefined> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#stir();
    }, patienceMs);
    try {
      while (true) {
        const match = pattern.exec(this.text);
        if (match !== null || this.#hasEnded || isLate) return match ?? undefined;
        await this.#wake.promise;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
      this.text += chunk;
      this.#stir();
    }
    this.#hasEnded = true;
    this.#stir();
  }

  #stir(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }
}
