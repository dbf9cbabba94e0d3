/** How much each of several isolates has of something, for all of them to see. */
export class SharedTally {
  readonly #counts: Int32Array<SharedArrayBuffer>;
  readonly #index: number;

  /** @param index Which of the isolates this is, from 0 */
  constructor(memory: SharedArrayBuffer, index: number) {
    this.#counts = new Int32Array(memory);
    this.#index = index;
  }

  /** Makes the memory to hand to so many isolates. */
  static allocate(isolates: number): SharedArrayBuffer {
    return new SharedArrayBuffer(isolates * Int32Array.BYTES_PER_ELEMENT);
  }

  /** Says how much there is here. */
  set(count: number): void {
    Atomics.store(this.#counts, this.#index, count);
  }

  /** How much all others have. */
  get elsewhere(): number {
    let sum = 0;
    for (let i = 0; i < this.#counts.length; i++) {
      if (i !== this.#index) sum += Atomics.load(this.#counts, i);
    }
    return sum;
  }
}
