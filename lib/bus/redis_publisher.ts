import { Gather } from "../kit/turn.ts";
import { within } from "../kit/wait.ts";
import type { RedisLink } from "../redis/redis_link.ts";

interface Post {
  readonly channel: string;
  readonly text: string;
}

/** Texts that may wait for Redis at once, and their length in UTF-16 units: enough for a stutter, not for an outage. */
const MAX_WAITING = 10_000;
const MAX_WAITING_LENGTH = 8 * 1024 * 1024;
const ANNOUNCE_AGAIN_MS = 300;
const LAST_WORDS_MS = 500;

/**
 * Publishes what one node says, in order; what cannot be sent is lost, and the others are told that something was.
 *
 * Everything carries its generation, and each loss begins a new one. So whoever hears of a new generation has missed
 * something, and what comes of an old one then comes too late.
 */
export class RedisPublisher implements AsyncDisposable {
  readonly #link: RedisLink;
  readonly #nodeId: string;
  readonly #control: string;
  readonly #posts = new Gather<Post>((posts) => this.#sendAll(posts));
  #waiting = 0;
  #waitingLength = 0;
  #generation = 0;
  /** Whether anything of this generation was sent. */
  #isUsed = true;
  #isAnnouncing = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isGone = false;
  readonly #idle = Promise.withResolvers<void>();

  /** @param control The channel that every node hears */
  constructor(link: RedisLink, nodeId: string, control: string) {
    this.#link = link;
    this.#nodeId = nodeId;
    this.#control = control;
  }

  publish(channel: string, text: string): void {
    if (this.#isGone) return;
    const isFull = this.#waiting >= MAX_WAITING || this.#waitingLength + text.length > MAX_WAITING_LENGTH;
    if (!this.#link.isConnected || isFull && this.#waiting > 0) return this.#lost();
    this.#waiting++;
    this.#waitingLength += text.length;
    this.#posts.add({ channel, text });
  }

  /** What was published before may still go out. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isGone) return;
    this.#isGone = true;
    clearTimeout(this.#timer);
    if (this.#waiting > 0) await within(LAST_WORDS_MS, this.#idle.promise);
  }

  #sendAll(posts: readonly Post[]): void {
    for (const post of posts) this.#send(post).then(() => this.#done(post));
  }

  #done({ text }: Post): void {
    this.#waiting--;
    this.#waitingLength -= text.length;
    if (this.#isGone && this.#waiting === 0) this.#idle.resolve();
  }

  /** Resolves to whether Redis has it; never rejects. */
  async #send({ channel, text }: Post): Promise<boolean> {
    const generation = this.#generation;
    this.#isUsed = true;
    try {
      await this.#link.send("PUBLISH", channel, `${this.#nodeId}.${generation} ${text}`);
      return true;
    } catch {
      // What was lost of an older generation is known by the next.
      if (generation === this.#generation) this.#lost();
      return false;
    }
  }

  #lost(): void {
    if (this.#isUsed) {
      this.#generation++;
      this.#isUsed = false;
    }
    if (this.#isAnnouncing) return;
    this.#isAnnouncing = true;
    this.#announce();
  }

  /** Tells everybody of the generation, again and again, until they know of the last one. */
  async #announce(): Promise<void> {
    let generation: number;
    let isSent: boolean;
    do {
      generation = this.#generation;
      isSent = await this.#send({ channel: this.#control, text: "" });
    } while (isSent && generation !== this.#generation);
    if (isSent) this.#isAnnouncing = false;
    else if (!this.#isGone) this.#timer = setTimeout(() => this.#announce(), ANNOUNCE_AGAIN_MS);
  }
}
