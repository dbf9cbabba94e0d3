import type { Bus, Listener } from "../../../lib/bus/bus.ts";

/** A bus that has nothing to say for so long has failed the test. */
const PATIENCE_MS = 15_000;

/** A node's ear: writes down what its bus tells, and waits for it. */
export class Ear implements Listener {
  readonly bus: Bus;
  /** Topic and text of what was heard, in order. */
  readonly log: [topic: string, text: string][] = [];
  /** How often it was told that something may have been missed. */
  misses = 0;
  #wake = Promise.withResolvers<void>();

  constructor(bus: Bus) {
    this.bus = bus;
    bus.listen(this);
  }

  heard(topic: string, text: string): void {
    this.log.push([topic, text]);
    this.#stir();
  }

  missed(): void {
    this.misses++;
    this.#stir();
  }

  /** The texts that were heard under a topic. */
  texts(topic: string): string[] {
    return this.log.filter(([other]) => other === topic).map(([, text]) => text);
  }

  /** Waits until a text was heard under a topic. */
  hears(topic: string, text: string): Promise<void> {
    return this.until(
      () => this.log.some(([other, words]) => other === topic && words === text),
      `"${text.slice(0, 50)}" under "${topic}"`,
    );
  }

  /** Waits until it was told that something may have been missed, again after so many times. */
  missesAfter(times: number): Promise<void> {
    return this.until(() => this.misses > times, `missed, after ${times} times`);
  }

  /** Waits until what it was told is as it should be; looks again whenever it is told something. */
  async until(isSo: () => boolean, what: string): Promise<void> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#stir();
    }, PATIENCE_MS);
    try {
      while (!isSo()) {
        if (isLate) throw new Error(`Never heard: ${what}`);
        await this.#wake.promise;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  #stir(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }
}
