import { TokenIssuer } from "../../lib/auth/token_issuer.ts";
import type { Entrance } from "./raw_member.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const SECRET = "a secret for measuring, at least 32 bytes";

/** What is measured: this project's server in one of its kinds, or the bare control. */
export type Kind = "parley" | "parley-sqlite" | "parley-plain" | "control";

/** A server as a process of its own, whose use of the processor and of memory can be read. */
export class BenchServer implements AsyncDisposable {
  readonly kind: Kind;
  readonly url: string;
  readonly #process: Deno.ChildProcess;
  readonly #folder: string;
  readonly #issuer: TokenIssuer;

  private constructor(
    kind: Kind,
    url: string,
    process: Deno.ChildProcess,
    folder: string,
    issuer: TokenIssuer,
  ) {
    this.kind = kind;
    this.url = url;
    this.#process = process;
    this.#folder = folder;
    this.#issuer = issuer;
  }

  static async start(kind: Kind): Promise<BenchServer> {
    const folder = await Deno.makeTempDir({ prefix: "parley_bench_" });
    const settings = {
      PORT: "0",
      JWT_SECRET: SECRET,
      HOST: "127.0.0.1",
      STORE: kind === "parley-sqlite" ? `sqlite:${folder}/parley.db` : "memory:",
      RATE_CHAT: "off",
      RATE_OTHER: "off",
      PRESENCE_GRACE_MS: "0",
      LOG_LEVEL: "warn",
    };
    const process = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--unstable-net", ...await setFlags(), program(kind)],
      cwd: ROOT,
      env: settings,
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const url = await firstAddress(process.stdout);
    return new BenchServer(kind, url, process, folder, await TokenIssuer.open(SECRET));
  }

  /** How member number `i` is let in. */
  async entrance(i: number): Promise<Entrance> {
    const port = Number(new URL(this.url).port);
    if (this.kind === "control") return { port, path: "/" };
    const { token } = await this.#issuer.issue({ userId: `u${i}`, username: `User ${i}`, ttlSeconds: 3600 });
    if (this.kind === "parley-plain") return { port, path: `/?token=${token}` };
    return { port, path: "/ws", protocols: `parley.v1, bearer.${token}` };
  }

  /** Seconds of processor time so far, user and system together. */
  async cpuSeconds(): Promise<number> {
    const stat = await Deno.readTextFile(`/proc/${this.#process.pid}/stat`);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100; // In ticks, of which Linux counts 100 a second.
  }

  /** Bytes of memory in use. */
  async residentBytes(): Promise<number> {
    const status = await Deno.readTextFile(`/proc/${this.#process.pid}/status`);
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.status;
    await Deno.remove(this.#folder, { recursive: true });
  }
}

function program(kind: Kind): string {
  return kind === "control" ? "tests/bench/control_server.ts" : "main.ts";
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
    if (address !== undefined) return address.replace("localhost", "127.0.0.1");
  }
  throw new Error(`The server said no address: ${text}`);
}
