import { assert, assertEquals, assertRejects } from "@std/assert";
import { RedisUnavailable } from "../../lib/redis/redis_error.ts";
import { RedisLink } from "../../lib/redis/redis_link.ts";
import { redisScript } from "../../lib/redis/redis_script.ts";
import { RedisServer, redisTest } from "../support/redis_server.ts";
import { TcpProxy } from "../support/tcp_proxy.ts";

const ECHO = redisScript("return {KEYS[1], ARGV[1]}");

/** Waits until there is a connection again. */
async function connected(link: RedisLink): Promise<void> {
  const giveUpAt = performance.now() + 10_000;
  while (!link.isConnected) {
    assert(performance.now() < giveUpAt, "no connection");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

redisTest("RedisLink does what is asked for in one turn in order, scripts too", async () => {
  await using server = await RedisServer.start({ aof: "none" });
  await using link = await RedisLink.open(server.url);
  const script = redisScript("return redis.call('GET', KEYS[1])");
  const replies = await Promise.all([
    link.send("SET", "a", "1"),
    link.run(script, ["a"], []),
    link.send("SET", "a", "ü\u0000"),
    link.run(script, ["a"], []),
  ]);
  assertEquals(replies, ["OK", "1", "OK", "ü\u0000"]);
});

redisTest("RedisLink sends a script again that Redis has forgotten", async () => {
  await using server = await RedisServer.start({ aof: "none" });
  await using link = await RedisLink.open(server.url);
  assertEquals(await link.run(ECHO, ["k"], ["1"]), ["k", "1"]);
  await server.ask("SCRIPT", "FLUSH");
  const replies = await Promise.all(["2", "3", "4"].map((arg) => link.run(ECHO, ["k"], [arg])));
  assertEquals(replies, [["k", "2"], ["k", "3"], ["k", "4"]]);
});

redisTest("RedisLink tells what Redis says against a command, not what it was given", async () => {
  await using server = await RedisServer.start({ aof: "none" });
  await using link = await RedisLink.open(server.url);
  for (const command of [["NOTHING", "a secret"], ["INCR", "a secret"], ["EVAL", "a secret", "0"]]) {
    if (command[0] === "INCR") await link.send("SET", "a secret", "text");
    const error = await assertRejects(() => link.send(...command), Error);
    assert(!(error instanceof RedisUnavailable));
    if (command[0] !== "EVAL") assert(!error.message.includes("secret"), error.message);
  }
});

redisTest(
  "RedisLink tells what a module of Redis says, which does not begin with a word in capitals",
  async () => {
    await using server = await RedisServer.start({ aof: "none" });
    await using link = await RedisLink.open(server.url);
    const error = await assertRejects(() => link.send("EVAL", "return {err = 'no such index'}", "0"), Error);
    assertEquals(error.message, "Redis refuses a command: no such index");
  },
);

redisTest("RedisLink fails what waits when the connection is lost, and sends nothing again", async () => {
  await using server = await RedisServer.start({ aof: "none" });
  await using way = new TcpProxy(server.port);
  await using link = await RedisLink.open(`redis://127.0.0.1:${way.port}`);
  assertEquals(await link.send("INCR", "n"), 1);
  server.freeze();
  const waiting = Array.from(
    { length: 10 },
    () => assertRejects(() => link.send("INCR", "n"), RedisUnavailable),
  );
  way.cut();
  await Promise.all(waiting);
  await assertRejects(() => link.send("INCR", "n"), RedisUnavailable);
  server.thaw();
  await connected(link);
  const now = await link.send("INCR", "n") as number;
  assert(now === 2 || now === 12, `${now}`);
});

redisTest("RedisLink does not take a busy process for a silent Redis", async () => {
  await using server = await RedisServer.start({ aof: "none" });
  await using link = await RedisLink.open(server.url);
  const script = redisScript("return redis.call('INCR', KEYS[1])");
  await link.run(script, ["n"], []);
  const asked = link.run(script, ["n"], []);
  // The command has to be on its way before this process is busy with something else.
  await new Promise((resolve) => setTimeout(resolve, 0));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2600);
  assertEquals(await asked, 2);
  assert(link.isConnected);
});

redisTest("RedisLink notices that nobody answers while nothing is asked for", async () => {
  await using server = await RedisServer.start({ aof: "none" });
  await using way = new TcpProxy(server.port);
  await using link = await RedisLink.open(`redis://127.0.0.1:${way.port}`);
  way.hold();
  const startedAt = performance.now();
  while (link.isConnected) {
    assert(performance.now() - startedAt < 10_000, "still thought to be connected");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  way.heal();
  await connected(link);
  assertEquals(await link.send("PING"), "PONG");
});

redisTest("RedisLink rejects what is asked for after its end", async () => {
  await using server = await RedisServer.start({ aof: "none" });
  const link = await RedisLink.open(server.url);
  const waiting = link.send("PING");
  await link[Symbol.asyncDispose]();
  await assertRejects(() => waiting, RedisUnavailable);
  await assertRejects(() => link.send("PING"), RedisUnavailable);
  await assertRejects(() => link.run(ECHO, ["k"], ["1"]), RedisUnavailable);
});
