import { assert, assertEquals } from "@std/assert";
import { API_KEY, ApiClient } from "../support/api_client.ts";
import { Peer } from "../support/peer.ts";
import { RedisServer, redisTest } from "../support/redis_server.ts";
import { makeToken, TestServer } from "../support/server.ts";

async function statusOf(server: TestServer): Promise<string> {
  return (await (await fetch(`${server.url}/health`)).json()).status;
}

redisTest(
  "a server whose Redis is gone says so before anybody asks for something, and when it is back",
  async () => {
    await using redis = await RedisServer.start();
    await using server = await TestServer.start({ STORE: redis.url });
    const until = async (status: string) => {
      const deadline = Date.now() + 10_000;
      while (await statusOf(server) !== status) assert(Date.now() < deadline, status);
    };
    await redis.kill();
    await until("degraded");
    await redis.restart();
    await until("ok");
  },
);

redisTest("what must reach every node is refused while none can be reached", async () => {
  await using redis = await RedisServer.start();
  await using server = await TestServer.start({ STORE: redis.url, API_KEY });
  await using ann = await Peer.signIn(server, "ann");
  await ann.join("hall");
  const client = ApiClient.withKey(server);
  await redis.kill();
  while (await statusOf(server) !== "degraded");
  for (
    const [path, body] of [
      ["/api/users/ann/events", { event: "e", data: 1 }],
      ["/api/rooms/hall/events", { event: "e", data: 1 }],
      ["/api/users/ann/notifications", { title: "t", body: "b" }],
      ["/api/users/ann/disconnect", {}],
    ] as const
  ) {
    const reply = await client.post(path, body);
    assertEquals([path, reply.status, reply.body.code], [path, 503, "unavailable"]);
  }
  assertEquals((await ann.ask({ type: "ping" })).type, "pong");
});

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
