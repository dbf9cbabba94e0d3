import { assert, assertEquals, assertThrows } from "@std/assert";
import { type Config, ConfigError, findPlace, readConfig } from "../lib/config.ts";

const SECRET = "a secret of at least 32 bytes....";
const PUBLIC_KEY = { JWT_ALGORITHM: "ES256", JWT_PUBLIC_KEY: "{}" };

function read(settings: Record<string, string> = {}): Config {
  return readConfig((name) => settings[name]);
}

function complaint(settings: Record<string, string>): string {
  return assertThrows(() => read(settings), ConfigError, undefined, JSON.stringify(settings)).message;
}

Deno.test("everything has a default", () => {
  assertEquals(read(), {
    isDeploy: false,
    host: "127.0.0.1",
    isLoopback: true,
    port: 8080,
    jwt: {
      secret: undefined,
      algorithm: "HS256",
      publicKey: undefined,
      jwksUrl: undefined,
      issuer: undefined,
      audience: undefined,
      maxAgeSeconds: 2_592_000,
    },
    apiKey: undefined,
    guests: true,
    origins: [],
    store: "sqlite:data/parley.db",
    workers: 1,
    roomCreation: "anyone",
    historyLimit: Infinity,
    historyMaxAgeMs: Infinity,
    recoveryLimit: 300,
    maxMessageBytes: 65_536,
    maxSendBufferBytes: 1_048_576,
    maxConnections: 20_000,
    maxConnectionsPerUser: 50,
    maxRoomsPerConnection: 128,
    rateChat: { amount: 10, periodMs: 10_000 },
    rateOther: { amount: 50, periodMs: 10_000 },
    authTimeoutMs: 10_000,
    heartbeatMs: 25_000,
    presenceGraceMs: 5_000,
    presenceDetailLimit: 200,
    filesDir: "data/files",
    maxFileBytes: 26_214_400,
    maxUserFileBytes: 1_073_741_824,
    page: "bundle",
    shutdownTimeoutMs: 10_000,
    logLevel: "info",
  });
});

Deno.test("every setting says what it says", () => {
  const cases: [Record<string, string>, Partial<Config>][] = [
    [{ PORT: "0" }, { port: 0 }],
    [{ PORT: "65535" }, { port: 65_535 }],
    [{ HOST: "0.0.0.0" }, { host: "0.0.0.0", isLoopback: false }],
    [{ HOST: "::1" }, { host: "::1", isLoopback: true }],
    [{ API_KEY: "key" }, { apiKey: "key" }],
    [{ GUESTS: "off" }, { guests: false }],
    [{ JWT_SECRET: SECRET, GUESTS: "on" }, { guests: true }],
    [{ PAGE: "modules" }, { page: "modules" }],
    [{ ORIGINS: "https://a.example, http://b.example:8080 ,," }, {
      origins: ["https://a.example", "http://b.example:8080"],
    }],
    [{ ORIGINS: "*" }, { origins: ["*"] }],
    [{ STORE: "memory:" }, { store: "memory:", historyLimit: 100 }],
    [{ STORE: "memory:", HISTORY_LIMIT: "5" }, { store: "memory:", historyLimit: 5 }],
    [{ ROOM_CREATION: "admin" }, { roomCreation: "admin" }],
    [{ HISTORY_LIMIT: "7" }, { historyLimit: 7 }],
    [{ HISTORY_MAX_AGE_DAYS: "2" }, { historyMaxAgeMs: 172_800_000 }],
    [{ RECOVERY_LIMIT: "10" }, { recoveryLimit: 10 }],
    [{ MAX_MESSAGE_BYTES: "2048" }, { maxMessageBytes: 2_048 }],
    [{ MAX_SEND_BUFFER_BYTES: "2048" }, { maxSendBufferBytes: 2_048 }],
    [{ MAX_CONNECTIONS: "3" }, { maxConnections: 3 }],
    [{ MAX_CONNECTIONS_PER_USER: "4" }, { maxConnectionsPerUser: 4 }],
    [{ MAX_ROOMS_PER_CONNECTION: "5" }, { maxRoomsPerConnection: 5 }],
    [{ RATE_CHAT: "3/500ms" }, { rateChat: { amount: 3, periodMs: 500 } }],
    [{ RATE_CHAT: "100/1m" }, { rateChat: { amount: 100, periodMs: 60_000 } }],
    [{ RATE_CHAT: "off" }, { rateChat: undefined }],
    [{ RATE_OTHER: "off" }, { rateOther: undefined }],
    [{ AUTH_TIMEOUT_MS: "50" }, { authTimeoutMs: 50 }],
    [{ HEARTBEAT_MS: "200" }, { heartbeatMs: 200 }],
    [{ PRESENCE_GRACE_MS: "0" }, { presenceGraceMs: 0 }],
    [{ PRESENCE_DETAIL_LIMIT: "0" }, { presenceDetailLimit: 0 }],
    [{ FILES_DIR: "elsewhere" }, { filesDir: "elsewhere" }],
    [{ MAX_FILE_BYTES: "0" }, { maxFileBytes: 0 }],
    [{ SHUTDOWN_TIMEOUT_MS: "100" }, { shutdownTimeoutMs: 100 }],
    [{ LOG_LEVEL: "debug" }, { logLevel: "debug" }],
  ];
  for (const [settings, expected] of cases) {
    const base = "JWT_SECRET" in settings ? read({ JWT_SECRET: SECRET }) : read();
    assertEquals(read(settings), { ...base, ...expected }, JSON.stringify(settings));
  }
});

Deno.test("a server with a secret is for everybody, and for guests only if that is asked for", () => {
  const { host, isLoopback, guests, jwt } = read({ JWT_SECRET: SECRET });
  assertEquals([host, isLoopback, guests, jwt.secret], ["0.0.0.0", false, false, SECRET]);
  const open = read({ ...PUBLIC_KEY });
  assertEquals([open.host, open.guests], ["0.0.0.0", false]);
});

Deno.test("a secret is taken as it is, and must be 32 bytes long", () => {
  assertEquals(read({ JWT_SECRET: ` ${"x".repeat(31)} ` }).jwt.secret, ` ${"x".repeat(31)} `);
  assertEquals(read({ JWT_SECRET: "上".repeat(11) }).jwt.secret, "上".repeat(11));
  for (const secret of ["", "x", "x".repeat(31), "上".repeat(10)]) {
    assertEquals(complaint({ JWT_SECRET: secret }), "JWT_SECRET must be at least 32 bytes long");
  }
});

Deno.test("an empty setting is one that is not set, but for the secret", () => {
  const names = new Set<string>();
  readConfig((name) => void names.add(name));
  names.delete("JWT_SECRET");
  for (const name of names) {
    assertEquals(read({ [name]: "" }), read(), name);
    assertEquals(read({ [name]: "  " }), read(), name);
  }
});

Deno.test("keys and algorithms must fit each other", () => {
  const cases: [Record<string, string>, string][] = [
    [{ JWT_ALGORITHM: "RS256" }, "JWT_ALGORITHM RS256 needs JWT_PUBLIC_KEY or JWT_JWKS_URL"],
    [{ JWT_PUBLIC_KEY: "{}" }, "JWT_ALGORITHM must be RS256, PS256 or ES256 with a public key"],
    [
      { ...PUBLIC_KEY, JWT_JWKS_URL: "https://id.example" },
      "JWT_PUBLIC_KEY and JWT_JWKS_URL cannot both be set",
    ],
    [{ JWT_ALGORITHM: "ES256", JWT_JWKS_URL: "id.example" }, "JWT_JWKS_URL must be an http or https address"],
    [
      { JWT_ALGORITHM: "ES256", JWT_JWKS_URL: "file:///keys" },
      "JWT_JWKS_URL must be an http or https address",
    ],
    [{ JWT_ALGORITHM: "none" }, 'JWT_ALGORITHM must be one of HS256, RS256, PS256, ES256: it is "none"'],
    [
      { ...PUBLIC_KEY, GUESTS: "on" },
      "GUESTS cannot be on with a public key: guests' tokens are signed with JWT_SECRET",
    ],
  ];
  for (const [settings, message] of cases) assertEquals(complaint(settings), message);
  const { jwt } = read({
    JWT_ALGORITHM: "PS256",
    JWT_JWKS_URL: "https://id.example",
    JWT_ISSUER: "i",
    JWT_AUDIENCE: "a",
  });
  assertEquals([jwt.algorithm, jwt.jwksUrl, jwt.issuer, jwt.audience], [
    "PS256",
    "https://id.example",
    "i",
    "a",
  ]);
});

Deno.test("a setting that cannot be understood stops the start with one sentence that names it", () => {
  const wrong: Record<string, string[]> = {
    PORT: ["65536", "-1", "80.5", "http", "8080x", "1e3", "0x50", "٣"],
    GUESTS: ["yes", "ON", "true"],
    ORIGINS: ["chat.example", "https://chat.example/", "https://chat.example, nonsense", "//chat.example"],
    WORKERS: ["0", "65", "many"],
    ROOM_CREATION: ["nobody"],
    HISTORY_LIMIT: ["0", "unlimited"],
    HISTORY_MAX_AGE_DAYS: ["0", "1.5"],
    RECOVERY_LIMIT: ["0", "10001"],
    MAX_MESSAGE_BYTES: ["1023", "1048577", "64k"],
    MAX_SEND_BUFFER_BYTES: ["1023"],
    MAX_CONNECTIONS: ["0"],
    MAX_CONNECTIONS_PER_USER: ["0"],
    MAX_ROOMS_PER_CONNECTION: ["0"],
    RATE_CHAT: ["10", "10/10", "0/10s", "10/0s", "ten/10s", "10 / 10s", "10/10h", "on"],
    RATE_OTHER: ["/", "-1/1s"],
    AUTH_TIMEOUT_MS: ["0", "10s", "2147483648"],
    HEARTBEAT_MS: ["99", "2147483648"],
    PRESENCE_GRACE_MS: ["-1", "2147483648"],
    PRESENCE_DETAIL_LIMIT: ["-1"],
    MAX_FILE_BYTES: ["-1", "25M"],
    SHUTDOWN_TIMEOUT_MS: ["soon", "2147483648"],
    JWT_MAX_AGE_SECONDS: ["0", "30d"],
    LOG_LEVEL: ["verbose", "INFO"],
  };
  for (const [name, values] of Object.entries(wrong)) {
    for (const value of values) {
      const message = complaint({ [name]: value });
      assert(message.startsWith(name), `${name}=${value}: ${message}`);
      assert(!message.includes("\n"), message);
    }
  }
  assertEquals(complaint({ PORT: "http" }), 'PORT must be a whole number from 0 to 65535: it is "http"');
  assertEquals(
    complaint({ MAX_CONNECTIONS: "0" }),
    'MAX_CONNECTIONS must be a whole number of at least 1: it is "0"',
  );
  assertEquals(
    complaint({ WORKERS: "2", STORE: "memory:" }),
    "WORKERS must be 1 with STORE memory:, which workers cannot share",
  );
  assertEquals(complaint({ RATE_CHAT: "fast" }), 'RATE_CHAT must look like 10/10s, or be off: it is "fast"');
});

Deno.test("Deno Deploy has defaults of its own: what lasts there, and what ends in time", () => {
  const read = (settings: Record<string, string>, hasKv: boolean) =>
    readConfig((name) => settings[name], { isDeploy: true, hasKv });
  const { store, host, maxFileBytes, shutdownTimeoutMs, historyLimit, isDeploy } = read({
    JWT_SECRET: SECRET,
  }, true);
  assertThrows(
    () => read({ JWT_SECRET: SECRET, WORKERS: "2" }, true),
    ConfigError,
    "WORKERS must be 1 on Deno Deploy",
  );
  assertEquals([isDeploy, store, host, maxFileBytes, historyLimit], [true, "kv:", "0.0.0.0", 0, Infinity]);
  assert(shutdownTimeoutMs < 4_000);
  const without = read({ JWT_SECRET: SECRET }, false);
  assertEquals([without.store, without.historyLimit], ["memory:", 100]);
  const set = { JWT_SECRET: SECRET, STORE: "sqlite:x.db", MAX_FILE_BYTES: "7", SHUTDOWN_TIMEOUT_MS: "8" };
  const own = read(set, true);
  assertEquals([own.store, own.maxFileBytes, own.shutdownTimeoutMs], ["sqlite:x.db", 7, 8]);
  assertEquals(read(PUBLIC_KEY, true).store, "kv:");
  const { message } = assertThrows(() => read({}, true), ConfigError);
  assertEquals(message, "JWT_SECRET must be set on Deno Deploy: every instance would make one of its own");
});

Deno.test("findPlace() knows Deno Deploy by what it sets", () => {
  const { openKv } = Deno;
  const find = (settings: Record<string, string>) => findPlace((name) => settings[name]);
  assertEquals(find({}), { isDeploy: false, hasKv: openKv !== undefined });
  assertEquals(find({ DENO_DEPLOY: "true" }).isDeploy, true);
  assertEquals(find({ DENO_DEPLOYMENT_ID: "abc" }).isDeploy, true);
});

Deno.test("messages that no commit could hold are not allowed with a key-value database", () => {
  assertEquals(read({ STORE: "kv:", MAX_MESSAGE_BYTES: "262144" }).maxMessageBytes, 262_144);
  assertEquals(
    complaint({ STORE: "kv:x.db", MAX_MESSAGE_BYTES: "262145" }),
    "MAX_MESSAGE_BYTES must be at most 262144 with STORE=kv:",
  );
});

Deno.test("a setting that cannot even be read is named, and its value is not", () => {
  const error = assertThrows(() =>
    readConfig(() => {
      throw new TypeError("invalid unicode: secret");
    }), ConfigError);
  assert(/^[A-Z_]+ must be UTF-8$/.test(error.message), error.message);
});
