import { Gather } from "../kit/turn.ts";
import type { RedisEar } from "../redis/redis_ear.ts";
import { RedisLink } from "../redis/redis_link.ts";
import type { Bus, Listener } from "./bus.ts";
import { Generations } from "./generations.ts";
import { RedisPublisher } from "./redis_publisher.ts";

/** A topic that is followed here. */
interface Followed {
  /** How often it was followed and not left. */
  count: number;
  /** Resolves once it is heard. */
  readonly heard: PromiseWithResolvers<void>;
}

/** What other nodes lost is told at most so often; what was lost here at once. */
const MISSED_EVERY_MS = 1_000;

/**
 * Carries texts between nodes over the channels of a Redis.
 *
 * `<prefix>bus:<topic>` carries `<node>.<generation> <text>`, where the generation grows whenever that node may have
 * lost something on the way to Redis; `<node> <text>` is published by what cannot lose anything, as the store does with
 * what it appends. `<prefix>bus` only tells of new generations.
 */
export class RedisBus implements Bus {
  readonly nodeId: string;
  readonly isShared = true;
  readonly carriesAppends = true;
  readonly #link: RedisLink;
  readonly #publisher: RedisPublisher;
  readonly #prefix: string;
  readonly #control: string;
  readonly #generations = new Generations();
  readonly #topics = new Map<string, Followed>();
  /** What Redis was asked for, and when it is heard. */
  readonly #subscribed = new Map<string, Promise<void>>();
  readonly #changes = new Gather<string>((topics) => this.#change(new Set(topics)));
  readonly #foreign = new Map<string, (text: string) => void>();
  #ear!: RedisEar;
  #listener: Listener | undefined;
  #quiet: ReturnType<typeof setTimeout> | undefined;
  #hasMore = false;
  #isGone = false;

  private constructor(link: RedisLink, nodeId: string) {
    this.nodeId = nodeId;
    this.#link = link;
    this.#prefix = `${link.prefix}bus:`;
    this.#control = `${link.prefix}bus`;
    this.#publisher = new RedisPublisher(link, nodeId, this.#control);
  }

  /**
   * Connects twice, once to speak and once to hear.
   *
   * @param nodeId What the store publishes this node's own messages under, if it does
   * @throws {Error} If the address is none, or Redis cannot be reached or lets us not in
   */
  static async open(url: string, nodeId: string = crypto.randomUUID()): Promise<RedisBus> {
    await using opened = new AsyncDisposableStack();
    const link = opened.use(await RedisLink.open(url));
    const bus = new RedisBus(link, nodeId);
    bus.#ear = await link.listen([bus.#control], {
      heard: (channel, text) => bus.#heard(channel, text),
      lost: () => {},
      returned: () => bus.#listener?.missed(),
    });
    opened.move();
    return bus;
  }

  get isUp(): boolean {
    return this.#link.isConnected && this.#ear.isConnected;
  }

  listen(listener: Listener): void {
    this.#listener = listener;
  }

  /** Tells what programs of others publish on `<prefix><name>`, as it is; `hear` MUST NOT throw. */
  async hearForeign(name: string, hear: (text: string) => void): Promise<void> {
    const channel = `${this.#link.prefix}${name}`;
    this.#foreign.set(channel, hear);
    await this.#ear.follow([channel]);
  }

  publish(topic: string, text: string): void {
    this.#publisher.publish(this.#prefix + topic, text);
  }

  follow(topic: string): Promise<void> {
    if (this.#isGone) return Promise.resolve();
    const known = this.#topics.get(topic);
    if (known !== undefined) {
      known.count++;
      return known.heard.promise;
    }
    const heard = Promise.withResolvers<void>();
    this.#topics.set(topic, { count: 1, heard });
    this.#changes.add(topic);
    return heard.promise;
  }

  unfollow(topic: string): void {
    const followed = this.#topics.get(topic);
    if (followed === undefined || --followed.count > 0) return;
    this.#topics.delete(topic);
    followed.heard.resolve();
    this.#changes.add(topic);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isGone = true;
    this.#listener = undefined;
    clearTimeout(this.#quiet);
    for (const { heard } of this.#topics.values()) heard.resolve();
    this.#topics.clear();
    this.#foreign.clear();
    await this.#publisher[Symbol.asyncDispose]();
    await this.#ear[Symbol.asyncDispose]();
    await this.#link[Symbol.asyncDispose]();
  }

  /** Asks Redis for what is followed now and was not a turn ago, and for nothing of what was left. */
  #change(topics: ReadonlySet<string>): void {
    if (this.#isGone) return;
    const left = [...topics].filter((topic) => !this.#topics.has(topic) && this.#subscribed.delete(topic));
    this.#ear.unfollow(left.map((topic) => this.#prefix + topic));
    const fresh = [...topics].filter((topic) => this.#topics.has(topic) && !this.#subscribed.has(topic));
    const heard = this.#ear.follow(fresh.map((topic) => this.#prefix + topic));
    for (const topic of fresh) this.#subscribed.set(topic, heard);
    for (const topic of topics) {
      const followed = this.#topics.get(topic);
      if (followed !== undefined) this.#subscribed.get(topic)!.then(followed.heard.resolve);
    }
  }

  #heard(channel: string, payload: string): void {
    if (this.#isGone) return;
    const foreign = this.#foreign.get(channel);
    if (foreign !== undefined) return foreign(payload);
    const blank = payload.indexOf(" ");
    const [nodeId, generation] = payload.slice(0, blank).split(".");
    if (blank < 0 || nodeId === this.nodeId) return;
    if (generation !== undefined) {
      const news = this.#generations.compare(nodeId, Number(generation));
      if (news === "old") return;
      if (news === "new") this.#othersLost();
    }
    if (channel === this.#control) return;
    const topic = channel.slice(this.#prefix.length);
    if (this.#topics.has(topic)) this.#listener?.heard(topic, payload.slice(blank + 1));
  }

  /** When Redis comes back, every node has lost something, and says so: that is one piece of news, or two. */
  #othersLost(): void {
    if (this.#quiet !== undefined) {
      this.#hasMore = true;
      return;
    }
    this.#quiet = setTimeout(() => {
      this.#quiet = undefined;
      if (!this.#hasMore) return;
      this.#hasMore = false;
      this.#othersLost();
    }, MISSED_EVERY_MS);
    this.#listener?.missed();
  }
}
