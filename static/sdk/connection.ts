import { type AfterClose, afterClose } from "./after_close.ts";
import { Backoff, type BackoffOptions } from "./backoff.ts";
import { MAX_TIMER_MS } from "./delay.ts";
import { ParleyError } from "./errors.ts";
import type { Tokens } from "./tokens.ts";
import type { ServerMessage, Welcome } from "./types.ts";
import { Wire } from "./wire.ts";

/**
 * Where a connection stands. `attempt` counts the tries since the last welcome; `retryAt` is in milliseconds since the
 * epoch; `code` and `reason` are those of the close that led there.
 */
export type ConnectionState =
  | { name: "idle" }
  | { name: "connecting"; attempt: number }
  | { name: "open" }
  | { name: "waiting"; attempt: number; retryAt: number; code?: number; reason?: string }
  | { name: "stopped"; code: number; reason: string };

/** Who hears of a connection. */
export interface ConnectionListener {
  changed(state: ConnectionState): void;
  opened(welcome: Welcome): void;
  received(message: ServerMessage): void;
  /** Nothing more may be sent until `opened`: the connection is lost, or the server is about to go. */
  interrupted(): void;
  /** The connection is gone; what was asked on it gets no answer. */
  lost(): void;
}

/** What a connection needs. */
export type ConnectionOptions = {
  url: string;
  tokens: Tokens;
  WebSocket: typeof WebSocket;
  backoff: BackoffOptions & { maxAttempts?: number };
  random: () => number;
  now: () => number;
};

/** A connection that comes back by itself until it is closed or told for good to stay away; one attempt at a time. */
export class Connection {
  #options: ConnectionOptions;
  #listener: ConnectionListener;
  #backoff: Backoff;
  #state: ConnectionState = { name: "idle" };
  #wire: Wire | undefined;
  #closed: Promise<void> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** One per attempt: what an older attempt still brings is not heard. */
  #attemptId = 0;
  #tries = 0;
  #refusals = 0;
  #openedAt = 0;
  /** When the server, going away, asked us to come back. */
  #advisedAt: number | undefined;
  #online = (): void => this.#state.name === "waiting" ? this.retryNow() : this.#wire?.probe();
  #offline = (): void => this.#wire?.probe();

  constructor(options: ConnectionOptions, listener: ConnectionListener) {
    this.#options = options;
    this.#listener = listener;
    this.#backoff = new Backoff(options.backoff, options.random);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Starts, unless it runs already. */
  start(): void {
    if (this.#state.name !== "idle" && this.#state.name !== "stopped") return;
    this.#tries = this.#refusals = 0;
    this.#backoff.reset();
    globalThis.addEventListener?.("online", this.#online);
    globalThis.addEventListener?.("offline", this.#offline);
    void this.#attempt();
  }

  /** Ends the wait for the next attempt. */
  retryNow(): void {
    if (this.#state.name === "waiting") void this.#attempt();
  }

  /** Sends one object; without an open connection it is dropped. */
  send(line: string): void {
    if (this.#state.name === "open") this.#wire?.send(line);
  }

  /** Sends a binary frame; without an open connection it is dropped. */
  sendBytes(frame: Uint8Array<ArrayBuffer>): void {
    if (this.#state.name === "open") this.#wire?.sendBytes(frame);
  }

  /** How much waits to leave this machine. */
  get bufferedBytes(): number {
    return this.#wire?.bufferedBytes ?? 0;
  }

  /** Stops for good; resolves when the socket has closed. */
  close(): Promise<void> {
    if (this.#state.name === "stopped") return this.#closed;
    this.#closed = this.#wire?.close(1000, "") ?? Promise.resolve();
    this.#stop(1000, "Closed by the client");
    return this.#closed;
  }

  async #attempt(): Promise<void> {
    clearTimeout(this.#timer);
    const id = ++this.#attemptId;
    this.#tries++;
    this.#become({ name: "connecting", attempt: this.#tries });
    if (id !== this.#attemptId) return; // whoever heard of it has closed the client
    try {
      const token = await this.#options.tokens.get();
      if (id === this.#attemptId) this.#open(token);
    } catch (error) {
      if (id === this.#attemptId) this.#noToken(error);
    }
  }

  #open(token: string): void {
    let socket: WebSocket;
    try {
      socket = new this.#options.WebSocket(this.#options.url, ["parley.v1", `bearer.${token}`]);
    } catch {
      // The address was checked before, so it is the token that cannot be sent.
      return this.#stop(1008, "Invalid token");
    }
    this.#wire = new Wire(socket, {
      welcomed: (welcome) => this.#welcomed(welcome),
      received: (message) => this.#received(message),
      ended: (code, reason) => this.#ended(code, reason),
    }, this.#options.now);
  }

  #noToken(error: unknown): void {
    const reason = error instanceof Error ? error.message : "No token";
    if (error instanceof ParleyError) this.#stop(1008, reason);
    else this.#wait(this.#backoff.next(), undefined, reason);
  }

  #welcomed(welcome: Welcome): void {
    this.#tries = this.#refusals = 0;
    this.#openedAt = this.#options.now();
    this.#options.tokens.accepted(welcome.expiresAt, welcome.serverTime);
    const state: ConnectionState = this.#state = { name: "open" };
    this.#listener.opened(welcome);
    if (this.#state === state) this.#listener.changed(state);
  }

  #received(message: ServerMessage): void {
    this.#listener.received(message);
    if (message.type === "server_shutdown") this.#leaveWhenAdvised(message.reconnectInMs);
  }

  /** The server goes: nothing is sent any more, and at the advised time we come back, even if it has not closed. */
  #leaveWhenAdvised(reconnectInMs: number): void {
    clearTimeout(this.#timer);
    this.#advisedAt = this.#options.now() + reconnectInMs;
    this.#timer = setTimeout(() => {
      void this.#wire?.close(1000, "");
      this.#ended(1001, "Server shutting down");
    }, Math.min(reconnectInMs, MAX_TIMER_MS));
    this.#listener.interrupted();
  }

  #ended(code: number, reason: string): void {
    clearTimeout(this.#timer);
    this.#wire = undefined;
    const id = this.#attemptId;
    if (this.#state.name === "open") this.#wasOpen();
    if (id !== this.#attemptId) return; // whoever heard of it has closed the client
    const next = afterClose(code, reason);
    if (!this.#mayReturn(next, code)) return this.#stop(code, reason);
    this.#wait(this.#nextWaitMs(), code, reason);
  }

  #wasOpen(): void {
    // A server that welcomes us and drops us at once must not be hammered: only a lasting connection ends an outage.
    if (this.#options.now() - this.#openedAt >= this.#backoff.ceilingMs) this.#backoff.reset();
    this.#listener.interrupted();
    this.#listener.lost();
  }

  #mayReturn(next: AfterClose, code: number): boolean {
    const { tokens } = this.#options;
    if (next === "return" || next === "stop") return next === "return";
    tokens.discard(next === "token_expired" ? "expired" : "refused");
    // A token that has served its time may be replaced for ever, one that was never good only once.
    return tokens.renewable && (code !== 1008 || this.#refusals++ === 0);
  }

  #nextWaitMs(): number {
    const advisedAt = this.#advisedAt;
    this.#advisedAt = undefined;
    return advisedAt === undefined ? this.#backoff.next() : Math.max(0, advisedAt - this.#options.now());
  }

  #wait(ms: number, code?: number, reason?: string): void {
    const maxAttempts = this.#options.backoff.maxAttempts ?? Infinity;
    if (this.#tries >= maxAttempts) return this.#stop(code ?? 1006, reason ?? "");
    const retryAt = this.#options.now() + ms;
    const state: ConnectionState = { name: "waiting", attempt: this.#tries + 1, retryAt, code, reason };
    this.#become(state);
    if (this.#state === state) this.#timer = setTimeout(() => void this.#attempt(), ms);
  }

  #stop(code: number, reason: string): void {
    const wasOpen = this.#state.name === "open";
    this.#attemptId++;
    clearTimeout(this.#timer);
    this.#wire = undefined;
    this.#advisedAt = undefined;
    globalThis.removeEventListener?.("online", this.#online);
    globalThis.removeEventListener?.("offline", this.#offline);
    const state: ConnectionState = this.#state = { name: "stopped", code, reason };
    if (wasOpen) {
      this.#listener.interrupted();
      this.#listener.lost();
    }
    this.#listener.changed(state);
  }

  #become(state: ConnectionState): void {
    this.#state = state;
    this.#listener.changed(state);
  }
}
