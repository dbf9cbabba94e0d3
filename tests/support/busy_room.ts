import { Peer, type Reachable } from "./peer.ts";

/** A room with some people who write a lot, message after message by turns: `Message 1.`, `Message 2.`, … */
export class BusyRoom implements AsyncDisposable {
  readonly roomId: string;
  readonly #writers: Peer[];
  #written = 0;

  private constructor(roomId: string, writers: Peer[]) {
    this.roomId = roomId;
    this.#writers = writers;
  }

  /** Opens one with so many writers. */
  static async open(server: Reachable, roomId: string, writers: number): Promise<BusyRoom> {
    const all: Peer[] = [];
    for (let i = 0; i < writers; i++) all.push(await BusyRoom.join(server, roomId, `writer ${i}`));
    return new BusyRoom(roomId, all);
  }

  /** Brings somebody into a room. */
  static async join(server: Reachable, roomId: string, userId: string): Promise<Peer> {
    const peer = await Peer.signIn(server, userId);
    peer.send({ type: "join", roomId });
    await peer.next("joined");
    return peer;
  }

  /** The number of the last message. */
  get written(): number {
    return this.#written;
  }

  /** Writes as fast as it goes, until there are so many messages. */
  async fill(messages: number): Promise<void> {
    while (this.#written < messages) {
      const writer = this.#nextWriter;
      const lines = Array.from({ length: Math.min(100, messages - this.#written) }, () => this.#line());
      writer.send(...lines);
      for (const { id } of lines) {
        if ((await writer.next("ack")).id !== id) throw new Error("Another message was acknowledged");
      }
    }
  }

  /** Writes so many messages a second for a while. */
  async talk(perSecond: number, seconds: number): Promise<void> {
    const startedAt = performance.now();
    const before = this.#written;
    const done = Promise.withResolvers<void>();
    const timer = setInterval(() => {
      const due = Math.min(seconds, (performance.now() - startedAt) / 1000) * perSecond;
      while (this.#written - before < Math.floor(due)) this.#nextWriter.send(this.#line());
      if (due >= seconds * perSecond) done.resolve();
    }, 5);
    await done.promise;
    clearInterval(timer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const writer of this.#writers) await writer[Symbol.asyncDispose]();
  }

  get #nextWriter(): Peer {
    return this.#writers[this.#written % this.#writers.length];
  }

  #line() {
    const number = ++this.#written;
    const content = `Message ${number}. ${"Some words to read. ".repeat(number % 7)}`;
    return { type: "chat", roomId: this.roomId, id: `m${number}`, content };
  }
}
