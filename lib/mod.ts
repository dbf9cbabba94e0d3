/**
 * Parley as a part of another program: a handler for requests, to be mounted in one's own `Deno.serve`.
 *
 * ```ts
 * import { createServer } from "./mod.ts";
 *
 * await using parley = await createServer({ STORE: "sqlite:data/chat.db", JWT_SECRET: "x".repeat(32) });
 * parley.addEventListener("message", ({ detail }) => console.log(detail.roomId, detail.seq));
 *
 * await Deno.serve((request) => {
 *   const { pathname } = new URL(request.url);
 *   return pathname === "/ws" ? parley.fetch(request) : new Response("Hello from my own program");
 * }).finished;
 * ```
 *
 * The runtime ends a program on the first error that nobody caught, and some come from sockets themselves: listen for
 * `unhandledrejection` and `error` on `globalThis`, and call `preventDefault()`, where it must go on.
 *
 * @module
 */
import { type Config, ConfigError, type Environment, readConfig } from "./config.ts";
import { openServer, type Server } from "./server.ts";
import {
  type AttendanceDetail,
  type ConnectionDetail,
  type DisconnectionDetail,
  type FileDetail,
  type MessageDetail,
  type ServerEventMap,
  ServerEvents,
  type ServerListener,
} from "./server_events.ts";
import { type Log, openLog } from "./telemetry/log.ts";

export { ConfigError };
export type {
  AttendanceDetail,
  ConnectionDetail,
  DisconnectionDetail,
  FileDetail,
  MessageDetail,
  ServerEventMap,
  ServerListener,
};

/** Settings by name, as the README lists them; what is left out has its default. */
export type Settings = Readonly<Record<string, string | number | undefined>>;

/** What is not a setting. */
export interface ServerOptions {
  /** Takes the log, one JSON object a line. @default console.error */
  readonly writeLog?: (line: string) => void;
}

/** A server that is ready for requests. */
export interface ParleyServer extends EventTarget, AsyncDisposable {
  /** Answers one request: `/ws`, and all else the server knows. It never rejects, and needs no `this`. */
  readonly fetch: (request: Request) => Promise<Response>;

  /**
   * Turns new connections away, tells clients when to come back, brings what they have sent to its end, and closes
   * every connection; takes `SHUTDOWN_TIMEOUT_MS` at most.
   */
  drain(): Promise<void>;

  /** Drains, and closes the store; resolves when nothing is left of the server. */
  [Symbol.asyncDispose](): Promise<void>;

  /**
   * Listens for something that happens here.
   *
   * Listeners are called in the middle of things: a slow one keeps everybody waiting, and what one throws is an error
   * that nobody caught.
   */
  addEventListener<K extends keyof ServerEventMap>(
    type: K,
    listener: ServerListener<K> | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  /** Listens for any other event. */
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;

  /** Listens no more. */
  removeEventListener<K extends keyof ServerEventMap>(
    type: K,
    listener: ServerListener<K> | null,
    options?: boolean | EventListenerOptions,
  ): void;
  /** Listens no more for any other event. */
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void;
}

/**
 * Opens a server that listens nowhere by itself.
 *
 * `PORT` is not used, and `HOST` only says who can reach the listener it is mounted in: while that is this machine
 * alone, pages under other names than its own are turned away. Without `JWT_SECRET` or a public key it is a demo, and
 * lets guests in.
 *
 * @param settings By name, or a function that reads one by name, like `(name) => Deno.env.get(name)`
 * @throws {ConfigError} If a setting is unknown, cannot be understood, or names something that cannot be opened; the
 * message is one sentence that names it
 */
export async function createServer(
  settings: Settings | ((name: string) => string | undefined) = {},
  options: ServerOptions = {},
): Promise<ParleyServer> {
  const config = readConfig(typeof settings === "function" ? settings : readSettings(settings));
  if (config.workers > 1) throw new ConfigError("WORKERS must be 1 here: a handler is one worker");
  return await EmbeddedServer.open(config, openLog(config.logLevel, options.writeLog));
}

class EmbeddedServer extends ServerEvents implements ParleyServer {
  #server!: Server;
  #draining: Promise<void> | undefined;

  static async open(config: Config, log: Log): Promise<EmbeddedServer> {
    const embedded = new EmbeddedServer();
    embedded.#server = await openServer(config, log, embedded);
    return embedded;
  }

  readonly fetch = (request: Request): Promise<Response> => this.#server.fetch(request);

  drain(): Promise<void> {
    return this.#draining ??= this.#server.drain();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain();
    await this.#server[Symbol.asyncDispose]();
  }
}

/** Looks settings up in an object, in which a misspelt name would otherwise go unnoticed. */
function readSettings(settings: Settings): Environment {
  const known = new Set<string>();
  readConfig((name) => void known.add(name));
  const unknown = Object.keys(settings).find((name) => !known.has(name));
  if (unknown !== undefined) throw new ConfigError(`${unknown} is not a setting`);
  return (name) => settings[name]?.toString();
}
