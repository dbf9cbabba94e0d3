import { assert, assertEquals, assertFalse, assertMatch, assertThrows } from "@std/assert";
import { ConfigError, readConfig } from "../../lib/config.ts";
import { VERSION } from "../../lib/version.ts";
import { ChildServer, readLog, runToEnd, type Settings } from "../support/child_server.ts";

const LINE = /^Cannot start: (.+)\.\n$/;
const RSA = { JWT_SECRET: undefined, JWT_ALGORITHM: "RS256" };

/** One value for each setting that cannot be understood. */
const BAD: Record<string, Settings | string> = {
  PORT: "8o8o",
  HOST: "192.0.2.1",
  JWT_SECRET: "x".repeat(31),
  JWT_ALGORITHM: "none",
  JWT_PUBLIC_KEY: { ...RSA, JWT_PUBLIC_KEY: "-----BEGIN PUBLIC KEY-----" },
  JWT_JWKS_URL: { ...RSA, JWT_JWKS_URL: "keys.example.org" },
  JWT_MAX_AGE_SECONDS: "0",
  GUESTS: "yes",
  ORIGINS: "https://chat.example.org/, *",
  STORE: "mongodb://localhost",
  WORKERS: "0",
  ROOM_CREATION: "nobody",
  HISTORY_LIMIT: "-1",
  HISTORY_MAX_AGE_DAYS: "0",
  RECOVERY_LIMIT: "1e3",
  MAX_MESSAGE_BYTES: "64k",
  MAX_SEND_BUFFER_BYTES: "0",
  MAX_CONNECTIONS: "0x10",
  MAX_CONNECTIONS_PER_USER: "0",
  MAX_ROOMS_PER_CONNECTION: "many",
  RATE_CHAT: "10",
  RATE_OTHER: "0/10s",
  AUTH_TIMEOUT_MS: "0",
  HEARTBEAT_MS: "1",
  PRESENCE_GRACE_MS: "5s",
  PRESENCE_DETAIL_LIMIT: "-0",
  MAX_FILE_BYTES: "1.5",
  MAX_USER_FILE_BYTES: "1GiB",
  PAGE: "one",
  SHUTDOWN_TIMEOUT_MS: "10000000000",
  LOG_LEVEL: "loud",
};

/** Settings that may be anything. */
const FREE = ["API_KEY", "JWT_ISSUER", "JWT_AUDIENCE", "FILES_DIR"];

Deno.test("a setting that cannot be understood stops the start with one sentence that names it", async (t) => {
  await t.step("all settings are tried", async () => {
    const source = await Deno.readTextFile(new URL("../../lib/config.ts", import.meta.url));
    const names = source.matchAll(/read\.\w+(?:<\w+>)?\("([A-Z_]+)"/g).map(([, name]) => name);
    assertEquals([...Object.keys(BAD), ...FREE].sort(), [...new Set(names)].sort());
  });
  for (const [name, bad] of Object.entries(BAD)) {
    await t.step(name, async () => {
      const { code, stdout, stderr } = await runToEnd(typeof bad === "string" ? { [name]: bad } : bad);
      assertEquals([code, stdout], [1, ""]);
      assertMatch(stderr, LINE);
      assert(stderr.includes(name), stderr);
    });
  }
});

Deno.test("a secret that is too short or empty is refused, and not repeated", async (t) => {
  for (const secret of ["", "short and sweet", "ä".repeat(15)]) {
    await t.step(`${secret.length} characters`, async () => {
      const { code, stdout, stderr } = await runToEnd({ JWT_SECRET: secret });
      assertEquals([code, stdout], [1, ""]);
      assertEquals(stderr, "Cannot start: JWT_SECRET must be at least 32 bytes long.\n");
    });
  }
});

Deno.test("settings that contradict each other, or what is there, stop the start", async (t) => {
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, "This is no database. ".repeat(100));
  const cases: readonly (readonly [string, Settings])[] = [
    ["JWT_ALGORITHM", { JWT_PUBLIC_KEY: "x" }],
    ["JWT_PUBLIC_KEY", { JWT_ALGORITHM: "ES256" }],
    ["JWT_JWKS_URL", { ...RSA, JWT_PUBLIC_KEY: "x", JWT_JWKS_URL: "http://localhost/keys" }],
    ["GUESTS", { ...RSA, JWT_JWKS_URL: "http://localhost/keys", GUESTS: "on" }],
    ["STORE", { STORE: `sqlite:${file}` }],
    ["STORE", { STORE: `sqlite:${file}/log.db` }],
  ];
  for (const [name, settings] of cases) {
    await t.step(JSON.stringify(settings), async () => {
      const { code, stdout, stderr } = await runToEnd(settings);
      assertEquals([code, stdout], [1, ""]);
      assertMatch(stderr, LINE);
      assert(stderr.includes(name), stderr);
    });
  }
  assert((await Deno.readTextFile(file)).startsWith("This is no database. "), "the file is as it was");
  await Deno.remove(file);
});

Deno.test("a port that is taken stops the start with one sentence, and whoever has it keeps it", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const PORT = `${taken.addr.port}`;
  const { code, stdout, stderr } = await runToEnd({ PORT });
  assertEquals([code, stdout], [1, ""]);
  assertEquals(stderr, `Cannot start: PORT ${PORT} is taken; set PORT to another one.\n`);
});

Deno.test("a setting that is no text is named, and not repeated", () => {
  const environment = (name: string) => {
    if (name === "API_KEY") throw new Error('environment variable was not valid unicode: "secret\\xFF"');
    return undefined;
  };
  assertThrows(() => readConfig(environment), ConfigError, "API_KEY must be UTF-8");
});

Deno.test("the start says where to go, who may come in, and where it is kept", async (t) => {
  const greeting = async (settings: Settings) => {
    await using server = await ChildServer.start(settings);
    const { status } = await fetch(`${server.url}/ready`, { method: "HEAD" });
    assertEquals(status, 200);
    const guests = await fetch(`${server.url}/api/token`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"username":"ann"}',
    });
    await guests.body?.cancel();
    server.signal("SIGTERM");
    const { stdout, stderr } = await server.ended;
    const log = readLog(stderr);
    assertEquals(log.map(({ event }) => event), ["started", "draining", "drained", "stopped"]);
    const { HOST = "127.0.0.1" } = settings;
    const started = { version: VERSION, host: HOST, port: server.port, store: "memory", workers: 1 };
    assertEquals(log[0], { level: "info", event: "started", ...started });
    assertEquals([log[1].connections, log[2].stalled, log[3].inTime], [0, 0, true]);
    return { stdout, port: server.port, guests: guests.status };
  };
  await t.step("with a secret", async () => {
    const { stdout, port, guests } = await greeting({});
    assert(stdout.startsWith(`Parley is running. Open http://localhost:${port}/\n`), stdout);
    assertFalse(/demo|guest/i.test(stdout), stdout);
    assertEquals(guests, 404);
  });
  await t.step("without one", async () => {
    const { stdout, guests } = await greeting({ JWT_SECRET: undefined, HOST: undefined });
    assertMatch(stdout, /demo: no JWT_SECRET is set.*from this machine.*guest/);
    assertEquals(guests, 200);
  });
  await t.step("without one, for everybody", async () => {
    const { stdout } = await greeting({ JWT_SECRET: undefined, HOST: "0.0.0.0" });
    assertMatch(stdout, /demo: no JWT_SECRET is set.*who can reach this address.*guest/);
  });
});

Deno.test("where only warnings are asked for, a good life leaves no line", async () => {
  await using server = await ChildServer.start({ LOG_LEVEL: "warn" });
  server.signal("SIGTERM");
  assertEquals((await server.ended).stderr, "");
});

Deno.test("a name that is nearly that of a setting is told at the start", async () => {
  await using server = await ChildServer.start({ MAX_MESAGE_BYTES: "2048" });
  const { level, event, text } = JSON.parse(await server.logged(/setting_unknown/));
  assertEquals([level, event], ["warn", "setting_unknown"]);
  assertEquals(text, "MAX_MESAGE_BYTES is not a setting: is MAX_MESSAGE_BYTES meant?");
});
