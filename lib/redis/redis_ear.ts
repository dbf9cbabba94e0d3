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
  readonly #channels: Set<string>;
  /** What the last connection was asked for. */
  #asked = new Set<string>();
  #kept: KeptConnection | undefined;

  private constructor(channels: readonly string[], listener: RedisListener) {
    this.#channels = new Set(channels);
    this.#listener = listener;
  }

  /** Rejects if the first connection cannot be made, or Redis lets us not hear the channels. */
  static async open(
    address: RedisAddress,
    channels: readonly string[],
    listener: RedisListener,
  ): Promise<RedisEar> {
    const ear = new RedisEar(channels, listener);
    ear.#kept = await KeptConnection.open(address, {
      prepare: (connection) => {
        connection.listen(ear.#heard);
        ear.#asked = new Set();
        return ear.#askFor(connection, [...ear.#channels]);
      },
      ready: (connection) => void ear.#return(connection),
      lost: () => listener.lost(),
    });
    return ear;
  }

  get isConnected(): boolean {
    return this.#kept?.current !== undefined;
  }

  /** Resolves once the channels are heard; while the connection is lost at once, and `returned` follows. */
  async follow(channels: readonly string[]): Promise<void> {
    for (const channel of channels) this.#channels.add(channel);
    const connection = this.#kept?.current;
    if (connection !== undefined) await this.#askFor(connection, channels).catch(() => {});
  }

  unfollow(channels: readonly string[]): void {
    for (const channel of channels) this.#channels.delete(channel);
    const connection = this.#kept?.current;
    if (connection !== undefined) this.#leave(connection, channels);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#kept?.[Symbol.asyncDispose]();
  }

  /** What was followed and left while the connection was made ready is made up for. */
  async #return(connection: RedisConnection): Promise<void> {
    const isReturn = this.#kept !== undefined;
    this.#leave(connection, [...this.#asked].filter((channel) => !this.#channels.has(channel)));
    try {
      await this.#askFor(connection, [...this.#channels].filter((channel) => !this.#asked.has(channel)));
    } catch {
      return; // It is lost already, and another one follows.
    }
    if (isReturn && this.#kept!.current === connection) this.#listener.returned();
  }

  async #askFor(connection: RedisConnection, channels: readonly string[]): Promise<void> {
    for (const channel of channels) this.#asked.add(channel);
    await Promise.all([...split(channels)].map((some) => connection.subscribe(some)));
  }

  #leave(connection: RedisConnection, channels: readonly string[]): void {
    for (const channel of channels) this.#asked.delete(channel);
    for (const some of split(channels)) connection.unsubscribe(some).catch(() => {});
  }

  readonly #heard = (text: string, channel: string): void => {
    if (this.#channels.has(channel)) this.#listener.heard(channel, text);
  };
}

function* split(channels: readonly string[]): Generator<string[]> {
  for (let i = 0; i < channels.length; i += CHANNELS_PER_COMMAND) {
    yield channels.slice(i, i + CHANNELS_PER_COMMAND);
  }
}
