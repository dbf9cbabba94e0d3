import { assertEquals } from "@std/assert";
import { Peer, type Reachable } from "../support/peer.ts";

/** A server that says how it is doing. */
export type Observed = Reachable & { readonly url: string };

/** How long the server may take to notice that a peer has gone: less than until it misses a sign of life. */
const PATIENCE_MS = 15_000;

/** Somebody well-behaved, who notices whether what strangers do reaches anybody else. */
export class Witness implements AsyncDisposable {
  readonly #server: Observed;
  readonly #peer: Peer;

  private constructor(server: Observed, peer: Peer) {
    this.#server = server;
    this.#peer = peer;
  }

  static async arrive(server: Observed): Promise<Witness> {
    return new Witness(server, await Peer.signIn(server, "witness"));
  }

  /** Fails unless the server answers a well-behaved peer. */
  async isServed(): Promise<void> {
    assertEquals((await this.#peer.ask({ type: "ping" })).type, "pong");
  }

  /** Fails unless the server holds on to no connection but this, lets others in, and has met nothing unexpected. */
  async isAlone(): Promise<void> {
    await this.isServed();
    const giveUpAt = Date.now() + PATIENCE_MS;
    while (await countConnections(this.#server) > 1 && Date.now() < giveUpAt);
    assertEquals(await countConnections(this.#server), 1, "connections that are left");
    await using _ = await Peer.signIn(this.#server, "somebody else");
    assertEquals(await readSurprises(this.#server), []);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#peer[Symbol.asyncDispose]();
  }
}

/** How many connections the server has. */
export async function countConnections({ url }: Observed): Promise<number> {
  const response = await fetch(`${url}/metrics/websocket`);
  return (await response.json()).activeConnections;
}

/** What the server did not expect, as lines like `parley_surprises_total{stage="http"} 1`. */
export async function readSurprises({ url }: Observed): Promise<string[]> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return text.split("\n").filter((line) => /^parley_surprises_total\b/.test(line) && !line.endsWith(" 0"));
}
