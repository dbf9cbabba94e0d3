import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { stub } from "@std/testing/mock";
import { askRedis } from "./redis_reply.ts";
import { RedisServer, redisTest } from "./redis_server.ts";
import { TcpProxy } from "./tcp_proxy.ts";

redisTest("RedisServer takes another port where somebody else has taken the one it was to have", async () => {
  await using first = await RedisServer.start({ aof: "none" });
  const { port } = first;
  const listen = Deno.listen;
  let looks = 0;
  const found = () => looks++ > 0 ? listen({ port: 0 }) : { addr: { port }, [Symbol.dispose]() {} };
  using _ = stub(Deno, "listen", found as unknown as typeof Deno.listen);
  await using second = await RedisServer.start({ aof: "none" });
  assertNotEquals(second.port, port);
  await second.ask("SET", "a", "1");
  assertEquals(await first.ask("GET", "a"), null);
});

redisTest("RedisServer keeps what it was told over a kill, if it has an append-only file", async () => {
  await using redis = await RedisServer.start({ aof: "always" });
  await redis.ask("SET", "a", "漢字\r\n$1");
  await redis.kill();
  await assertRejects(() => redis.ask("PING"));
  await redis.restart();
  assertEquals(await redis.ask("GET", "a"), "漢字\r\n$1");
  await redis.flush();
  assertEquals(await redis.ask("GET", "a"), null);
});

redisTest("RedisServer forgets what it was told over a kill, if it has none", async () => {
  await using redis = await RedisServer.start({ aof: "none" });
  await redis.ask("SET", "a", "1");
  await redis.restart();
  assertEquals(await redis.ask("KEYS", "*"), []);
});

redisTest("RedisServer lets in who has the password, with the powers they have", async () => {
  await using redis = await RedisServer.start({ password: "s", acl: "parley on >t ~chat:* +set" });
  await assertRejects(() => askRedis(redis.port, [["PING"]]), Error, "NOAUTH");
  await assertRejects(
    () => askRedis(redis.port, [["AUTH", "parley", "t"], ["SET", "a", "1"]]),
    Error,
    "NOPERM",
  );
  assertEquals(await askRedis(redis.port, [["AUTH", "parley", "t"], ["SET", "chat:a", "1"]]), "OK");
});

redisTest("RedisServer answers nothing while it is frozen, and everything afterwards", async () => {
  await using redis = await RedisServer.start({ aof: "none" });
  redis.freeze();
  let isAnswered = false;
  const answered = redis.ask("PING").then((answer) => {
    isAnswered = true;
    return answer;
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert(!isAnswered);
  redis.thaw();
  assertEquals(await answered, "PONG");
});

redisTest("TcpProxy cuts what is meant, refuses, holds up and heals", async () => {
  await using redis = await RedisServer.start({ aof: "none" });
  await using proxy = new TcpProxy(redis.port);
  const wait = () => askRedis(proxy.port, [["BLPOP", "nothing", "0"]]);
  const waiting = async () => /^blocked_clients:(\d+)/m.exec(String(await redis.ask("INFO", "clients")))?.[1];
  const [first, second] = [assertRejects(wait), assertRejects(wait)];
  while (await waiting() !== "2");
  proxy.cut((nth) => nth === 0);
  await Promise.race([first, second]);
  while (await waiting() !== "1");
  proxy.refuse();
  await Promise.all([first, second]);
  await assertRejects(() => askRedis(proxy.port, [["PING"]]));
  proxy.heal();
  assertEquals(await askRedis(proxy.port, [["PING"]]), "PONG");
  proxy.hold();
  const late = askRedis(proxy.port, [["INCR", "b"]]);
  assertEquals(await redis.ask("GET", "b"), null);
  proxy.heal();
  assertEquals(await late, 1);
});
