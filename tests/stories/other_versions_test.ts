import { assertEquals } from "@std/assert";
import { openLog } from "../../lib/telemetry/log.ts";
import { Peer } from "../support/peer.ts";
import { RedisServer, redisTest } from "../support/redis_server.ts";
import { TestServer } from "../support/server.ts";

redisTest("what a node of another version says that nobody here understands does no harm", async () => {
  await using redis = await RedisServer.start();
  const lines: string[] = [];
  const log = openLog("warn", (line) => lines.push(line));
  await using first = await TestServer.start({ STORE: redis.url }, log);
  await using second = await TestServer.start({ STORE: redis.url }, log);
  await using ann = await Peer.signIn(first, "ann");
  await using bob = await Peer.signIn(second, "bob");
  for (const peer of [ann, bob]) await peer.join("general");
  const letters = [
    { kind: "weather", isSunny: true },
    { kind: "hello", isFresh: true, version: 2 },
    { kind: "beat", load: 0.5 },
    { kind: "question", number: 1, subject: "weather", about: { where: "here" } },
    { kind: "answer", number: 99, answer: "sunny" },
    { kind: "toString" },
  ];
  for (const topic of ["nodes", "room:general"]) {
    for (const letter of letters) {
      const text = JSON.stringify({ ...letter, node: "of another version" });
      await redis.ask("PUBLISH", `parley:bus:${topic}`, `other.0 ${text}`);
    }
  }
  // A newer node may say more with what is published, and use channels of its own.
  await redis.ask("PUBLISH", "parley:bus", "other.7 with words");
  await redis.ask("PUBLISH", "parley:bus:weather", "other.7 sunny");
  for (const [from, to, content] of [[ann, bob, "hello"], [bob, ann, "hi"]] as const) {
    await from.ask({ type: "chat", roomId: "general", content });
    assertEquals((await to.next("chat", (said) => said.content === content)).content, content);
  }
  assertEquals(lines, []);
});
