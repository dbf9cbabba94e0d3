import { RedisServer } from "../../support/redis_server.ts";
import { TestServer } from "../../support/server.ts";
import { TcpProxy } from "../../support/tcp_proxy.ts";

/** Nodes of one server on one Redis, each with a way to it of its own. */
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

  static async open(count = 2): Promise<RedisNodes> {
    await using opened = new AsyncDisposableStack();
    const redis = opened.use(await RedisServer.start());
    const ways: TcpProxy[] = [];
    const servers: TestServer[] = [];
    for (let i = 0; i < count; i++) {
      const way = opened.use(new TcpProxy(redis.port));
      const settings = { STORE: `redis://127.0.0.1:${way.port}`, RECOVERY_LIMIT: "2000" };
      servers.push(opened.use(await TestServer.start(settings)));
      ways.push(way);
    }
    return new RedisNodes(redis, ways, servers, opened.move());
  }

  /** Where somebody goes, one after the other to each node. */
  readonly addressOf = (nth: number): string => this.servers[nth % this.servers.length].address;

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync();
  }
}
