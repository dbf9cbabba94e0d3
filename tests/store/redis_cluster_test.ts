import { assertRejects } from "@std/assert";
import { RedisStore } from "../../lib/store/redis_store.ts";
import { testStore } from "../contracts/store_contract.ts";
import { RedisServer, withoutRedis } from "../support/redis_server.ts";

// A cluster of one refuses, as every cluster does, what touches keys of several slots.
if (!withoutRedis("what every store promises, of the Redis store in a cluster")) {
  let server: RedisServer;
  let benches = 0;
  Deno.test.beforeAll(async () => {
    server = await RedisServer.start({ aof: "none", settings: ["cluster-enabled yes"] });
    await server.ask("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
    while (!String(await server.ask("CLUSTER", "INFO")).includes("cluster_state:ok")) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
  Deno.test.afterAll(() => server[Symbol.asyncDispose]());

  Deno.test("a cluster of one refuses a script whose keys lie apart", async () => {
    await assertRejects(() => server.ask("EVAL", "return 1", "2", "{a}", "{b}"), Error, "CROSSSLOT");
  });

  testStore("RedisStore, in a cluster", async ({ retention, now }) => {
    return await RedisStore.open(`${server.url}?prefix=test${++benches}:`, retention, { now });
  });
}
