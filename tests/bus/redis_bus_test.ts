import { RedisBus } from "../../lib/bus/redis_bus.ts";
import { testBus } from "../contracts/bus_contract.ts";
import { RedisServer, withoutRedis } from "../support/redis_server.ts";

testBus("RedisBus", async () => {
  const opened = new AsyncDisposableStack();
  const redis = opened.use(await RedisServer.start({ aof: "none" }));
  const buses: RedisBus[] = [];
  for (let i = 0; i < 3; i++) buses.push(opened.use(await RedisBus.open(redis.url)));
  return {
    buses,
    lose: () => redis.cutSubscribers(),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}, { ignore: withoutRedis("RedisBus") });
