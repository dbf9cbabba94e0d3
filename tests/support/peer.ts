import { sleep, within } from "../../lib/kit/wait.ts";
import { isCluster } from "./test_cluster.ts";
import { makeToken, type TestServer, type TokenFor } from "./server.ts";

/** A story whose server says nothing for so long has failed. */
const PATIENCE_MS = Number(Deno.env.get("PEER_PATIENCE_MS") ?? 30_000);

/** What goes from node to node has arrived after so many looks, so far apart: on a busy machine, they take longer. */
const SETTLING_LOOKS = 20;
const SETTLING_PAUSE_MS = 5;

/** One object from the server, fields and all. */
export type Said = Record<string, unknown> & { type: string };

/** Where a server answers, in this process or another. */
export type Reachable = Pick<TestServer, "address">;

/** How a connection ended. */
export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** A client that speaks the wire and nothing more: what it hears is kept until somebody asks for it. */
export class Peer implements AsyncDisposable {
  /** Every frame as it came, in order. */
  readonly frames: string[] = [];
  readonly closed: Promise<Closed>;
  readonly #socket: WebSocket;
  #heard: Said[] = [];
  #isClosed = false;
  #wake = Promise.withResolvers<void>();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.onclose = ({ code, reason }) => {
        this.#isClosed = true;
        this.#wake.resolve();
        resolve({ code, reason });
      };
    });
    socket.onerror = () => {};
    socket.onmessage = ({ data }) => {
      this.frames.push(data);
      for (const line of data.split("\n")) {
        this.#heard.push(line === "pong" ? { type: "text pong" } : JSON.parse(line));
      }
      this.#wake.resolve();
      this.#wake = Promise.withResolvers();
    };
  }

  /** Opens a socket and waits until it is open or closed; `protocols` and `query` as the test wants them. */
  static async open(server: Reachable, how: { protocols?: string[]; path?: string } = {}): Promise<Peer> {
    const socket = new WebSocket(`ws://${server.address}${how.path ?? "/ws"}`, how.protocols);
    const peer = new Peer(socket);
    await Promise.race([new Promise((resolve) => socket.onopen = resolve), peer.closed]);
    return peer;
  }

  /** Signs somebody in over `parley.v1` and takes the welcome. */
  static async signIn(server: Reachable, userId: string, request: TokenFor = {}): Promise<Peer> {
    const peer = await Peer.open(server, {
      protocols: ["parley.v1", `bearer.${await makeToken(userId, request)}`],
    });
    await peer.next("welcome");
    return peer;
  }

  /** Signs somebody in as the plain protocol does: a token in the address, no subprotocol, one object a frame. */
  static async signInPlainly(server: Reachable, userId: string, request: TokenFor = {}): Promise<Peer> {
    const peer = await Peer.open(server, { path: `/?token=${await makeToken(userId, request)}` });
    await peer.next("welcome");
    return peer;
  }

  /** Sends objects as one frame, or a text as it is. */
  send(...messages: (object | string)[]): void {
    this.#socket.send(
      messages.map((message) => typeof message === "string" ? message : JSON.stringify(message)).join("\n"),
    );
  }

  sendBytes(bytes: Uint8Array<ArrayBuffer>): void {
    this.#socket.send(bytes);
  }

  /** The next object of a type, those before it being skipped; rejects if the connection closes first. */
  async next(type?: string, matches: (said: Said) => boolean = () => true): Promise<Said> {
    while (true) {
      const index = this.#heard.findIndex((said) =>
        (type === undefined || said.type === type) && matches(said)
      );
      if (index >= 0) return this.#heard.splice(0, index + 1).at(-1)!;
      if (this.#isClosed) throw new Error(`The connection closed before "${type}" came`);
      await this.#wait(`"${type}"`);
    }
  }

  /** Sends a command, under an id if it has none and behind others, and takes its one answer; the rest stays to be read. */
  async ask(command: object, ...before: (object | string)[]): Promise<Said> {
    const id = "id" in command ? String(command.id) : crypto.randomUUID();
    this.send(...before, { ...command, id });
    return await this.answer(id);
  }

  /** Takes the answer to the command of that id. */
  async answer(id: string): Promise<Said> {
    while (true) {
      const index = this.#heard.findIndex((said) => said.id === id && said.type !== "chat");
      if (index >= 0) return this.#heard.splice(index, 1)[0];
      if (this.#isClosed) throw new Error(`The connection closed before the answer to "${id}"`);
      await this.#wait(`the answer to "${id}"`);
    }
  }

  /** Waits for more to come, but not for ever. */
  async #wait(wanted: string): Promise<void> {
    if (await within(PATIENCE_MS, this.#wake.promise)) return;
    throw new Error(`Waited ${PATIENCE_MS} ms in vain for ${wanted}`);
  }

  /** Joins a room and takes everything up to `joined`, which is returned. */
  async join(roomId: string, more: object = {}): Promise<Said> {
    this.send({ type: "join", roomId, ...more });
    return await this.next("joined");
  }

  /** What was heard and not read, after the server has answered a ping: so nothing earlier can still come. */
  async drained(...before: (object | string)[]): Promise<Said[]> {
    await this.ask({ type: "ping" }, ...before);
    if (isCluster) { for (let i = 0; i < SETTLING_LOOKS; i++) await sleep(SETTLING_PAUSE_MS); }
    const heard = this.#heard;
    this.#heard = [];
    return heard;
  }

  close(code?: number): void {
    this.#socket.close(code);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await this.closed;
  }
}
