import { decodeFrame } from "./decode_frame.ts";
import { Heartbeat } from "./heartbeat.ts";
import { Outbox } from "./outbox.ts";
import type { ServerMessage, Welcome } from "./types.ts";

const CONNECT_TIMEOUT_MS = 15_000;
const MAX_FRAME_BYTES = 65_536;
/** What a close without a code is called (RFC 6455 §7.1.5). */
const ABNORMAL_CLOSURE = 1006;

/** Who hears what a wire brings. After `ended` nothing comes any more. */
export interface WireListener {
  welcomed(welcome: Welcome): void;
  received(message: ServerMessage): void;
  ended(code: number, reason: string): void;
}

/** One WebSocket, from its handshake to its end. */
export class Wire {
  #socket: WebSocket;
  #listener: WireListener;
  #now: () => number;
  #outbox: Outbox;
  #heartbeat: Heartbeat | undefined;
  #patience: ReturnType<typeof setTimeout>;
  #ended = false;
  #take = (message: ServerMessage): void => {
    if (this.#ended) return;
    if (message.type === "welcome") this.#welcome(message);
    else this.#listener.received(message);
  };

  /** Takes a socket that is still connecting. */
  constructor(socket: WebSocket, listener: WireListener, now: () => number) {
    this.#socket = socket;
    this.#listener = listener;
    this.#now = now;
    this.#outbox = new Outbox((frame) => this.#write(frame), MAX_FRAME_BYTES);
    this.#patience = setTimeout(() => this.#drop("No welcome in time"), CONNECT_TIMEOUT_MS);
    socket.onmessage = (event) => this.#read(event.data);
    socket.onclose = (event) => this.#end(event.code || ABNORMAL_CLOSURE, event.reason);
    socket.onerror = () => {
      // Node tells a failed handshake by `error` alone; everywhere else `close` follows.
      if (!this.#heartbeat) this.#end(ABNORMAL_CLOSURE, "Connection failed");
    };
  }

  /** Sends one object, together with others of the same turn. */
  send(line: string): void {
    this.#outbox.push(line);
  }

  /** Sends a binary frame, after everything that was sent before. */
  sendBytes(frame: Uint8Array<ArrayBuffer>): void {
    this.#outbox.flush();
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(frame);
  }

  /** How much waits to leave this machine. */
  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  /** Finds out soon whether the connection still lives. */
  probe(): void {
    this.#heartbeat?.probe();
  }

  /** Closes without telling the listener; resolves when the socket has closed. */
  close(code: number, reason: string): Promise<void> {
    this.#outbox.flush();
    this.#quit();
    const socket = this.#socket;
    if (socket.readyState === socket.CLOSED) return Promise.resolve();
    return new Promise((closed) => {
      socket.onclose = () => closed();
      socket.onerror = () => closed();
      socket.close(code, reason);
    });
  }

  #read(data: unknown): void {
    this.#heartbeat?.heard();
    if (typeof data === "string" && data !== "pong") decodeFrame(data, this.#take);
  }

  #welcome(welcome: Welcome): void {
    clearTimeout(this.#patience);
    this.#outbox.maxFrameBytes = Math.min(MAX_FRAME_BYTES, welcome.limits.messageBytes);
    this.#heartbeat?.stop();
    this.#heartbeat = new Heartbeat(welcome.heartbeatMs, {
      ping: () => this.#write("ping"),
      dead: () => this.#drop("No heartbeat"),
    }, this.#now);
    this.#listener.welcomed(welcome);
  }

  #write(frame: string): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(frame);
  }

  #drop(reason: string): void {
    void this.close(4010, reason);
    this.#listener.ended(ABNORMAL_CLOSURE, reason);
  }

  #end(code: number, reason: string): void {
    this.#quit();
    this.#listener.ended(code, reason);
  }

  #quit(): void {
    this.#ended = true;
    clearTimeout(this.#patience);
    this.#heartbeat?.stop();
    this.#socket.onmessage = this.#socket.onclose = this.#socket.onerror = null;
  }
}
