import type { Server } from "../../lib/server.ts";

/** A server of this process, and where it listens on this machine. */
export class TestNode implements AsyncDisposable {
  readonly server: Server;
  readonly #http: Deno.HttpServer<Deno.NetAddr>;

  constructor(server: Server) {
    this.server = server;
    this.#http = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, server.fetch);
  }

  get port(): number {
    return this.#http.addr.port;
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
  }
}
