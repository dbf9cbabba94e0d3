import { existsSync } from "node:fs";
import { freePort } from "./free_port.ts";
import { askRedis, type RedisReply } from "./redis_reply.ts";
import { TemporaryFolder } from "./temporary_folder.ts";
import type { Certified } from "./test_authority.ts";

/** How a Redis is set up. */
export interface RedisOptions {
  /**
   * `everysec` unless given; with `none` it keeps nothing, as Redis comes. Only what is written `always` lies on the
   * disk.
   */
  readonly aof?: "always" | "everysec" | "none";
  /** Its files lie on the disk, where a sync takes its time. */
  readonly isOnDisk?: boolean;
  /** Nobody is let in without it. */
  readonly password?: string;
  /** A user with rules in the words of `ACL SETUSER`, password included: `parley on >secret ~chat:* &chat:* +@all`. */
  readonly acl?: string;
  /** Its port speaks nothing but TLS, and shows this. */
  readonly tls?: Certified;
  /** More settings, each a line of `redis.conf`. */
  readonly settings?: readonly string[];
}

const isMissing = !(Deno.env.get("PATH") ?? "").split(":").some((folder) =>
  existsSync(`${folder}/redis-server`)
);
const mustRun = Deno.env.get("REQUIRE_ALL") === "1";
/** A Redis that takes longer to answer has failed the test. */
const PATIENCE_MS = 10_000;
const PORT_TRIES = 5;
/**
 * Memory that outlives the process, where there is some. While a disk is busy with one `fsync`, a Redis that does so
 * every second answers up to two seconds before it writes: what it loses then it loses by itself.
 */
const MEMORY = existsSync("/dev/shm") ? "/dev/shm" : undefined;

/** Whether something has to be left out as there is no `redis-server`, and says so; never where everything must run. */
export function withoutRedis(what: string): boolean {
  const isSkipped = isMissing && !mustRun;
  if (isSkipped) console.log(`Skipped: ${what} (there is no redis-server)`);
  return isSkipped;
}

/** A test that needs a `redis-server`; skipped, with a word about it, where there is none. */
export function redisTest(name: string, story: () => Promise<void>): void {
  Deno.test({ name, ignore: withoutRedis(name) }, story);
}

/** A real `redis-server` on a free port of this machine, with a folder of its own. */
export class RedisServer implements AsyncDisposable {
  readonly port: number;
  readonly #folder: TemporaryFolder;
  readonly #options: RedisOptions;
  #process: Deno.ChildProcess;

  private constructor(
    process: Deno.ChildProcess,
    port: number,
    folder: TemporaryFolder,
    options: RedisOptions,
  ) {
    this.#process = process;
    this.port = port;
    this.#folder = folder;
    this.#options = options;
  }

  /** Starts one and waits until it answers. Rejects if it doesn't. */
  static async start(options: RedisOptions = {}): Promise<RedisServer> {
    const folder = await TemporaryFolder.make(
      options.isOnDisk || options.aof === "always" ? undefined : MEMORY,
    );
    for (let tries = 1;; tries++) {
      // Somebody else may take the port in between.
      const port = freePort();
      const server = new RedisServer(spawn(port, folder.path, options), port, folder, options);
      try {
        await server.#answering();
        return server;
      } catch (error) {
        await server.kill();
        if (tries < PORT_TRIES) continue;
        await folder[Symbol.asyncDispose]();
        throw error;
      }
    }
  }

  /** `redis://`, or `rediss://` for TLS, with the password, if it has one. */
  get url(): string {
    const { password, tls } = this.#options;
    const user = password === undefined ? "" : `:${encodeURIComponent(password)}@`;
    return `${tls === undefined ? "redis" : "rediss"}://${user}127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Gives a command, as somebody who may do everything. Rejects with what Redis says against it. */
  ask(...command: string[]): Promise<RedisReply> {
    const { password, tls } = this.#options;
    const commands = password === undefined ? [command] : [["AUTH", password], command];
    return askRedis(this.port, commands, tls && socketIn(this.#folder.path));
  }

  /** Waits until it is in a sync, during which it answers `everysec` before it writes, or in none; tells whether it is. */
  async syncs(isInSync: boolean, patienceMs = PATIENCE_MS): Promise<boolean> {
    const giveUpAt = performance.now() + patienceMs;
    const state = `aof_pending_bio_fsync:${isInSync ? 1 : 0}`;
    while (performance.now() < giveUpAt) {
      if (String(await this.ask("INFO", "persistence")).includes(state)) return true;
    }
    return false;
  }

  /** Ends it as a power failure does, and waits until it is gone. */
  async kill(): Promise<void> {
    signal(this.#process, "SIGKILL");
    await this.#process.status;
  }

  /** Kills it if it still runs, starts it again on the same port and data, and waits until it answers. */
  async restart(): Promise<void> {
    await this.kill();
    this.#process = spawn(this.port, this.#folder.path, this.#options);
    await this.#answering();
  }

  /** Ends it, takes that much away from the end of its file as if it had not been written, and starts it again. */
  async restartTorn(bytes: number): Promise<void> {
    await this.kill();
    const file = this.#appendOnlyFile();
    await Deno.truncate(file, Deno.statSync(file).size - bytes);
    await this.restart();
  }

  /** How long its file of commands is; written `always`, it has all that was answered. */
  get fileSize(): number {
    return Deno.statSync(this.#appendOnlyFile()).size;
  }

  /** Stops it without a word: connections stay open, and nothing is answered. */
  freeze(): void {
    signal(this.#process, "SIGSTOP");
  }

  thaw(): void {
    signal(this.#process, "SIGCONT");
  }

  /** Empties it. */
  async flush(): Promise<void> {
    await this.ask("FLUSHALL");
  }

  /** Closes all connections that are subscribed to something. */
  async cutSubscribers(): Promise<void> {
    await this.ask("CLIENT", "KILL", "TYPE", "pubsub");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await this.#folder[Symbol.asyncDispose]();
  }

  /** Whether it is this one that answers, and not another that took the port first. */
  async #isMine(): Promise<boolean> {
    return String(await this.ask("INFO", "server")).includes(`\r\nprocess_id:${this.pid}\r\n`);
  }

  #appendOnlyFile(): string {
    const folder = `${this.#folder.path}/appendonlydir`;
    return `${folder}/${[...Deno.readDirSync(folder)].find(({ name }) => name.includes(".incr."))!.name}`;
  }

  /** It answers while it still loads its data, but only that it does. */
  async #answering(): Promise<void> {
    let hasEnded = false;
    this.#process.status.then(() => hasEnded = true);
    const giveUpAt = performance.now() + PATIENCE_MS;
    while (true) {
      let cause: unknown;
      try {
        if (await this.ask("PING") === "PONG" && await this.#isMine()) return;
      } catch (error) {
        cause = error;
      }
      if (hasEnded || performance.now() > giveUpAt) {
        throw new Error(`redis-server does not answer on port ${this.port}`, { cause });
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

function spawn(port: number, folder: string, options: RedisOptions): Deno.ChildProcess {
  const { aof = "everysec", password, acl, tls, settings = [] } = options;
  const lines = [
    "bind 127.0.0.1",
    ...tls === undefined ? [`port ${port}`] : useTls(port, folder, tls),
    `dir ${folder}`,
    'save ""',
    ...aof === "none" ? ["appendonly no"] : ["appendonly yes", `appendfsync ${aof}`],
    ...password === undefined ? [] : [`requirepass ${password}`],
    ...acl === undefined ? [] : [`user ${acl}`],
    ...settings,
  ];
  const file = `${folder}/redis.conf`;
  Deno.writeTextFileSync(file, lines.join("\n"));
  const output = { stdin: "null", stdout: "null", stderr: "null" } as const;
  return new Deno.Command("redis-server", { args: [file], ...output }).spawn();
}

/** Writes down what it shows, and returns the settings for it. */
function useTls(port: number, folder: string, { certificate, key }: Certified): string[] {
  const files = { cert: `${folder}/certificate.pem`, key: `${folder}/key.pem` };
  Deno.writeTextFileSync(files.cert, certificate);
  Deno.writeTextFileSync(files.key, key);
  return [
    "port 0",
    `tls-port ${port}`,
    `tls-cert-file ${files.cert}`,
    `tls-key-file ${files.key}`,
    "tls-auth-clients no",
    // For those who are not what is tested.
    `unixsocket ${socketIn(folder)}`,
  ];
}

function socketIn(folder: string): string {
  return `${folder}/redis.sock`;
}

function signal(process: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    process.kill(signal);
  } catch {
    // It has ended already.
  }
}
