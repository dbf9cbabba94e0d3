import { TokenIssuer } from "../../lib/auth/token_issuer.ts";
import { RedisServer } from "../support/redis_server.ts";
import type { Entrance } from "./raw_member.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const SECRET = "a secret for measuring, at least 32 bytes";

/** What is measured: this project's server in one of its kinds, or the bare control. */
export type Kind = "parley" | "parley-sqlite" | "parley-plain" | "control";

/** How this project's server is started; the control is always one process of one thread. */
export interface Setup {
  /** @default 1 */
  readonly workers?: number;
  /** Processes that share a Redis. @default 1 */
  readonly nodes?: number;
  /** Settings that differ from what is usual here. */
  readonly settings?: Readonly<Record<string, string>>;
}

interface Node {
  readonly process: Deno.ChildProcess;
  readonly port: number;
}

/** A server as processes of its own, whose use of the processor and of memory can be read. */
export class BenchServer implements AsyncDisposable {
  readonly kind: Kind;
  readonly #nodes: readonly Node[];
  readonly #issuer: TokenIssuer;
  readonly #opened: AsyncDisposableStack;

  private constructor(kind: Kind, nodes: readonly Node[], issuer: TokenIssuer, opened: AsyncDisposableStack) {
    this.kind = kind;
    this.#nodes = nodes;
    this.#issuer = issuer;
    this.#opened = opened;
  }

  static async start(kind: Kind, setup: Setup = {}): Promise<BenchServer> {
    await using opened = new AsyncDisposableStack();
    const folder = await Deno.makeTempDir({ prefix: "parley_bench_" });
    opened.defer(() => Deno.remove(folder, { recursive: true }));
    const settings = {
      PORT: "0",
      JWT_SECRET: SECRET,
      HOST: "127.0.0.1",
      STORE: await openStore(kind, setup, folder, opened),
      WORKERS: String(setup.workers ?? 1),
      HEARTBEAT_MS: "600000", // The members answer no pings.
      RATE_CHAT: "off",
      RATE_OTHER: "off",
      PRESENCE_GRACE_MS: "0",
      FILES_DIR: `${folder}/files`,
      PAGE: "modules", // Nobody looks at it, and making it small takes memory and time.
      LOG_LEVEL: "warn",
      ...setup.settings,
    };
    const nodes: Node[] = [];
    for (let i = 0; i < (kind === "control" ? 1 : setup.nodes ?? 1); i++) {
      const node = await startNode(kind, settings);
      nodes.push(node);
      opened.defer(async () => {
        node.process.kill("SIGKILL");
        await node.process.status;
      });
    }
    return new BenchServer(kind, nodes, await TokenIssuer.open(SECRET), opened.move());
  }

  /** How member number `i` is let in. */
  async entrance(i: number): Promise<Entrance> {
    const { port } = this.#nodes[i % this.#nodes.length];
    if (this.kind === "control") return { port, path: "/" };
    const { token } = await this.#issuer.issue({ userId: `u${i}`, username: `User ${i}`, ttlSeconds: 3600 });
    if (this.kind === "parley-plain") return { port, path: `/?token=${token}` };
    return { port, path: "/ws", protocols: `parley.v1, bearer.${token}` };
  }

  /** Seconds of processor time so far, of all processes and threads, user and system together. */
  async cpuSeconds(): Promise<number> {
    return await this.#sum(async (pid) => {
      const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return (Number(fields[11]) + Number(fields[12])) / 100; // In ticks, of which Linux counts 100 a second.
    });
  }

  /** Bytes of memory in use. */
  async residentBytes(): Promise<number> {
    return await this.#sum(async (pid) => {
      const status = await Deno.readTextFile(`/proc/${pid}/status`);
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync();
  }

  async #sum(read: (pid: number) => Promise<number>): Promise<number> {
    const values = await Promise.all(this.#nodes.map(({ process }) => read(process.pid)));
    return values.reduce((sum, value) => sum + value, 0);
  }
}

/** What several nodes or workers share, or one has for itself. */
async function openStore(
  kind: Kind,
  { workers = 1, nodes = 1 }: Setup,
  folder: string,
  opened: AsyncDisposableStack,
): Promise<string> {
  if (kind === "control") return "memory:";
  if (nodes > 1) return opened.use(await RedisServer.start()).url;
  return workers > 1 || kind === "parley-sqlite" ? `sqlite:${folder}/parley.db` : "memory:";
}

async function startNode(kind: Kind, settings: Record<string, string>): Promise<Node> {
  const program = kind === "control" ? "tests/bench/control_server.ts" : "main.ts";
  const flags = ["-A", "--no-check", "--unstable-net", "--unstable-kv", ...await setFlags()];
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", ...flags, program],
    cwd: ROOT,
    env: settings,
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  return { process, port: Number(new URL(await firstAddress(process.stdout)).port) };
}

/** The flags with which every task runs, here and now. */
async function setFlags(): Promise<string[]> {
  const args = ["run", "-qA", "lib/without_jsr/flags.ts"];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args, cwd: ROOT, stderr: "null" }).output();
  return new TextDecoder().decode(stdout).split(/\s+/).filter((flag) => flag !== "");
}

/** Reads the output until it names an address, and lets the rest go. */
async function firstAddress(output: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of output) {
    text += decoder.decode(chunk, { stream: true });
    const address = /http:\/\/\S+/.exec(text)?.[0];
    if (address !== undefined) return address;
  }
  throw new Error(`The server said no address: ${text}`);
}
