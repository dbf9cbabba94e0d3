const BLOCK_BYTES = 64;
const LENGTH_AT = 56;

/** The fractional parts of roots of the first primes, as FIPS 180-4 §4.2.2 and §5.3.3 ask for. */
const primes = firstPrimes(64);
const ROUNDS = Uint32Array.from(primes, (prime) => fraction(Math.cbrt(prime)));
const START = Uint32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));

/** SHA-256 (FIPS 180-4) of what comes piece by piece, which `crypto.subtle` cannot do. */
export class Sha256 {
  #state = START.slice();
  #block = new Uint8Array(BLOCK_BYTES);
  #words = new Uint32Array(64);
  #held = 0;
  #bytes = 0;

  /** Takes the next piece. */
  update(data: Uint8Array): void {
    this.#bytes += data.length;
    let at = 0;
    while (at < data.length) {
      const taken = Math.min(BLOCK_BYTES - this.#held, data.length - at);
      this.#block.set(data.subarray(at, at + taken), this.#held);
      this.#held += taken;
      at += taken;
      if (this.#held === BLOCK_BYTES) this.#compress();
    }
  }

  /** The digest of everything, as 64 hexadecimal digits; nothing may come after. */
  hex(): string {
    const bits = BigInt(this.#bytes) * 8n;
    this.update(Uint8Array.of(0x80));
    while (this.#held !== LENGTH_AT) this.update(Uint8Array.of(0));
    const length = new Uint8Array(8);
    new DataView(length.buffer).setBigUint64(0, bits);
    this.update(length);
    return Array.from(this.#state, (word) => word.toString(16).padStart(8, "0")).join("");
  }

  #compress(): void {
    this.#held = 0;
    const words = this.#words;
    const view = new DataView(this.#block.buffer);
    for (let i = 0; i < 16; i++) words[i] = view.getUint32(i * 4);
    for (let i = 16; i < 64; i++) {
      const near = words[i - 2];
      const far = words[i - 15];
      const one = (near >>> 17 | near << 15) ^ (near >>> 19 | near << 13) ^ near >>> 10;
      const zero = (far >>> 7 | far << 25) ^ (far >>> 18 | far << 14) ^ far >>> 3;
      words[i] = words[i - 16] + zero + words[i - 7] + one;
    }
    let [a, b, c, d, e, f, g, h] = this.#state;
    for (let i = 0; i < 64; i++) {
      const one = (e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7);
      const first = h + one + (e & f ^ ~e & g) + ROUNDS[i] + words[i] | 0;
      const zero = (a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10);
      const second = zero + (a & b ^ a & c ^ b & c) | 0;
      h = g;
      g = f;
      f = e;
      e = d + first | 0;
      d = c;
      c = b;
      b = a;
      a = first + second | 0;
    }
    for (const [index, word] of [a, b, c, d, e, f, g, h].entries()) this.#state[index] += word;
  }
}

function fraction(root: number): number {
  return (root - Math.floor(root)) * 2 ** 32;
}

function firstPrimes(count: number): number[] {
  const found: number[] = [];
  for (let next = 2; found.length < count; next++) {
    if (found.every((prime) => next % prime !== 0)) found.push(next);
  }
  return found;
}
