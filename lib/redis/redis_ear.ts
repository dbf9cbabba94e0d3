import { KeptConnection } from "./kept_connection.ts";
import type { RedisAddress } from "./redis_address.ts";
import type { RedisConnection } from "./redis_connection.ts";

const CHANNELS_PER_COMMAND = 500;

/** What is done with what an ear hears. Its methods MUST NOT throw. */
export interface RedisListener {
  heard(channel: string, text: string): void;
  /** From now until {@linkcode RedisListener.returned}, nothing is heard. */
  lost(): void;
  /** All channels are heard again; whatever was published meanwhile is lost. */
  returned(): void;
}

/** Hears what is published on channels, on a connection of its own that is made anew whenever it is lost. */
export class RedisEar implements AsyncDisposable {
  readonly #listener: RedisListener;
  readonly #channels = new Set<string>();
  /** What the connection that is being made subscribes to. */
  #prepared = new Set<string>();
  #kept: KeptConnection | undefined;

  private constructor(listener: RedisListener) {
    this.#listener = listener;
  }

  /** Rejects if the first connection cannot be made. */
  static async open(address: RedisAddress, listener: RedisListener): Promise<RedisEar> {
    const ear = new RedisEar(listener);
    ear.#kept = await KeptConnection.open(address, {
      prepare: (connection) => ear.#prepare(connection),
      ready: (connection) => ear.#ready(connection),
      lost: () => listener.lost(),
    });
    return ear;
  }

  /** Resolves once a channel is heard; while the connection is lost at once, and `returned` follows. */
  async follow(channel: string): Promise<void> {
    this.#channels.add(channel);
    await this.#kept?.current?.subscribe([channel], this.#heard).catch(() => {});
  }

  unfollow(channel: string): void {
    this.#channels.delete(channel);
    this.#kept?.current?.unsubscribe([channel]).catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#kept?.[Symbol.asyncDispose]();
  }

  /** Subscribes to what is followed, but for what comes while it does so. */
  async #prepare(connection: RedisConnection): Promise<void> {
    this.#prepared = new Set(this.#channels);
    await this.#subscribe(connection, [...this.#channels]);
  }

  /** From here on `follow` and `unfollow` reach the connection themselves; what they did meanwhile is made good. */
  #ready(connection: RedisConnection): void {
    const added = [...this.#channels].filter((channel) => !this.#prepared.has(channel));
    const removed = [...this.#prepared].filter((channel) => !this.#channels.has(channel));
    this.#prepared.clear();
    if (removed.length > 0) connection.unsubscribe(removed).catch(() => {});
    const isReturn = this.#kept !== undefined;
    this.#subscribe(connection, added).then(() => isReturn && this.#listener.returned(), () => {});
  }

  async #subscribe(connection: RedisConnection, channels: string[]): Promise<void> {
    for (let i = 0; i < channels.length; i += CHANNELS_PER_COMMAND) {
      await connection.subscribe(channels.slice(i, i + CHANNELS_PER_COMMAND), this.#heard);
    }
  }

  readonly #heard = (text: string, channel: string): void => {
    if (this.#channels.has(channel)) this.#listener.heard(channel, text);
  };
}
