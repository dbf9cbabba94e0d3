import { tmpdir } from "node:os";
import { join } from "node:path";
import { TokenIssuer } from "../../lib/auth/token_issuer.ts";
import { readConfig } from "../../lib/config.ts";
import { openServer, type Server } from "../../lib/server.ts";
import { type Log, silentLog } from "../../lib/telemetry/log.ts";
import { ALONE, openTestCluster, type TestCluster } from "./test_cluster.ts";
import { TestNode } from "./test_node.ts";

export const SECRET = "a secret for tests, 32 bytes and more";

/** Who a token is for; `ttlSeconds` is an hour unless given. */
export interface TokenFor {
  readonly role?: "admin";
  readonly rooms?: string[];
  readonly username?: string;
  readonly ttlSeconds?: number;
}

/** Makes a token that a {@linkcode TestServer} lets in; the display name is the user id unless given. */
export async function makeToken(userId: string, request: TokenFor = {}): Promise<string> {
  const issuer = await TokenIssuer.open(SECRET);
  return (await issuer.issue({ userId, username: userId, ttlSeconds: 3600, ...request })).token;
}

/**
 * A whole server on a free port of this machine, in this process.
 *
 * Where `PARLEY_TEST_NODES` says so it is several nodes instead, and every look at its address finds the next of them:
 * what people do in a story is then spread over all.
 */
export class TestServer implements AsyncDisposable {
  readonly nodes: readonly TestNode[];
  readonly #resources: AsyncDisposableStack;
  #looks = 0;

  private constructor(nodes: readonly TestNode[], resources: AsyncDisposableStack) {
    this.nodes = nodes;
    this.#resources = resources;
  }

  /**
   * Starts one with a known secret, in memory, and with rates off unless the settings say otherwise.
   *
   * @param among What it is made of, where the test says so itself
   */
  static async start(
    settings: Record<string, string | undefined> = {},
    log: Log = silentLog,
    among?: TestCluster,
  ): Promise<TestServer> {
    await using resources = new AsyncDisposableStack();
    const filesDir = join(tmpdir(), `parley-files-${crypto.randomUUID()}`);
    // Not there if the test named its own.
    resources.defer(() => Deno.remove(filesDir, { recursive: true }).catch(() => {}));
    const cluster = among ?? (settings.STORE === undefined ? await openTestCluster(resources) : ALONE);
    const defaults = {
      JWT_SECRET: SECRET,
      STORE: cluster.store,
      HOST: "127.0.0.1",
      RATE_CHAT: "off",
      RATE_OTHER: "off",
      FILES_DIR: filesDir,
    };
    const environment: Record<string, string | undefined> = { ...defaults, ...settings };
    const config = readConfig((name) => environment[name]);
    const opened = await Promise.allSettled(
      cluster.nodes.map((node) => openServer(config, log, undefined, node)),
    );
    const servers = opened.filter((outcome) => outcome.status === "fulfilled").map(({ value }) => value);
    const failed = opened.find((outcome) => outcome.status === "rejected");
    if (failed !== undefined) {
      for (const server of servers) await server[Symbol.asyncDispose]();
      throw failed.reason;
    }
    return new TestServer(servers.map((server) => new TestNode(server)), resources.move());
  }

  /** The nodes as one. */
  get server(): Pick<Server, "fetch" | "drain" | "surprised"> {
    return {
      fetch: this.nodes[0].server.fetch,
      drain: async () => void await Promise.all(this.nodes.map(({ server }) => server.drain())),
      surprised: (stage, error) => this.nodes[0].server.surprised(stage, error),
    };
  }

  get port(): number {
    return this.nodes[this.#looks++ % this.nodes.length].port;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  get url(): string {
    return `http://${this.address}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const node of this.nodes) await node[Symbol.asyncDispose]();
    await this.#resources.disposeAsync();
  }
}
