import { type Algorithm, ALGORITHMS } from "./auth/jwt.ts";
import { isLoopbackName } from "./http/origins.ts";
import type { Rate } from "./kit/token_bucket.ts";
import { hasKv } from "./kv/open_kv.ts";
import { findAddressProblem } from "./store/store_address.ts";
import { LOG_LEVELS, type LogLevel } from "./telemetry/log.ts";

/** Reads one setting by name; `undefined` where it is not set. */
export type Environment = (name: string) => string | undefined;

/** A setting that cannot be understood; the message is one sentence that names it. */
export class ConfigError extends Error {
  /** Tells the error from others. */
  override readonly name = "ConfigError";
}

/** Where the server runs, as far as defaults depend on it. */
export interface Place {
  /** Whether it is on Deno Deploy: there are other instances, no disk that lasts, and 5 s to come to an end. */
  readonly isDeploy: boolean;
  /** Whether there is a key-value database without saying which. */
  readonly hasKv: boolean;
}

/** A machine of one's own. */
const HERE: Place = { isDeploy: false, hasKv: false };

/** Finds out where the server runs. */
export function findPlace(environment: Environment): Place {
  const isDeploy = ["DENO_DEPLOY", "DENO_DEPLOYMENT_ID"].some((name) => environment(name) !== undefined);
  return { isDeploy, hasKv: hasKv() };
}

/** Everything the server can be told. */
export type Config = ReturnType<typeof readConfig>;

/** Shorter secrets can be guessed: RFC 7518 §3.2 asks for as many bits as the hash has. */
const MIN_SECRET_BYTES = 32;
const DAY_MS = 24 * 60 * 60 * 1000;
/** A timer set to more than this, about 24 days, goes off at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** A longer message would not fit into one commit. */
const MAX_KV_MESSAGE_BYTES = 262_144;

/**
 * Reads the settings, all of which have defaults.
 *
 * @throws {ConfigError} If one cannot be understood, or several contradict each other
 */
export function readConfig(environment: Environment, { isDeploy, hasKv }: Place = HERE) {
  const read = new Reader(environment);
  const store = read.text("STORE") ?? (isDeploy ? hasKv ? "kv:" : "memory:" : "sqlite:data/parley.db");
  const storeProblem = findAddressProblem(store);
  if (storeProblem !== undefined) throw new ConfigError(`STORE cannot be used: ${storeProblem}`);
  const jwt = readJwt(read);
  const isOpenToAll = jwt.secret === undefined && !hasPublicKey(jwt);
  if (isDeploy && isOpenToAll) {
    throw new ConfigError("JWT_SECRET must be set on Deno Deploy: every instance would make one of its own");
  }
  const host = read.text("HOST") ?? (isOpenToAll ? "127.0.0.1" : "0.0.0.0");
  const config = {
    isDeploy,
    host,
    isLoopback: isLoopbackName(host),
    port: read.integer("PORT", 8080, 0, 65_535),
    jwt,
    apiKey: read.bearer("API_KEY"),
    guests: read.choice("GUESTS", ["on", "off"], isOpenToAll ? "on" : "off") === "on",
    origins: read.origins("ORIGINS"),
    store,
    workers: read.integer("WORKERS", 1, 1, 64),
    roomCreation: read.choice("ROOM_CREATION", ["anyone", "admin"], "anyone"),
    historyLimit: read.integer("HISTORY_LIMIT", store.startsWith("memory:") ? 100 : Infinity, 1),
    historyMaxAgeMs: read.integer("HISTORY_MAX_AGE_DAYS", Infinity, 1) * DAY_MS,
    recoveryLimit: read.integer("RECOVERY_LIMIT", 300, 1, 10_000),
    maxMessageBytes: read.integer("MAX_MESSAGE_BYTES", 65_536, 1_024, 1 << 20),
    maxSendBufferBytes: read.integer("MAX_SEND_BUFFER_BYTES", 1_048_576, 1_024),
    maxConnections: read.integer("MAX_CONNECTIONS", 20_000, 1),
    maxConnectionsPerUser: read.integer("MAX_CONNECTIONS_PER_USER", 50, 1),
    maxRoomsPerConnection: read.integer("MAX_ROOMS_PER_CONNECTION", 128, 1),
    rateChat: read.rate("RATE_CHAT", { amount: 10, periodMs: 10_000 }),
    rateOther: read.rate("RATE_OTHER", { amount: 50, periodMs: 10_000 }),
    authTimeoutMs: read.integer("AUTH_TIMEOUT_MS", 10_000, 1, MAX_TIMER_MS),
    heartbeatMs: read.integer("HEARTBEAT_MS", 25_000, 100, MAX_TIMER_MS),
    presenceGraceMs: read.integer("PRESENCE_GRACE_MS", 5_000, 0, MAX_TIMER_MS),
    presenceDetailLimit: read.integer("PRESENCE_DETAIL_LIMIT", 200, 0),
    filesDir: read.text("FILES_DIR") ?? "data/files",
    maxFileBytes: read.integer("MAX_FILE_BYTES", isDeploy ? 0 : 26_214_400, 0),
    maxUserFileBytes: read.integer("MAX_USER_FILE_BYTES", 2 ** 30, 0),
    page: read.choice("PAGE", ["bundle", "modules"], "bundle"),
    shutdownTimeoutMs: read.integer("SHUTDOWN_TIMEOUT_MS", isDeploy ? 3_500 : 10_000, 0, MAX_TIMER_MS),
    logLevel: read.choice<LogLevel>("LOG_LEVEL", LOG_LEVELS, "info"),
  };
  if (config.guests && hasPublicKey(jwt)) {
    throw new ConfigError("GUESTS cannot be on with a public key: guests' tokens are signed with JWT_SECRET");
  }
  if (config.workers > 1 && isDeploy) {
    throw new ConfigError("WORKERS must be 1 on Deno Deploy, which starts as many instances as it needs");
  }
  if (config.workers > 1 && store.startsWith("memory:")) {
    throw new ConfigError("WORKERS must be 1 with STORE memory:, which workers cannot share");
  }
  if (store.startsWith("kv:") && config.maxMessageBytes > MAX_KV_MESSAGE_BYTES) {
    throw new ConfigError(`MAX_MESSAGE_BYTES must be at most ${MAX_KV_MESSAGE_BYTES} with STORE=kv:`);
  }
  return config;
}

function readJwt(read: Reader) {
  const jwt = {
    secret: read.raw("JWT_SECRET"),
    algorithm: read.choice<Algorithm>("JWT_ALGORITHM", ALGORITHMS, "HS256"),
    publicKey: read.text("JWT_PUBLIC_KEY"),
    jwksUrl: read.text("JWT_JWKS_URL"),
    issuer: read.text("JWT_ISSUER"),
    audience: read.text("JWT_AUDIENCE"),
    maxAgeSeconds: read.integer("JWT_MAX_AGE_SECONDS", 30 * 24 * 60 * 60, 1),
  };
  const { secret, algorithm, publicKey, jwksUrl } = jwt;
  if (secret !== undefined && new TextEncoder().encode(secret).length < MIN_SECRET_BYTES) {
    throw new ConfigError(`JWT_SECRET must be at least ${MIN_SECRET_BYTES} bytes long`);
  }
  if (publicKey !== undefined && jwksUrl !== undefined) {
    throw new ConfigError("JWT_PUBLIC_KEY and JWT_JWKS_URL cannot both be set");
  }
  if (jwksUrl !== undefined && !/^https?:$/.test(URL.parse(jwksUrl)?.protocol ?? "")) {
    throw new ConfigError("JWT_JWKS_URL must be an http or https address");
  }
  if (algorithm === "HS256" && hasPublicKey(jwt)) {
    throw new ConfigError("JWT_ALGORITHM must be RS256, PS256 or ES256 with a public key");
  }
  if (algorithm !== "HS256" && !hasPublicKey(jwt)) {
    throw new ConfigError(`JWT_ALGORITHM ${algorithm} needs JWT_PUBLIC_KEY or JWT_JWKS_URL`);
  }
  return jwt;
}

function hasPublicKey(jwt: { readonly publicKey?: string; readonly jwksUrl?: string }): boolean {
  return jwt.publicKey !== undefined || jwt.jwksUrl !== undefined;
}

function isOrigin(text: string): boolean {
  if (text === "*" || text === "null") return true;
  const origin = URL.parse(text)?.origin;
  // Pages of apps and extensions have schemes of their own, which URLs do not give an origin.
  return origin === text || origin === "null" && /^[a-z][a-z\d+.-]*:\/\/[^/?#]+$/.test(text);
}

/** Reads settings of several kinds, and says which one is wrong. */
class Reader {
  readonly #environment: Environment;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** As it is, also if it is empty. */
  raw(name: string): string | undefined {
    try {
      return this.#environment(name);
    } catch {
      throw new ConfigError(`${name} must be UTF-8`); // What it holds may be a secret.
    }
  }

  /** Without the blanks around it; empty means not set. */
  text(name: string): string | undefined {
    return this.raw(name)?.trim() || undefined;
  }

  /** Entries as browsers send them, like `https://chat.example.org`, or `*`. */
  origins(name: string): string[] {
    const entries = (this.text(name) ?? "").split(",").map((entry) => entry.trim()).filter((entry) =>
      entry !== ""
    );
    const wrong = entries.find((entry) => !isOrigin(entry));
    if (wrong === undefined) return entries;
    throw new ConfigError(`${name} must list origins like https://chat.example.org: one is "${wrong}"`);
  }

  /** What can stand behind `Bearer` in a header; it is a secret, and so not repeated. */
  bearer(name: string): string | undefined {
    const text = this.text(name);
    if (text === undefined || /^[\x21-\x7e]+$/.test(text)) return text;
    throw new ConfigError(`${name} must consist of visible ASCII characters, without blanks`);
  }

  integer(name: string, fallback: number, min: number, max = Number.MAX_SAFE_INTEGER): number {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
    throw new ConfigError(`${name} must be a whole number ${range}: it is "${text}"`);
  }

  choice<T extends string>(name: string, choices: readonly T[], fallback: T): T {
    const text = this.text(name) ?? fallback;
    const choice = choices.find((choice) => choice === text);
    if (choice !== undefined) return choice;
    throw new ConfigError(`${name} must be one of ${choices.join(", ")}: it is "${text}"`);
  }

  /** `10/10s` for ten per ten seconds, or `off`. */
  rate(name: string, fallback: Rate): Rate | undefined {
    const text = this.text(name);
    if (text === undefined) return fallback;
    if (text === "off") return undefined;
    const match = /^(\d{1,9})\/(\d{1,6})(ms|s|m)$/.exec(text);
    const amount = Number(match?.[1]);
    const periodMs = Number(match?.[2]) * { ms: 1, s: 1_000, m: 60_000 }[match?.[3] ?? "ms"]!;
    if (amount > 0 && periodMs > 0) return { amount, periodMs };
    throw new ConfigError(`${name} must look like 10/10s, or be off: it is "${text}"`);
  }
}
