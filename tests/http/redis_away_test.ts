import { assertEquals } from "@std/assert";
import { Peer } from "../support/peer.ts";
import { RedisServer, redisTest } from "../support/redis_server.ts";
import { makeToken, TestServer } from "../support/server.ts";

async function statusOf(server: TestServer): Promise<string> {
  return (await (await fetch(`${server.url}/health`)).json()).status;
}

redisTest("a server whose Redis is gone says so from the first person it cannot let in", async () => {
  await using redis = await RedisServer.start();
  await using server = await TestServer.start({ STORE: redis.url });
  assertEquals(await statusOf(server), "ok");
  await redis.kill();
  const protocols = ["parley.v1", `bearer.${await makeToken("ann")}`];
  await using ann = await Peer.open(server, { protocols });
  await ann.closed;
  assertEquals(await statusOf(server), "degraded");
});
