/** Lengthens the hash to 64 bits. */
const [FIRST_HALF, SECOND_HALF] = [0xee, 0xdd];

/**
 * Hashes texts to 64 bits, as HalfSipHash-2-4 does, two UTF-16 units at a time: who does not know the key cannot choose
 * texts that share a hash.
 */
export class KeyedHash {
  /** The halves of the last hash, as signed integers of 32 bits. */
  low = 0;
  high = 0;
  readonly #key: readonly [number, number];
  #a = 0;
  #b = 0;
  #c = 0;
  #d = 0;

  /** @param key Two integers of 32 bits */
  constructor(key: readonly [number, number]) {
    this.#key = key;
  }

  /** Hashes a text; `kind` keeps equal texts for different purposes apart. The halves are then in the fields. */
  hash(kind: number, text: string): void {
    const [k0, k1] = this.#key;
    this.#a = k0;
    this.#b = k1 ^ FIRST_HALF;
    this.#c = k0 ^ 0x6c796765;
    this.#d = k1 ^ 0x74656462;
    const pairs = text.length >> 1;
    for (let i = 0; i < pairs; i++) this.#take(text.charCodeAt(2 * i) | text.charCodeAt(2 * i + 1) << 16);
    this.#take(kind);
    this.#take(text.length << 16 | (text.length % 2 === 1 ? text.charCodeAt(text.length - 1) : 0));
    this.#c ^= FIRST_HALF;
    for (let i = 0; i < 4; i++) this.#round();
    this.low = this.#b ^ this.#d;
    this.#b ^= SECOND_HALF;
    for (let i = 0; i < 4; i++) this.#round();
    this.high = this.#b ^ this.#d;
  }

  #take(word: number): void {
    this.#d ^= word;
    this.#round();
    this.#round();
    this.#a ^= word;
  }

  #round(): void {
    let [a, b, c, d] = [this.#a, this.#b, this.#c, this.#d];
    a = a + b | 0;
    b = rotate(b, 5) ^ a;
    a = rotate(a, 16);
    c = c + d | 0;
    d = rotate(d, 8) ^ c;
    a = a + d | 0;
    d = rotate(d, 7) ^ a;
    c = c + b | 0;
    b = rotate(b, 13) ^ c;
    c = rotate(c, 16);
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#d = d;
  }
}

function rotate(word: number, bits: number): number {
  return word << bits | word >>> 32 - bits;
}
