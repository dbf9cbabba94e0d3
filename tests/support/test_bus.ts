import type { Bus, Listener } from "../../lib/bus/bus.ts";
import { afterThisTurn } from "../../lib/kit/turn.ts";

/** Buses of nodes in one isolate, which a test can slow down, have lose things, and cut off. */
export class TestBus implements Bus {
  readonly nodeId = crypto.randomUUID();
  readonly isShared = true;
  readonly carriesAppends = false;
  readonly isUp = true;
  /** Whether nothing goes from here to anybody, nor to here: the node is as good as dead for the others. */
  isCut = false;
  /** What is heard here comes so late; set once. */
  lateMs = 0;
  /** Decides over each letter that comes whether it is lost. */
  loses: (topic: string, text: string) => boolean = () => false;
  readonly #all: Set<TestBus>;
  readonly #followed = new Map<string, number>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #listener: Listener | undefined;

  private constructor(all: Set<TestBus>) {
    this.#all = all;
    all.add(this);
  }

  /** Makes buses that reach each other. */
  static connect(count: number): TestBus[] {
    const all = new Set<TestBus>();
    return Array.from({ length: count }, () => new TestBus(all));
  }

  listen(listener: Listener): void {
    this.#listener = listener;
  }

  publish(topic: string, text: string): void {
    if (this.isCut) return;
    for (const other of this.#all) if (other !== this) other.#take(topic, text);
  }

  follow(topic: string): Promise<void> {
    this.#followed.set(topic, (this.#followed.get(topic) ?? 0) + 1);
    return Promise.resolve();
  }

  unfollow(topic: string): void {
    const count = this.#followed.get(topic)! - 1;
    if (count > 0) this.#followed.set(topic, count);
    else this.#followed.delete(topic);
  }

  /** Says that something was lost. */
  miss(): void {
    this.#listener?.missed();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#all.delete(this);
    for (const timer of this.#timers) clearTimeout(timer);
    this.#listener = undefined;
    return Promise.resolve();
  }

  #take(topic: string, text: string): void {
    const hear = () => {
      if (this.isCut || !this.#followed.has(topic) || this.loses(topic, text)) return;
      this.#listener?.heard(topic, text);
    };
    if (!this.#all.has(this)) return;
    if (this.lateMs === 0) afterThisTurn(hear);
    else {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        hear();
      }, this.lateMs);
      this.#timers.add(timer);
    }
  }
}
