import { assert, assertEquals, assertRejects } from "@std/assert";
import { parseRedisAddress } from "../../lib/redis/redis_address.ts";
import { openStore } from "../../lib/store/open_store.ts";
import { RedisStore } from "../../lib/store/redis_store.ts";
import { freePort } from "../support/free_port.ts";
import { RedisServer, redisTest } from "../support/redis_server.ts";
import { draft, UNLIMITED, WHOLE } from "./support/drafts.ts";

redisTest("openStore() opens the Redis of an address, under the names it is told to use", async () => {
  await using server = await RedisServer.start({ password: "päss/w:rd" });
  {
    await using store = await openStore(server.url, UNLIMITED);
    assertEquals(store.kind, "redis");
    await store.append([draft("1")]);
    await using elsewhere = await openStore(`${server.url}/3?prefix=other:`, UNLIMITED);
    assertEquals((await elsewhere.page("a", WHOLE)).head, 0);
  }
  const keys = await server.ask("KEYS", "*") as string[];
  assertEquals(keys.filter((key) => !key.startsWith("parley:")), []);
});

redisTest("openStore() says in one sentence why a Redis cannot be used, without the password", async () => {
  await using server = await RedisServer.start({ password: "right" });
  const { port } = server;
  const closed = freePort();
  const refusals = [
    [`redis://:geheim@127.0.0.1:${port}`, "it does not accept the user and password"],
    [`redis://ann:geheim@127.0.0.1:${port}`, "it does not accept the user and password"],
    [`redis://127.0.0.1:${port}`, "it does not accept the user and password"],
    [`redis://:geheim@127.0.0.1:${closed}`, "it cannot be reached (ECONNREFUSED)"],
    [`redis://:right@127.0.0.1:${port}/77`, 'it answers "ERR DB index is out of range"'],
  ];
  for (const [url, why] of refusals) {
    const { message } = await assertRejects(() => openStore(url, UNLIMITED), Error);
    const where = new URL(url);
    const shown = `redis://127.0.0.1:${where.port}${where.pathname}`;
    assertEquals(message, `Cannot use Redis at ${shown}: ${why}`);
  }
  server.freeze();
  const { message } = await assertRejects(() => openStore(server.url, UNLIMITED), Error);
  assertEquals(message, `Cannot use Redis at redis://127.0.0.1:${port}: it does not answer`);
});

redisTest("RedisStore warns of a Redis that loses what was acknowledged, and of no other", async () => {
  const warnings = async (server: RedisServer) => {
    const texts: string[] = [];
    await using _ = await RedisStore.open(server.url, UNLIMITED, { warn: (text) => texts.push(text) });
    return texts.join("\n");
  };
  await using forgetful = await RedisServer.start({ aof: "none" });
  assert((await warnings(forgetful)).includes("93 %"));
  await using safe = await RedisServer.start();
  assertEquals(await warnings(safe), "");
  await safe.ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
  assert((await warnings(safe)).includes("noeviction"));
});

redisTest("RedisStore needs no more than the keys and channels of its prefix", async () => {
  const acl = "chat on >secret resetkeys ~chat:* resetchannels &chat:* -@all +@read +@write +@scripting " +
    "+@pubsub +@connection +info +time";
  await using server = await RedisServer.start({ acl });
  const url = `redis://chat:secret@127.0.0.1:${server.port}?prefix=chat:`;
  const texts: string[] = [];
  const warn = (text: string) => texts.push(text);
  {
    await using store = await RedisStore.open(url, UNLIMITED, { warn });
    await store.append([draft("1")]);
    assertEquals((await store.page("a", WHOLE)).head, 1);
    assertEquals(texts, []);
  }
  await server.ask("ACL", "SETUSER", "chat", "-info");
  await using store = await RedisStore.open(url, UNLIMITED, { warn });
  await store.append([draft("2")]);
  assertEquals((await store.page("a", WHOLE)).head, 2);
  assertEquals(texts.length, 1);
});

Deno.test("openStore() refuses a Redis that is too old", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    using socket = await listener.accept();
    const buffer = new Uint8Array(10_000);
    for (let size; (size = await socket.read(buffer)) !== null;) {
      const asked = new TextDecoder().decode(buffer.subarray(0, size));
      const info = "redis_version:6.0.16\r\naof_enabled:1\r\nrun_id:1\r\n";
      const answer = asked.includes("INFO") ? `$${info.length}\r\n${info}\r\n` : "%1\r\n+proto\r\n:3\r\n";
      await socket.write(new TextEncoder().encode(answer));
    }
  })();
  const { port } = listener.addr;
  const { message } = await assertRejects(() => openStore(`redis://127.0.0.1:${port}`, UNLIMITED), Error);
  assertEquals(
    message,
    `Cannot use Redis at redis://127.0.0.1:${port}: its version is 6.0.16, and 6.2 is needed`,
  );
  await serving;
});

Deno.test("parseRedisAddress() reads every part of an address", () => {
  const { host, port, isEncrypted, username, password, database, prefix } = parseRedisAddress(
    "rediss://an%40n:p%2Fw@[::1]:7000/5?prefix=x:",
  );
  assertEquals([host, port, isEncrypted, username], ["::1", 7000, true, "an@n"]);
  assertEquals([password, database, prefix], ["p/w", 5, "x:"]);
  const { files } = parseRedisAddress("rediss://localhost?cert=/a%20b.crt&key=c.key");
  assertEquals(files, { cert: "/a b.crt", key: "c.key" });
  assertEquals(parseRedisAddress("redis://localhost?index=off").hasIndex, false);
  const plain = parseRedisAddress("redis://localhost");
  assertEquals([plain.port, plain.isEncrypted, plain.username], [6379, false, undefined]);
  assertEquals([plain.password, plain.database, plain.prefix, plain.files, plain.hasIndex], [
    undefined,
    0,
    "parley:",
    undefined,
    true,
  ]);
});

Deno.test("parseRedisAddress() refuses what is none, without repeating it", async () => {
  const wrong = [
    "redis:",
    "redis://",
    "redis://:geheim@h:99999",
    "redis://:geheim@h/first",
    "redis://:geheim@h?prefix={geheim}",
    "redis://:geheim@h?prefix=geheim*",
    "redis://:geheim@h?password=x",
    "redis://:geheim@h?cert=a.crt&key=a.key",
    "rediss://:geheim@h?cert=a.crt",
    "rediss://:geheim@h?cert=&key=a.key",
    "redis://:geheim@h?index=on",
    "redis://:%E0%A4%A@h",
    "redis://:ge heim@h:x",
  ];
  for (const url of wrong) {
    const { message } = await assertRejects(() => openStore(url, UNLIMITED), Error);
    assert(message.startsWith("Cannot read the address of Redis: "), message);
    assert(!message.includes("geheim") && !message.includes("%E0"), message);
  }
});
