/** What every message of the load holds; digits behind it say when it was sent. */
const MESSAGE = '"content":"';
const HEAD_END = new TextEncoder().encode("\r\n\r\n");

/** How a member is let in. */
export interface Entrance {
  readonly port: number;
  readonly path: string;
  readonly protocols?: string;
}

/** What a member listens for. */
export interface Hearing {
  /** Called for every message with the time that stands in it. */
  heard(sentAtMs: number): void;
  /** What else than messages is counted: this text, wherever it stands. */
  readonly mark?: string;
  /** Many members need small ones. @default 65_536 */
  readonly bufferBytes?: number;
}

/**
 * A member on a bare TCP connection, which costs the measuring process a fraction of a WebSocket object, and does not
 * stall as a thousand of those in one process do.
 */
export class RawMember {
  readonly #connection: Deno.TcpConn;
  readonly #hearing: Hearing;
  readonly #mark: Uint8Array;
  #tail: Uint8Array = new Uint8Array(0);
  #wanted: { readonly text: string; resolve(): void } | undefined;

  private constructor(connection: Deno.TcpConn, hearing: Hearing) {
    this.#connection = connection;
    this.#hearing = hearing;
    this.#mark = new TextEncoder().encode(hearing.mark ?? MESSAGE);
  }

  /** Opens the connection and joins the room. */
  static async join(entrance: Entrance, roomId: string, hearing: Hearing): Promise<RawMember> {
    const member = await RawMember.open(entrance, hearing);
    const joined = member.#hears('"type":"joined"');
    await member.send(JSON.stringify({ type: "join", roomId }));
    await joined;
    return member;
  }

  /** Opens the connection, and no more. */
  static async open({ port, path, protocols }: Entrance, hearing: Hearing): Promise<RawMember> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    connection.setNoDelay();
    const member = new RawMember(connection, hearing);
    const offer = protocols === undefined ? "" : `Sec-WebSocket-Protocol: ${protocols}\r\n`;
    const head = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw==\r\n${offer}\r\n`;
    await connection.write(new TextEncoder().encode(head));
    await member.#readHead();
    member.#read();
    return member;
  }

  /** Sends one text frame (RFC 6455 §5.2), masked with zeros. */
  async send(text: string): Promise<void> {
    const bytes = new TextEncoder().encode(text);
    const short = bytes.length < 126;
    const frame = new Uint8Array((short ? 6 : 8) + bytes.length);
    frame[0] = 0x81;
    frame[1] = 0x80 | (short ? bytes.length : 126);
    if (!short) new DataView(frame.buffer).setUint16(2, bytes.length);
    frame.set(bytes, frame.length - bytes.length);
    await this.#connection.write(frame);
  }

  close(): void {
    this.#connection.close();
  }

  async #readHead(): Promise<void> {
    const buffer = new Uint8Array(4096);
    let head: Uint8Array = new Uint8Array(0);
    let end = -1;
    while ((end = find(head, HEAD_END, 0)) < 0) {
      const length = await this.#connection.read(buffer);
      if (length === null) throw new Error("The server closed the connection during the handshake");
      head = join(head, buffer.subarray(0, length));
    }
    this.#tail = head.slice(end + HEAD_END.length);
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(this.#hearing.bufferBytes ?? 65_536);
    try {
      for (let length; (length = await this.#connection.read(buffer)) !== null;) {
        this.#scan(join(this.#tail, buffer.subarray(0, length)));
      }
    } catch {
      // Closed, by us.
    }
  }

  /** Finds messages without looking at frames: the mark stands nowhere else. */
  #scan(bytes: Uint8Array): void {
    if (this.#wanted && new TextDecoder().decode(bytes).includes(this.#wanted.text)) this.#wanted.resolve();
    let next = 0;
    for (let at = find(bytes, this.#mark, 0); at >= 0; at = find(bytes, this.#mark, next)) {
      const from = at + this.#mark.length;
      const end = bytes.indexOf(0x3a, from); // The colon behind the time.
      if (end < 0) break;
      this.#hearing.heard(Number(String.fromCharCode(...bytes.subarray(from, end))));
      next = end;
    }
    this.#tail = bytes.slice(Math.max(next, bytes.length - 64));
  }

  #hears(text: string): Promise<void> {
    return new Promise((resolve) =>
      this.#wanted = { text, resolve: () => resolve(this.#wanted = undefined) }
    );
  }
}

function find(bytes: Uint8Array, pattern: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(pattern[0], from); at >= 0; at = bytes.indexOf(pattern[0], at + 1)) {
    let i = 1;
    while (i < pattern.length && bytes[at + i] === pattern[i]) i++;
    if (i === pattern.length) return at;
  }
  return -1;
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}
