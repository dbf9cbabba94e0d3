import { assertEquals, assertRejects } from "@std/assert";
import { openLog } from "../../lib/telemetry/log.ts";
import { Peer } from "../support/peer.ts";
import { readmeRights } from "../support/readme.ts";
import { RedisServer, redisTest } from "../support/redis_server.ts";
import { TestServer } from "../support/server.ts";

redisTest("a user of Redis with the rights that the README names can do everything", async () => {
  const rights = (await readmeRights()).join(" ");
  await using redis = await RedisServer.start({ acl: `chat on >secret resetchannels ${rights}` });
  const settings = {
    STORE: `redis://chat:secret@127.0.0.1:${redis.port}`,
    RATE_CHAT: "100/1s",
    RATE_OTHER: "100/1s",
  };
  const lines: string[] = [];
  const log = openLog("warn", (line) => lines.push(line));
  await using first = await TestServer.start(settings, log);
  await using second = await TestServer.start(settings, log);
  await using ann = await Peer.signIn(first, "ann");
  await using bob = await Peer.signIn(second, "bob");
  await ann.ask({ type: "create", roomId: "vault", password: "open sesame" });
  await ann.join("vault");
  assertEquals((await bob.ask({ type: "join", roomId: "vault", password: "wrong" })).type, "error");
  await bob.join("vault", { password: "open sesame" });
  const { seq } = await ann.ask({ type: "chat", roomId: "vault", content: "hello" });
  assertEquals((await bob.next("chat")).seq, seq);
  await bob.ask({ type: "receipt", roomId: "vault", seq, status: "read" });
  await ann.next("receipt");
  const { results } = await bob.ask({ type: "search", query: "hello" });
  assertEquals((results as unknown[]).length, 1);
  assertEquals(
    (await ann.ask({ type: "moderate", action: "kick", roomId: "vault", userId: "bob" })).type,
    "moderated",
  );
  await redis.ask("PUBLISH", "parley:notifications", '{"userId":"bob","title":"Out","body":"you are"}');
  await bob.next("notification");
  assertEquals(lines, []);
});

redisTest("a user of Redis that lacks a right is told at the start which", async () => {
  const rights = await readmeRights();
  await using redis = await RedisServer.start();
  const start = async (user: string) => {
    const STORE = `redis://${user}:secret@127.0.0.1:${redis.port}`;
    await using _ = await TestServer.start({ STORE });
  };
  const grant = (user: string, some: readonly string[]) =>
    redis.ask("ACL", "SETUSER", user, "on", ">secret", "resetchannels", ...some);
  const told = (lacking: readonly string[]) =>
    `STORE cannot be used: Cannot use Redis at redis://127.0.0.1:${redis.port}: ` +
    `the user lacks these rights: ${lacking.join(" ")}`;
  for (const [i, right] of rights.entries()) {
    await grant(`user${i}`, rights.toSpliced(i, 1));
    // Without this one the server starts, and warns.
    if (right === "+info") await start(`user${i}`);
    else assertEquals((await assertRejects(() => start(`user${i}`), Error)).message, told([right]));
  }
  await grant("poor", ["+@connection", "+@read", "+info", "~parley:*"]);
  const { message } = await assertRejects(() => start("poor"), Error);
  assertEquals(message, told(["+@write", "+@scripting", "+@pubsub", "+time"]));
});
