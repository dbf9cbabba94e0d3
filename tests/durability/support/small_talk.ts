import { Peer, type Reachable } from "../../support/peer.ts";

const ROOM = "small talk";

/** How long things took, such as a message from being sent to being heard by somebody else. */
export interface TalkReport {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Two people in a room of their own, one of whom speaks at an even rate. */
export class SmallTalk implements AsyncDisposable {
  readonly #speaker: Peer;
  readonly #listener: Peer;
  #count = 0;

  private constructor(speaker: Peer, listener: Peer) {
    this.#speaker = speaker;
    this.#listener = listener;
  }

  static async begin(server: Reachable): Promise<SmallTalk> {
    const [speaker, listener] = [await Peer.signIn(server, "speaker"), await Peer.signIn(server, "listener")];
    for (const peer of [speaker, listener]) await peer.join(ROOM);
    return new SmallTalk(speaker, listener);
  }

  /** Speaks for a while, and measures it. */
  async last(seconds: number, perSecond = 50): Promise<TalkReport> {
    const tookMs: number[] = [];
    const startedAt = performance.now();
    for (let i = 0; i < seconds * perSecond; i++) {
      const waitMs = startedAt + i * 1000 / perSecond - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      const id = `t${this.#count++}`;
      const sentAt = performance.now();
      this.#speaker.send({ type: "chat", roomId: ROOM, id, content: "Is it late already?" });
      await this.#listener.next("chat", (said) => said.id === id);
      tookMs.push(performance.now() - sentAt);
    }
    return describeTimes(tookMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const peer of [this.#speaker, this.#listener]) await peer[Symbol.asyncDispose]();
  }
}

/** What a row of times comes to. */
export function describeTimes(tookMs: readonly number[]): TalkReport {
  const sorted = tookMs.toSorted((a, b) => a - b);
  const quantile = (share: number) => Number((sorted[Math.floor(sorted.length * share)] ?? NaN).toFixed(1));
  const [p50Ms, p99Ms, maxMs] = [quantile(0.5), quantile(0.99), quantile(0.9999999)];
  return { count: sorted.length, p50Ms, p99Ms, maxMs };
}
