import { tmpdir } from "node:os";
import { join } from "node:path";
import { TokenIssuer } from "../../lib/auth/token_issuer.ts";
import { readConfig } from "../../lib/config.ts";
import { openServer, type Server } from "../../lib/server.ts";
import { type Log, silentLog } from "../../lib/telemetry/log.ts";

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

/** A whole server on a free port of this machine, in this process. */
export class TestServer implements AsyncDisposable {
  readonly server: Server;
  readonly port: number;
  readonly #http: Deno.HttpServer;
  readonly #filesDir: string;

  private constructor(server: Server, http: Deno.HttpServer<Deno.NetAddr>, filesDir: string) {
    this.server = server;
    this.#filesDir = filesDir;
    this.#http = http;
    this.port = http.addr.port;
  }

  /** Starts one with a known secret, in memory, and with rates off unless the settings say otherwise. */
  static async start(
    settings: Record<string, string | undefined> = {},
    log: Log = silentLog,
  ): Promise<TestServer> {
    const filesDir = join(tmpdir(), `parley-files-${crypto.randomUUID()}`);
    const defaults = {
      JWT_SECRET: SECRET,
      STORE: "memory:",
      HOST: "127.0.0.1",
      RATE_CHAT: "off",
      RATE_OTHER: "off",
      FILES_DIR: filesDir,
    };
    const environment: Record<string, string | undefined> = { ...defaults, ...settings };
    const server = await openServer(readConfig((name) => environment[name]), log);
    const http = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, server.fetch);
    return new TestServer(server, http, filesDir);
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  get url(): string {
    return `http://${this.address}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.drain();
    await this.#http.shutdown();
    await this.server[Symbol.asyncDispose]();
    await Deno.remove(this.#filesDir, { recursive: true }).catch(() => {}); // Not there if the test named its own.
  }
}
