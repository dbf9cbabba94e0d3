/** A frame to be written; what is left out is as RFC 6455 §5.2 wants it from a client. */
export interface FrameShape {
  /** 1 text, 2 binary, 0 continuation, 8 close, 9 ping, 10 pong. */
  readonly opcode: number;
  readonly payload?: string | Uint8Array;
  readonly isFinal?: boolean;
  /** The three reserved bits, as a number from 0 to 7. */
  readonly reserved?: number;
  readonly isMasked?: boolean;
  /** How many bits the length is written with: the fewest, unless given. */
  readonly lengthBits?: 7 | 16 | 64;
  /** What the header says instead of the payload's length. */
  readonly declaredLength?: bigint;
}

/** A frame as it was read. */
export interface RawFrame {
  readonly opcode: number;
  readonly payload: Uint8Array;
}

/** An HTTP answer as it was read. */
export interface RawResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** An opening handshake in good order. */
export const HANDSHAKE_HEADERS = {
  "host": "127.0.0.1",
  "upgrade": "websocket",
  "connection": "Upgrade",
  "sec-websocket-version": "13",
  "sec-websocket-key": "AAECAwQFBgcICQoLDA0ODw==",
};

/** A server that keeps silent for this long has failed the test. */
const PATIENCE_MS = 10_000;

/** Writes one frame, right or wrong. */
export function encodeFrame(shape: FrameShape): Uint8Array<ArrayBuffer> {
  const { opcode, payload = "", isFinal = true, reserved = 0, isMasked = true } = shape;
  const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
  const length = shape.declaredLength ?? BigInt(bytes.length);
  const bits = shape.lengthBits ?? (length < 126n ? 7 : length < 65_536n ? 16 : 64);
  const lengthAt = 2 + (bits === 7 ? 0 : bits / 8);
  const frame = new Uint8Array(lengthAt + (isMasked ? 4 : 0) + bytes.length);
  const view = new DataView(frame.buffer);
  frame[0] = (isFinal ? 0x80 : 0) | reserved << 4 | opcode;
  frame[1] = (isMasked ? 0x80 : 0) | (bits === 7 ? Number(length) : bits === 16 ? 126 : 127);
  if (bits === 16) view.setUint16(2, Number(length));
  if (bits === 64) view.setBigUint64(2, length);
  const mask = isMasked ? [0x37, 0xfa, 0x21, 0x3d] : [0, 0, 0, 0];
  if (isMasked) frame.set(mask, lengthAt);
  const start = frame.length - bytes.length;
  for (let i = 0; i < bytes.length; i++) frame[start + i] = bytes[i] ^ mask[i & 3];
  return frame;
}

/** Writes a close frame: a code, or any payload. */
export function encodeClose(code: number, reason: string | Uint8Array = ""): Uint8Array<ArrayBuffer> {
  const bytes = typeof reason === "string" ? new TextEncoder().encode(reason) : reason;
  return encodeFrame({ opcode: 8, payload: new Uint8Array([code >> 8, code & 255, ...bytes]) });
}

/** Puts pieces together. */
export function concatBytes(...pieces: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}

/** Writes the head of an HTTP request. */
export function encodeHead(line: string, headers: Record<string, string>): string {
  const rows = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${line}\r\n${rows.join("")}\r\n`;
}

/** A TCP peer that can say anything at all. */
export class RawSocket implements Disposable {
  readonly #connection: Deno.TcpConn;
  #unread = new Uint8Array(0);
  #isEnded = false;
  #isClosed = false;

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  /** Connects to a port of this machine. */
  static async connect(port: number): Promise<RawSocket> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    connection.setNoDelay();
    return new RawSocket(connection);
  }

  /** Connects and shakes hands, which must succeed; headers that are `""` are left out. */
  static async open(port: number, path = "/ws", headers: Record<string, string> = {}): Promise<RawSocket> {
    const socket = await RawSocket.connect(port);
    const sent = Object.entries({ ...HANDSHAKE_HEADERS, ...headers }).filter(([, value]) => value !== "");
    await socket.write(encodeHead(`GET ${path} HTTP/1.1`, Object.fromEntries(sent)));
    const { status } = await socket.readHead();
    if (status === 101) return socket;
    socket.close();
    throw new Error(`The handshake was answered with ${status}`);
  }

  /** Sends everything; returns false if the server has cut the connection. */
  async write(data: string | Uint8Array): Promise<boolean> {
    let bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    try {
      while (bytes.length > 0) bytes = bytes.subarray(await this.#connection.write(bytes));
      return true;
    } catch {
      return false;
    }
  }

  /** Sends one frame. */
  send(shape: FrameShape): Promise<boolean> {
    return this.write(encodeFrame(shape));
  }

  /** Sends an object as a text frame. */
  say(object: object): Promise<boolean> {
    return this.send({ opcode: 1, payload: JSON.stringify(object) });
  }

  /** The head of an HTTP answer. */
  async readHead(): Promise<{ status: number; headers: Headers }> {
    let end: number;
    while ((end = indexOfHeadEnd(this.#unread)) < 0) {
      if (!await this.#fill()) throw new Error("The connection ended before an answer came");
    }
    const [line, ...rows] = new TextDecoder().decode(this.#take(end)).trimEnd().split("\r\n");
    const headers = new Headers();
    for (const row of rows) {
      headers.append(row.slice(0, row.indexOf(":")), row.slice(row.indexOf(":") + 1).trim());
    }
    return { status: Number(line.split(" ")[1]), headers };
  }

  /** An HTTP answer with its body, if it says how long that is; 0 if the connection ended without one. */
  async readResponse(): Promise<RawResponse> {
    if (this.#unread.length === 0 && !await this.#fill()) {
      return { status: 0, headers: new Headers(), body: "" };
    }
    const { status, headers } = await this.readHead();
    const length = Number(headers.get("content-length") ?? 0);
    while (this.#unread.length < length && await this.#fill());
    return {
      status,
      headers,
      body: new TextDecoder().decode(this.#take(Math.min(length, this.#unread.length))),
    };
  }

  /** The next frame; `undefined` once the server has cut the connection. */
  async readFrame(): Promise<RawFrame | undefined> {
    while (true) {
      const size = frameSize(this.#unread);
      if (size !== undefined && this.#unread.length >= size.header + size.payload) {
        const bytes = this.#take(size.header + size.payload);
        return { opcode: bytes[0] & 15, payload: bytes.slice(size.header) };
      }
      if (!await this.#fill()) return undefined;
    }
  }

  /** The next text frame's first object of a type; those before it are skipped. */
  async hear(type: string): Promise<Record<string, unknown>> {
    for (let frame; (frame = await this.readFrame()) !== undefined;) {
      if (frame.opcode !== 1) continue;
      for (const line of new TextDecoder().decode(frame.payload).split("\n")) {
        if (line === "pong" ? type === "text pong" : JSON.parse(line).type === type) {
          return line === "pong" ? { type } : JSON.parse(line);
        }
      }
    }
    throw new Error(`The connection ended before "${type}" came`);
  }

  /** Everything until the server ends the connection. */
  async readToEnd(): Promise<RawFrame[]> {
    const frames: RawFrame[] = [];
    for (let frame; (frame = await this.readFrame()) !== undefined;) frames.push(frame);
    return frames;
  }

  /** Everything until the server ends the connection, as bytes. */
  async readRest(): Promise<Uint8Array> {
    while (await this.#fill());
    return this.#take(this.#unread.length);
  }

  /** Reads a single byte and leaves what came with it in the system's buffer; returns false at the end. */
  readByte(): Promise<boolean> {
    return this.#fill(1);
  }

  /** Says that nothing more will be sent. */
  closeWrite(): Promise<void> {
    return this.#connection.closeWrite();
  }

  /** Hands the connection over, with nothing read and kept back; this object must not be used any more. */
  detach(): Deno.TcpConn {
    if (this.#unread.length > 0) throw new Error("Something was read that nobody has seen");
    return this.#connection;
  }

  /** Lets the connection go; with bytes unread that resets it (RFC 1122 §4.2.2.13). */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#connection.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #take(count: number): Uint8Array {
    const bytes = this.#unread.subarray(0, count);
    this.#unread = this.#unread.subarray(count);
    return bytes;
  }

  /** Reads more; returns false at the end. */
  async #fill(atMost = 65_536): Promise<boolean> {
    if (this.#isEnded) return false;
    const chunk = new Uint8Array(atMost);
    const timer = setTimeout(() => this.close(), PATIENCE_MS);
    const count = await this.#connection.read(chunk).catch((error) => {
      if (this.#isClosed) throw new Error(`Nothing came for ${PATIENCE_MS} ms`, { cause: error });
      return null; // Reset by the server.
    }).finally(() => clearTimeout(timer));
    if (count === null) this.#isEnded = true;
    else this.#unread = concatBytes(this.#unread, chunk.subarray(0, count));
    return count !== null;
  }
}

function indexOfHeadEnd(bytes: Uint8Array): number {
  for (let i = 3; i < bytes.length; i++) {
    if (bytes[i] === 10 && bytes[i - 1] === 13 && bytes[i - 2] === 10 && bytes[i - 3] === 13) return i + 1;
  }
  return -1;
}

function frameSize(bytes: Uint8Array): { header: number; payload: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes[1] & 127;
  if (short < 126) return { header: 2, payload: short };
  const header = short === 126 ? 4 : 10;
  if (bytes.length < header) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return { header, payload: short === 126 ? view.getUint16(2) : Number(view.getBigUint64(2)) };
}
