import type { ServerMessage, Welcome } from "../../../static/sdk/types.ts";

/** A command as a test reads it. */
export type SentCommand = { type: string; id: string; roomId: string; [field: string]: unknown };

/** What the server says first, unless a test says otherwise. */
export const WELCOME: Welcome = {
  type: "welcome",
  protocol: "parley.v1",
  connectionId: "c1",
  userId: "ada",
  username: "Ada",
  role: "user",
  expiresAt: 4_000_000_000_000,
  serverTime: 2_000_000_000_000,
  heartbeatMs: 25_000,
  limits: { messageBytes: 65_536, fileBytes: 1_000_000, historyPage: 100, roomsPerConnection: 128 },
  rooms: [],
};

/** The client's end of a WebSocket whose other end is the test. */
export class FakeSocket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSING = 2;
  readonly CLOSED = 3;
  readonly url: string;
  readonly protocols: string[];
  /** The frames the client has sent. */
  readonly frames: string[] = [];
  /** The binary frames the client has sent. */
  readonly chunks: Uint8Array[] = [];
  bufferedAmount = 0;
  readyState = 0;
  closedWith: { code?: number; reason?: string } | undefined;
  onmessage: ((event: MessageEvent) => void) | null = null;
  onclose: ((event: CloseEvent) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;
  /** Hears each frame as it is sent. */
  onframe: ((frame: string) => void) | undefined;
  #read = 0;

  constructor(url: string, protocols: string[]) {
    this.url = url;
    this.protocols = protocols;
  }

  send(frame: string | Uint8Array): void {
    if (this.readyState !== this.OPEN) throw new Error("The socket is not open");
    if (typeof frame !== "string") return void this.chunks.push(frame);
    this.frames.push(frame);
    this.onframe?.(frame);
  }

  close(code?: number, reason?: string): void {
    if (this.readyState >= this.CLOSING) return;
    this.closedWith = { code, reason };
    this.readyState = this.CLOSING;
    queueMicrotask(() => this.end(code, reason));
  }

  /** The handshake succeeds and the server says welcome. */
  welcome(changes: Partial<Welcome> = {}): this {
    this.readyState = this.OPEN;
    this.receive({ ...WELCOME, serverTime: Date.now(), expiresAt: Date.now() + 3_600_000, ...changes });
    return this;
  }

  /** The server sends a frame with these objects. */
  receive(...messages: (ServerMessage | Record<string, unknown>)[]): void {
    this.receiveText(messages.map((message) => JSON.stringify(message)).join("\n"));
  }

  receiveText(data: string): void {
    this.onmessage?.(new MessageEvent("message", { data }));
  }

  /** The server, or the network, closes. */
  end(code = 1006, reason = ""): void {
    if (this.readyState === this.CLOSED) return;
    this.readyState = this.CLOSED;
    this.onclose?.(new CloseEvent("close", { code, reason, wasClean: code !== 1006 }));
  }

  /** The handshake fails. */
  fail(): void {
    this.onerror?.(new Event("error"));
    this.end(1006);
  }

  /** Everything the client has sent, read. */
  get sent(): SentCommand[] {
    return this.frames.filter((frame) => frame !== "ping").flatMap(readFrame);
  }

  /** What the client has sent since the last call. */
  takeSent(): SentCommand[] {
    const sent = this.sent.slice(this.#read);
    this.#read += sent.length;
    return sent;
  }
}

/** Reads the objects in a frame. */
export function readFrame(frame: string): SentCommand[] {
  return frame.split("\n").map((line) => JSON.parse(line));
}

/** Makes sockets that a test plays the server for; `opened` hears of each. */
export function fakeNetwork(opened: (socket: FakeSocket) => void = () => {}): {
  WebSocket: typeof WebSocket;
  sockets: FakeSocket[];
  readonly last: FakeSocket;
} {
  const sockets: FakeSocket[] = [];
  class NetworkSocket extends FakeSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols);
      sockets.push(this);
      opened(this);
    }
  }
  return {
    WebSocket: NetworkSocket as unknown as typeof WebSocket,
    sockets,
    get last() {
      return sockets[sockets.length - 1];
    },
  };
}
