import { encodeFrame, RawSocket } from "../../support/raw_socket.ts";

/** What a crowd is asked for: first to come, then to have heard everything up to a message. */
export type CrowdRequest =
  | { readonly port: number; readonly roomId: string; readonly tokens: readonly string[] }
  | { readonly until: number };

/** Everybody is in; or how many have not heard each message once and in order. */
export type CrowdAnswer = { readonly isIn: true } | { readonly wrong: number };

const ID = new TextEncoder().encode('{"type":"chat","id":"m');
const QUOTE = 34;
const BUFFER_BYTES = 64 * 1024;

/**
 * One of a crowd of readers who cost so little that a thousand of them fit on one core: it looks only at the ids of
 * messages, which must be `m1`, `m2` and so on.
 */
class Onlooker {
  readonly #heard = Promise.withResolvers<void>();
  #count = 0;
  #until = Infinity;
  #isWrong = false;

  /** Reads for as long as the connection lives. */
  async read(connection: Deno.TcpConn): Promise<void> {
    let buffer = new Uint8Array(BUFFER_BYTES);
    let filled = 0;
    for (let count; (count = await connection.read(buffer.subarray(filled)).catch(() => null)) !== null;) {
      filled += count;
      let start = 0;
      for (let end; (end = endOfFrame(buffer, start, filled)) !== undefined; start = end) {
        this.#look(buffer, start, end);
      }
      buffer.copyWithin(0, start, filled);
      filled -= start;
      if (filled === buffer.length) {
        const larger = new Uint8Array(filled * 2);
        larger.set(buffer);
        buffer = larger;
      }
    }
    this.#isWrong ||= this.#count < this.#until;
    this.#heard.resolve();
  }

  /** Resolves to whether everything was heard once and in order. */
  async hear(until: number): Promise<boolean> {
    this.#until = until;
    if (this.#count >= until) this.#heard.resolve();
    await this.#heard.promise;
    return !this.#isWrong;
  }

  /** Looks at all messages in a frame: one a line. */
  #look(buffer: Uint8Array, start: number, end: number): void {
    for (let at = start + headerOf(buffer, start); at < end;) {
      if (isChat(buffer, at)) this.#take(buffer, at + ID.length);
      const lineBreak = buffer.indexOf(10, at);
      if (lineBreak < 0) return;
      at = lineBreak + 1;
    }
  }

  #take(buffer: Uint8Array, at: number): void {
    let number = 0;
    for (let i = at; buffer[i] !== QUOTE; i++) number = number * 10 + buffer[i] - 48;
    if (number !== ++this.#count) this.#isWrong = true;
    if (number >= this.#until) this.#heard.resolve();
  }
}

function isChat(buffer: Uint8Array, at: number): boolean {
  for (let i = 0; i < ID.length; i++) if (buffer[at + i] !== ID[i]) return false;
  return true;
}

function headerOf(buffer: Uint8Array, start: number): number {
  const short = buffer[start + 1] & 127;
  return short < 126 ? 2 : short === 126 ? 4 : 10;
}

function endOfFrame(buffer: Uint8Array, start: number, filled: number): number | undefined {
  if (filled - start < 2 || filled - start < headerOf(buffer, start)) return undefined;
  const view = new DataView(buffer.buffer, start);
  const header = headerOf(buffer, start);
  const length = header === 2
    ? buffer[start + 1] & 127
    : header === 4
    ? view.getUint16(2)
    : Number(view.getBigUint64(2));
  return start + header + length <= filled ? start + header + length : undefined;
}

/** Brings a crowd into a room; each reads on its own connection. */
async function bring(
  port: number,
  roomId: string,
  tokens: readonly string[],
): Promise<[Onlooker, Deno.TcpConn][]> {
  const crowd: [Onlooker, Deno.TcpConn][] = [];
  for (const token of tokens) {
    const socket = await RawSocket.open(port, "/ws", {
      "sec-websocket-protocol": `parley.v1, bearer.${token}`,
    });
    await socket.hear("welcome");
    await socket.write(encodeFrame({ opcode: 1, payload: JSON.stringify({ type: "join", roomId }) }));
    await socket.hear("joined");
    const onlooker = new Onlooker();
    const connection = socket.detach();
    void onlooker.read(connection);
    crowd.push([onlooker, connection]);
  }
  return crowd;
}

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<CrowdRequest>) => void;
  postMessage(answer: CrowdAnswer): void;
};
let crowd: [Onlooker, Deno.TcpConn][] = [];
scope.onmessage = async ({ data: request }) => {
  if ("tokens" in request) {
    crowd = await bring(request.port, request.roomId, request.tokens);
    return scope.postMessage({ isIn: true });
  }
  const heard = await Promise.all(crowd.map(([onlooker]) => onlooker.hear(request.until)));
  for (const [, connection] of crowd) connection.close();
  scope.postMessage({ wrong: heard.filter((isRight) => !isRight).length });
};
