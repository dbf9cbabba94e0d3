import type { RedisAddress } from "./redis_address.ts";
import { RedisConnection } from "./redis_connection.ts";
import { RedisUnavailable, toRedisError } from "./redis_error.ts";

const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 500;

/** What is done at the borders of a connection's life. None may throw; `prepare` may reject. */
export interface ConnectionLife {
  /** Makes a connection ready, before anybody else gets it. */
  prepare(connection: RedisConnection): Promise<void>;
  /** The connection is the current one, from just now on. */
  ready?(connection: RedisConnection): void;
  /** The connection was lost; the next one is being made. */
  lost?(error: RedisUnavailable): void;
}

/** Has a connection to Redis, and a new one soon after each that ends, for as long as it is not disposed of. */
export class KeptConnection implements AsyncDisposable {
  readonly #address: RedisAddress;
  readonly #life: ConnectionLife;
  #connection: RedisConnection | undefined;
  #why = new RedisUnavailable("Redis cannot be reached");
  #work: Promise<void> | undefined;
  #pause: { readonly timer: ReturnType<typeof setTimeout>; readonly end: () => void } | undefined;
  #isDisposed = false;

  private constructor(address: RedisAddress, life: ConnectionLife) {
    this.#address = address;
    this.#life = life;
  }

  /** Makes the first connection, and rejects if that fails. */
  static async open(address: RedisAddress, life: ConnectionLife): Promise<KeptConnection> {
    const kept = new KeptConnection(address, life);
    await kept.#connect();
    return kept;
  }

  /** The connection; `undefined` while there is none. */
  get current(): RedisConnection | undefined {
    return this.#connection;
  }

  /** Why there is no connection. */
  get why(): RedisUnavailable {
    return this.#why;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    this.#why = new RedisUnavailable("The connection to Redis was closed");
    if (this.#pause !== undefined) {
      clearTimeout(this.#pause.timer);
      this.#pause.end();
    }
    this.#connection?.close();
    this.#connection = undefined;
    await this.#work;
  }

  async #connect(): Promise<void> {
    let isOver: RedisUnavailable | undefined;
    const connection = await RedisConnection.open(this.#address, (error) => {
      isOver = error;
      if (this.#connection === connection) this.#lose(error);
    });
    try {
      await this.#life.prepare(connection);
    } catch (error) {
      connection.close();
      throw error;
    }
    if (isOver !== undefined) throw isOver;
    if (this.#isDisposed) return connection.close();
    this.#connection = connection;
    this.#life.ready?.(connection);
  }

  #lose(error: RedisUnavailable): void {
    this.#connection = undefined;
    if (this.#isDisposed) return;
    this.#why = error;
    this.#life.lost?.(error);
    this.#work = this.#reconnect();
  }

  async #reconnect(): Promise<void> {
    for (let pauseMs = FIRST_PAUSE_MS; !this.#isDisposed; pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)) {
      // Not all nodes at the same moment.
      await this.#wait(pauseMs * (0.5 + Math.random() / 2));
      if (this.#isDisposed) return;
      try {
        return await this.#connect();
      } catch (error) {
        if (this.#isDisposed) return;
        const { message } = toRedisError(error);
        this.#why = new RedisUnavailable(`Redis cannot be used: ${message}`, { cause: error });
      }
    }
  }

  #wait(ms: number): Promise<void> {
    return new Promise((end) => {
      this.#pause = { timer: setTimeout(end, ms), end };
    });
  }
}
