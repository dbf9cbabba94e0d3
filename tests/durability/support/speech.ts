import { RawSocket } from "../../support/raw_socket.ts";
import { makeToken } from "../../support/server.ts";

/**
 * A writer who speaks at an even rate; each message begins with the time.
 *
 * By a socket of its own making: the runtime's holds back what is longer than a packet for up to 40 ms, until the
 * server has confirmed the packet with its head.
 */
export class Speech {
  readonly #socket: RawSocket;
  readonly #filler: string;
  readonly #listening: Promise<void>;
  count = 0;
  #answers = 0;
  #refusal: string | undefined;

  private constructor(socket: RawSocket, contentBytes: number) {
    this.#socket = socket;
    this.#filler = "x".repeat(contentBytes);
    this.#listening = this.#listen();
  }

  static async begin(port: number, contentBytes: number): Promise<Speech> {
    const headers = { "sec-websocket-protocol": `parley.v1, bearer.${await makeToken("writer")}` };
    const socket = await RawSocket.open(port, "/ws", headers);
    await socket.say({ type: "join", roomId: "general" });
    await socket.hear("joined");
    return new Speech(socket, contentBytes);
  }

  async last(seconds: number, perSecond: number, each: () => void = () => {}): Promise<void> {
    const startedAt = performance.now();
    for (let i = 0; i < seconds * perSecond; i++) {
      const waitMs = startedAt + i * 1000 / perSecond - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      const content = `${performance.now().toFixed(1)} ${this.#filler}`;
      await this.#socket.say({ type: "chat", roomId: "general", id: `m${++this.count}`, content });
      if (i % 20 === 0) each();
    }
  }

  /** Waits for all answers; rejects if one of them was a refusal. */
  async end(): Promise<void> {
    while (this.#answers < this.count && this.#refusal === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    this.#socket.close();
    await this.#listening;
    if (this.#refusal !== undefined) throw new Error(`A message was refused: ${this.#refusal}`);
  }

  async #listen(): Promise<void> {
    try {
      for (let frame; (frame = await this.#socket.readFrame()) !== undefined;) {
        for (const line of new TextDecoder().decode(frame.payload).split("\n")) {
          if (line.startsWith('{"type":"ack"')) this.#answers++;
          if (line.startsWith('{"type":"error"')) this.#refusal = line;
        }
      }
    } catch {
      // Closed by us.
    }
  }
}
