import { afterThisTurn } from "../kit/turn.ts";
import type { Bus, Listener } from "./bus.ts";

/** What one node has published within one turn. */
interface Envelope {
  readonly from: string;
  /** Counts the sender's envelopes; one without items repeats the number of the last. */
  readonly number: number;
  /** Topics and texts. */
  readonly items: readonly (readonly [string, string])[];
}

/** While something is being published, the channel is used this often at most: it holds few envelopes. */
const MIN_PAUSE_MS = 1;
const BEAT_MS = 500;
/** Beats after the last envelope, in case that they are lost too; after these, only every so many. */
const CLOSE_BEATS = 4;
const RARE_BEATS = 20;
/** A node that is silent for so many beats is forgotten. */
const MAX_SILENT_BEATS = 120;
/** What is lost within this time is told once. */
const BURST_MS = 50;

/** What is known of another node. */
interface Known {
  readonly number: number;
  /** The beat of this node in which it was heard. */
  readonly at: number;
}

/**
 * Carries texts between the isolates of one process.
 *
 * A `BroadcastChannel` loses what a receiver is too slow for, and says nothing. So all that is published in one turn
 * is one envelope, envelopes are numbered, and the last number is repeated now and then. Message ports would lose
 * nothing, and grow without end where an isolate hangs: what is bounded and heals is the better carrier of hints.
 */
export class BroadcastBus implements Bus {
  readonly nodeId: string;
  readonly isShared = true;
  readonly carriesAppends = false;
  readonly isUp = true;
  readonly #channel: BroadcastChannel;
  readonly #beating: ReturnType<typeof setInterval>;
  /** Topics, and how often each is followed. */
  readonly #followed = new Map<string, number>();
  readonly #known = new Map<string, Known>();
  #listener: Listener | undefined;
  #items: (readonly [string, string])[] = [];
  #number = 0;
  #sentAt = -Infinity;
  #beats = 0;
  #sentInBeat = 0;
  #missing: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  /**
   * Opens the channel of that name.
   *
   * @param nodeId As {@linkcode Bus.nodeId}
   */
  constructor(name: string, nodeId: string = crypto.randomUUID()) {
    this.nodeId = nodeId;
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }: MessageEvent<Envelope>) => this.#receive(data);
    this.#beating = setInterval(this.#beat, BEAT_MS);
  }

  listen(listener: Listener): void {
    this.#listener = listener;
  }

  publish(topic: string, text: string): void {
    if (this.#isClosed || this.#items.push([topic, text]) > 1) return;
    afterThisTurn(this.#flush);
  }

  follow(topic: string): Promise<void> {
    this.#followed.set(topic, (this.#followed.get(topic) ?? 0) + 1);
    return Promise.resolve();
  }

  unfollow(topic: string): void {
    const count = this.#followed.get(topic) ?? 0;
    if (count > 1) this.#followed.set(topic, count - 1);
    else this.#followed.delete(topic);
  }

  /** Takes what was published to the others, and closes the channel. */
  [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isClosed) {
      if (this.#items.length > 0) this.#send();
      this.#isClosed = true;
      clearInterval(this.#beating);
      clearTimeout(this.#missing);
      this.#channel.close();
    }
    return Promise.resolve();
  }

  readonly #flush = (): void => {
    if (this.#isClosed || this.#items.length === 0) return;
    if (performance.now() - this.#sentAt < MIN_PAUSE_MS) setTimeout(this.#flush, MIN_PAUSE_MS);
    else this.#send();
  };

  #send(): void {
    const items = this.#items;
    this.#items = [];
    this.#sentAt = performance.now();
    this.#sentInBeat = this.#beats;
    this.#post({ from: this.nodeId, number: ++this.#number, items });
  }

  readonly #beat = (): void => {
    const quiet = ++this.#beats - this.#sentInBeat;
    if (this.#number > 0 && (quiet <= CLOSE_BEATS || quiet % RARE_BEATS === 0)) {
      this.#post({ from: this.nodeId, number: this.#number, items: [] });
    }
    for (const [node, { at }] of this.#known) {
      if (this.#beats - at > MAX_SILENT_BEATS) this.#known.delete(node);
    }
  };

  #post(envelope: Envelope): void {
    this.#channel.postMessage(envelope);
  }

  #receive({ from, number, items }: Envelope): void {
    if (this.#isClosed || from === this.nodeId) return;
    const last = this.#known.get(from)?.number ?? 0;
    const isBeat = items.length === 0;
    // Somebody new who has published before may have done so since this node began to follow.
    if (number > last + (isBeat ? 0 : 1)) this.#miss();
    this.#known.set(from, { number, at: this.#beats });
    for (const [topic, text] of items) if (this.#followed.has(topic)) this.#listener?.heard(topic, text);
  }

  #miss(): void {
    this.#missing ??= setTimeout(() => {
      this.#missing = undefined;
      this.#listener?.missed();
    }, BURST_MS);
  }
}
