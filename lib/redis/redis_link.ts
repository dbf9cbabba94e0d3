import { KeptConnection } from "./kept_connection.ts";
import { describeAddress, parseRedisAddress, type RedisAddress } from "./redis_address.ts";
import type { RedisConnection } from "./redis_connection.ts";
import { RedisUnavailable } from "./redis_error.ts";
import { RedisEar, type RedisListener } from "./redis_ear.ts";
import { missingRights } from "./redis_rights.ts";
import { type RedisScript, redisScript } from "./redis_script.ts";

/** What is known of the Redis at the other end, as of the last connection. */
export interface RedisServer {
  /** Names the process for as long as it runs; "" where Redis does not tell. */
  readonly runId: string;
  /** As in "7.0.15"; "" where Redis does not tell. */
  readonly version: string;
  /** Whether what was written survives the end of its process; `undefined` where Redis does not tell. */
  readonly hasAppendOnlyFile: boolean | undefined;
  /** Whether it took the place of another one, whose last moments it may not have. */
  readonly isSuccessor: boolean;
  /** Whether it follows another one, and takes nothing to keep. */
  readonly isCopy: boolean;
  /** Whether it throws away what it likes when its memory is full. */
  readonly evicts: boolean;
}

/** What is known where Redis tells nothing. */
const UNKNOWN: RedisServer = {
  runId: "",
  version: "",
  hasAppendOnlyFile: undefined,
  isSuccessor: false,
  isCopy: false,
  evicts: false,
};

/**
 * The way to one Redis.
 *
 * Whatever is asked for while Redis cannot be reached, or does not answer within about two seconds, rejects with
 * {@linkcode RedisUnavailable}; nothing is sent again by itself. A lost connection is made anew, for ever.
 */
export class RedisLink implements AsyncDisposable {
  readonly #address: RedisAddress;
  #kept!: KeptConnection;
  #server = UNKNOWN;
  #connectionNumber = "0";

  private constructor(address: RedisAddress) {
    this.#address = address;
  }

  /**
   * Connects to the Redis of an address, as {@linkcode parseRedisAddress} takes it.
   *
   * @throws {Error} If the address is none, or Redis cannot be reached or lets us not in; one sentence, no password
   */
  static async open(url: string): Promise<RedisLink> {
    const link = new RedisLink(parseRedisAddress(url));
    link.#kept = await link.#explained(KeptConnection.open(link.#address, {
      prepare: async (connection) => {
        link.#server = await ask(connection);
        const missing = await missingRights(connection, link.prefix, !link.server.isCopy);
        if (missing.length > 0) throw new Error(`the user lacks these rights: ${missing.join(" ")}`);
        link.#connectionNumber = link.server.isCopy ? "0" : await count(connection, link.prefix);
      },
    }));
    return link;
  }

  /** What the names of all keys and channels MUST begin with. */
  get prefix(): string {
    return this.#address.prefix;
  }

  /** Whether the query engine is to be used, where there is one. */
  get hasIndex(): boolean {
    return this.#address.hasIndex;
  }

  get server(): RedisServer {
    return this.#server;
  }

  /** A number that no connection to this Redis had before, but for "0" where it could not be written down. */
  get connectionNumber(): string {
    return this.#connectionNumber;
  }

  get isConnected(): boolean {
    return this.#kept.current !== undefined;
  }

  /** Sends one command; those of one turn of the event loop travel together, and are done in order. */
  send(...args: string[]): Promise<unknown> {
    return this.#kept.current?.send(args) ?? Promise.reject(this.#kept.why);
  }

  /** Runs a script; its keys MUST share a hash tag. */
  run(script: RedisScript, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    return this.#kept.current?.run(script, keys, args) ?? Promise.reject(this.#kept.why);
  }

  /**
   * Opens a connection of its own to hear what is published, on these channels to begin with.
   *
   * @throws {Error} As {@linkcode RedisLink.open} does
   */
  listen(channels: readonly string[], listener: RedisListener): Promise<RedisEar> {
    return this.#explained(RedisEar.open(this.#address, channels, listener));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#kept[Symbol.asyncDispose]();
  }

  /** Says which Redis it is that something is wrong with. */
  async #explained<T>(opening: Promise<T>): Promise<T> {
    try {
      return await opening;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`Cannot use Redis at ${describeAddress(this.#address)}: ${why}`, { cause: error });
    }
  }
}

/**
 * Counts connections, twice each: what writes twice goes into the file as a transaction. If the file ends within one
 * from before, Redis takes whatever comes next for a part of that, and single commands go with it when it ends again.
 */
const COUNT = redisScript(`redis.call('INCR', KEYS[1]) return redis.call('INCR', KEYS[1])`);

async function count(connection: RedisConnection, prefix: string): Promise<string> {
  try {
    return String(await connection.run(COUNT, [`${prefix}connections`], []));
  } catch (error) {
    // It may be full, and can still be read.
    if (error instanceof RedisUnavailable) throw error;
    return "0";
  }
}

/** The first version that has all commands in use. */
const FIRST_VERSION = [6, 2] as const;

async function ask(connection: RedisConnection): Promise<RedisServer> {
  try {
    // Without a section before version 7, which takes several: the few more lines are worth nothing.
    const fields = new Map(
      String(await connection.send(["INFO"])).split("\r\n").map((line) => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon), line.slice(colon + 1)];
      }),
    );
    // Meanwhile it would say that there is no such file.
    if (fields.get("loading") === "1") throw new RedisUnavailable("it still reads its data");
    const file = fields.get("aof_enabled");
    const version = fields.get("redis_version") ?? "";
    if (isTooOld(version)) {
      throw new Error(`its version is ${version}, and ${FIRST_VERSION.join(".")} is needed`);
    }
    return {
      runId: fields.get("run_id") ?? "",
      version,
      hasAppendOnlyFile: file === undefined ? undefined : file === "1",
      evicts: fields.get("maxmemory_policy")?.startsWith("allkeys") ?? false,
      isCopy: fields.get("role") === "slave",
      isSuccessor: /[^0]/.test(fields.get("master_replid2") ?? ""),
    };
  } catch (error) {
    // Its administrator may have kept this to themselves.
    if (!(error instanceof Error) || !error.message.includes("NOPERM")) throw error;
    return UNKNOWN;
  }
}

function isTooOld(version: string): boolean {
  const [major, minor] = version.split(".").map(Number);
  return major < FIRST_VERSION[0] || major === FIRST_VERSION[0] && minor < FIRST_VERSION[1];
}
