/** Chance that can be had again: the same seed makes the same choices. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A number from 0 up to, but not including, 1. */
  next(): number {
    // Marsaglia's xorshift on top of a Weyl sequence, so that neighbouring seeds have little in common.
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ mixed >>> 16, 0x85ebca6b);
    mixed = Math.imul(mixed ^ mixed >>> 13, 0xc2b2ae35);
    return ((mixed ^ mixed >>> 16) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 up to, but not including, `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** Whether something happens that does so once in `odds` times. */
  once(odds: number): boolean {
    return this.below(odds) === 0;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)];
  }

  bytes(length: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from({ length }, () => this.below(256));
  }

  /** The same, but for a few characters that are gone, doubled, or others. */
  garble(text: string, times = 1 + this.below(3)): string {
    let garbled = text;
    for (let i = 0; i < times; i++) {
      const at = this.below(garbled.length + 1);
      const put = this.pick([
        "",
        garbled.slice(at, at + 9),
        String.fromCharCode(this.below(256)),
        "\r\n",
        "\0",
        '"',
      ]);
      garbled = garbled.slice(0, at) + put + garbled.slice(at + this.below(4));
    }
    return garbled;
  }
}
