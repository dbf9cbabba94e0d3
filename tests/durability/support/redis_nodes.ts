import { type RedisOptions, RedisServer } from "../../support/redis_server.ts";
import { makeToken, TestServer } from "../../support/server.ts";
import { TcpProxy } from "../../support/tcp_proxy.ts";
import { Link } from "./link.ts";

/** Two nodes of one server on one Redis, each with a way to it of its own. */
export class RedisNodes implements AsyncDisposable {
  readonly redis: RedisServer;
  readonly ways: readonly TcpProxy[];
  readonly servers: readonly TestServer[];
  readonly #opened: AsyncDisposableStack;

  private constructor(
    redis: RedisServer,
    ways: readonly TcpProxy[],
    servers: readonly TestServer[],
    opened: AsyncDisposableStack,
  ) {
    this.redis = redis;
    this.ways = ways;
    this.servers = servers;
    this.#opened = opened;
  }

  static async open(
    options: RedisOptions = {},
    more: Readonly<Record<string, string>> = {},
  ): Promise<RedisNodes> {
    await using opened = new AsyncDisposableStack();
    const redis = opened.use(await RedisServer.start(options));
    const ways: TcpProxy[] = [];
    const servers: TestServer[] = [];
    for (let i = 0; i < 2; i++) {
      const way = opened.use(new TcpProxy(redis.port));
      const settings = {
        STORE: `redis://127.0.0.1:${way.port}`,
        RECOVERY_LIMIT: "2000",
        // Counted, and never too much.
        RATE_CHAT: "1000000/1s",
        RATE_OTHER: "1000000/1s",
        ...more,
      };
      servers.push(opened.use(await TestServer.start(settings)));
      ways.push(way);
    }
    return new RedisNodes(redis, ways, servers, opened.move());
  }

  /** Where somebody goes, one after the other to each node. */
  readonly addressOf = (nth: number): string => this.servers[nth % this.servers.length].address;

  /** Waits until every node lets people into a room again; rejects if that takes longer than it may. */
  async areBack(atMostMs: number): Promise<void> {
    const giveUpAt = performance.now() + atMostMs;
    const token = await makeToken("porter");
    for (const { address } of this.servers) {
      while (!await isOpen(address, token)) {
        if (performance.now() > giveUpAt) throw new Error(`A node is not back after ${atMostMs} ms`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync();
  }
}

/** Whether somebody can join a room now. */
async function isOpen(address: string, token: string): Promise<boolean> {
  const { promise: joined, resolve } = Promise.withResolvers<boolean>();
  const link = await Link.open(address, token, {
    hear(lines) {
      for (const line of lines) {
        if (line.startsWith('{"type":"joined"')) resolve(true);
        if (line.startsWith('{"type":"error"')) resolve(false);
      }
    },
  });
  if (link === undefined) return false;
  link.send([{ type: "join", roomId: "the porter's" }]);
  const isIn = await Promise.race([joined, link.closed.then(() => false)]);
  link.cut();
  await link.closed;
  return isIn;
}
