import { RedisStore } from "../../lib/store/redis_store.ts";
import { testStore } from "../contracts/store_contract.ts";
import { RedisServer, withoutRedis } from "../support/redis_server.ts";

if (!withoutRedis("what every store promises, of the Redis store")) {
  let server: RedisServer;
  let benches = 0;
  Deno.test.beforeAll(async () => void (server = await RedisServer.start({ aof: "none" })));
  Deno.test.afterAll(() => server[Symbol.asyncDispose]());

  testStore("RedisStore", async ({ retention, now }) => {
    return await RedisStore.open(`${server.url}?prefix=test${++benches}:`, retention, { now });
  });
}
