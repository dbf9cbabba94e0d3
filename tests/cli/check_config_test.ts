import { assert, assertEquals } from "@std/assert";
import { checkConfig } from "../../lib/cli/check_config.ts";
import { readSettings } from "../../lib/cli/settings.ts";
import { readConfig } from "../../lib/config.ts";
import { run } from "./fake_terminal.ts";

const SECRET = "k7GfW2pQ9sLx4Rz8Tv1Ny6Bm3Hc5Jd0a";
const QUIET = { JWT_SECRET: SECRET };

async function check(variables: Record<string, string> = {}) {
  const { code, printed } = await run(checkConfig, [], variables);
  const rows = printed.map((line) => /^([A-Z_]+) +(default|set) +(.*)$/.exec(line)).filter((row) =>
    row !== null
  );
  return {
    code,
    text: printed.join("\n"),
    rows: new Map(rows.map(([, name, source, value]) => [name, [source, value]])),
    odd: printed.filter((line) => line.startsWith("odd: ")).map((line) => line.slice(5)),
    wrong: printed.filter((line) => line.startsWith("wrong: ")).map((line) => line.slice(7)),
  };
}

Deno.test("every setting is shown, with where it comes from", async () => {
  const { code, rows, odd, wrong, text } = await check();
  const names = new Set<string>();
  readConfig((name) => void names.add(name));
  assertEquals([...rows.keys()].sort(), [...names].sort());
  assert([...rows.values()].every(([source]) => source === "default"));
  assertEquals([code, odd, wrong], [0, [], []]);
  assert(text.endsWith("A server would start with these."));
});

Deno.test("no setting but those without a default is shown as none", () => {
  const none = readSettings(() => undefined).settings.filter(({ value }) => value === "none").map((
    { name },
  ) => name);
  assertEquals(none, ["JWT_PUBLIC_KEY", "JWT_JWKS_URL", "JWT_ISSUER", "JWT_AUDIENCE", "API_KEY"]);
});

Deno.test("values are shown as they are set", async () => {
  const set = {
    PORT: "0",
    GUESTS: "off",
    ORIGINS: "https://a.example,https://b.example",
    HISTORY_MAX_AGE_DAYS: "30",
    RATE_CHAT: "1500/500ms",
    RATE_OTHER: "100/1m",
    JWT_ISSUER: " me ",
    LOG_LEVEL: "warn",
  };
  const { rows } = await check(set);
  for (const name of Object.keys(set)) assertEquals(rows.get(name)?.[0], "set", name);
  assertEquals(
    Object.keys(set).map((name) => rows.get(name)?.[1]),
    ["0", "off", "https://a.example, https://b.example", "30", "1500/500ms", "100/60s", "me", "warn"],
  );
  assertEquals((await check({ RATE_CHAT: "off", PORT: "  " })).rows.get("RATE_CHAT"), ["set", "off"]);
  assertEquals((await check({ PORT: "  " })).rows.get("PORT"), ["default", "8080"]);
});

Deno.test("secrets are hidden, wherever they stand", async () => {
  const { text, rows } = await check({
    JWT_SECRET: SECRET,
    API_KEY: "aB3dE5fG7hI9jK1lM2",
    STORE: "redis://user:p@ss:hunter2@host:6379",
  });
  for (const secret of [SECRET, "aB3dE5fG7hI9jK1lM2", "hunter2", "p@ss"]) {
    assert(!text.includes(secret), secret);
  }
  assertEquals(rows.get("JWT_SECRET"), ["set", "hidden, 32 bytes"]);
  assertEquals(rows.get("STORE"), ["set", "redis://hidden@host:6379"]);
});

Deno.test("everything that cannot be understood is told at once, and ends with 1", async () => {
  const { code, wrong, rows, text } = await check({
    PORT: "x",
    LOG_LEVEL: "\u001b[2J",
    JWT_SECRET: "short",
    HOST: "::1",
  });
  assertEquals(code, 1);
  assertEquals(wrong, [
    "JWT_SECRET must be at least 32 bytes long",
    'PORT must be a whole number from 0 to 65535: it is "x"',
    'LOG_LEVEL must be one of debug, info, warn, error: it is "\\u001b[2J"',
  ]);
  assertEquals(rows.get("PORT"), ["set", "cannot be understood"]);
  assertEquals(rows.get("HOST"), ["set", "::1"]);
  assert(text.endsWith("A server would not start with these."));
  assertEquals((await check({ JWT_ALGORITHM: "RS256" })).wrong, [
    "JWT_ALGORITHM RS256 needs JWT_PUBLIC_KEY or JWT_JWKS_URL",
  ]);
});

Deno.test("a store that cannot be is told, with what could be, and without a password", async () => {
  for (const store of ["data/parley.db", "sqlite:", "postgres://me:secret@host"]) {
    const { code, wrong, text } = await check({ STORE: store });
    assertEquals([code, wrong.length], [1, 1], store);
    assert(wrong[0].startsWith("STORE cannot be used: Cannot open "), wrong[0]);
    assert(wrong[0].includes("sqlite:data/parley.db") && !text.includes("secret@"), wrong[0]);
  }
});

Deno.test("what is allowed and hardly meant is told, and does not end with 1", async () => {
  const keyed = { JWT_ALGORITHM: "ES256", JWT_ISSUER: "me" };
  const { hardwareConcurrency: cores } = navigator;
  const cases: [Record<string, string>, string][] = [
    [{ JWT_SECRET: "a".repeat(40) }, "JWT_SECRET is easy to guess: make one with openssl rand -hex 32"],
    [{ JWT_SECRET: `${SECRET}\n` }, "JWT_SECRET begins or ends with a blank or a line break, which counts"],
    [
      { ...keyed, JWT_SECRET: SECRET, JWT_PUBLIC_KEY: "{}" },
      "JWT_SECRET is not used with JWT_ALGORITHM ES256",
    ],
    [{ ...QUIET, API_KEY: "short" }, "API_KEY is easy to guess: it has fewer than 16 characters"],
    [
      { ...keyed, JWT_PUBLIC_KEY: "-----BEGIN PRIVATE KEY-----" },
      "JWT_PUBLIC_KEY holds a private key: the server needs, and should have, only the public one",
    ],
    [
      { ...keyed, JWT_JWKS_URL: "http://id.example/keys" },
      "JWT_JWKS_URL is not https: who can change what comes over the network can let anybody in",
    ],
    [
      { JWT_ALGORITHM: "ES256", JWT_JWKS_URL: "https://id.example/keys" },
      "JWT_ISSUER and JWT_AUDIENCE are not set: tokens made for other programs are let in",
    ],
    [{ HOST: "0.0.0.0" }, "GUESTS is on: anybody who can reach 0.0.0.0 can come in"],
    [{ ORIGINS: "*" }, "ORIGINS is *: every page of the Web may connect"],
    [{ ORIGINS: "null" }, "ORIGINS has null: pages from nowhere, like sandboxed ones, may connect"],
    [{ ORIGINS: "http://a.example" }, "ORIGINS has http://a.example, which is not https"],
    [{ ...QUIET, STORE: "memory:" }, "STORE is memory: what is said is gone when the server ends"],
    [
      { MAX_SEND_BUFFER_BYTES: "2048" },
      "MAX_SEND_BUFFER_BYTES is below MAX_MESSAGE_BYTES: one long message closes whoever reads it",
    ],
    [{ HEARTBEAT_MS: "70000" }, "HEARTBEAT_MS is above 60000: proxies may cut quiet connections sooner"],
    [{ HEARTBEAT_MS: "200" }, "HEARTBEAT_MS is below 1000: most of the traffic will be heartbeats"],
    [{ RATE_CHAT: "off" }, "RATE_CHAT is off: one person can fill every room"],
    [{ RATE_OTHER: "off" }, "RATE_OTHER is off: one person can keep the server busy"],
    [{ SHUTDOWN_TIMEOUT_MS: "0" }, "SHUTDOWN_TIMEOUT_MS is 0: nobody is told that the server ends"],
    [{ MAX_CONNECTIONS: "9" }, "MAX_CONNECTIONS_PER_USER is above MAX_CONNECTIONS, and so without effect"],
    [{ WORKERS: "64" }, `WORKERS is above ${cores}, the cores of this machine: more workers are no faster`],
    [{ PORT: "0" }, "PORT is 0: it is another one each time"],
    [{ FILES_DIR: '"data"' }, "FILES_DIR is in quotes, which count"],
    [{ MAX_CONECTIONS: "5" }, "MAX_CONECTIONS is not a setting: is MAX_CONNECTIONS meant?"],
    [{ JWTSECRET: SECRET }, "JWTSECRET is not a setting: is JWT_SECRET meant?"],
  ];
  for (const [variables, oddity] of cases) {
    const { code, odd, wrong } = await check(variables);
    assertEquals([code, odd, wrong], [0, [oddity], []], oddity);
  }
});

Deno.test("what is meant as it is, is not odd", async () => {
  for (
    const variables of [
      QUIET,
      { HOME: "/root", PATH: "/bin", HOSTNAME: "x", PARLEY_TOKEN: "x", DENO_DIR: "/d", PORTS: "1" },
      { ORIGINS: "http://localhost:3000,https://a.example" },
      { JWT_ALGORITHM: "ES256", JWT_JWKS_URL: "http://127.0.0.1/keys", JWT_AUDIENCE: "chat" },
    ] as Record<string, string>[]
  ) assertEquals((await check(variables)).odd, []);
});

Deno.test("check-config takes no arguments", async () => {
  assertEquals((await run(checkConfig, ["PORT"])).code, 2);
});
