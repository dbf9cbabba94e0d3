import { Peer, type Said } from "./peer.ts";
import type { TestServer, TokenFor } from "./server.ts";

/** The connections of one story, which end together. */
export class Company implements AsyncDisposable {
  readonly #server: TestServer;
  readonly #peers: Peer[] = [];

  constructor(server: TestServer) {
    this.#server = server;
  }

  /** Signs somebody in on one more device. */
  async connect(userId: string, request: TokenFor = {}): Promise<Peer> {
    const peer = await Peer.signIn(this.#server, userId, request);
    this.#peers.push(peer);
    return peer;
  }

  /** Signs people in, one device for each time they are named, and seats them all in a room, with nothing to read. */
  async gather(roomId: string, ...names: string[]): Promise<Peer[]> {
    const peers: Peer[] = [];
    for (const name of names) peers.push(await this.connect(name));
    for (const peer of peers) await peer.join(roomId);
    await Promise.all(peers.map((peer) => peer.drained()));
    return peers;
  }

  /** What somebody is told first on a new connection. */
  async welcome(userId: string, request: TokenFor = {}): Promise<Said> {
    const peer = await this.connect(userId, request);
    const welcome = JSON.parse(peer.frames[0].split("\n")[0]);
    await Company.part(peer);
    return welcome;
  }

  /** Ends a connection before the others. */
  static async part(peer: Peer): Promise<void> {
    await peer[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#peers.map((peer) => peer[Symbol.asyncDispose]()));
  }
}

/** The messages among what was heard, as their contents. */
export function contentsOf(heard: readonly Said[]): unknown[] {
  return heard.filter(({ type }) => type === "chat").map(({ content }) => content);
}

/** An error without the id of its command. */
export function refusalOf({ id: _, ...error }: Said): Said {
  return error as Said;
}
