import { KeyedHash } from "../kit/keyed_hash.ts";
import { SharedLocks } from "../kit/shared_locks.ts";
import type { Rate } from "../kit/token_bucket.ts";
import type { Limits } from "./limits.ts";

/** Slots in which a key may be: looked through one after another. */
const WAYS = 64;
const MIN_SETS = 64;
const HEADER_BYTES = 16;
/** A lock, and for each slot a hash, a count and a time. */
const SET_BYTES = 4 + WAYS * (8 + 4 + 8);
/** What rounding may cost. */
const TOLERANCE_MS = 0.001;
/** What tells a bucket from a window of the same name. */
const [BUCKET, WINDOW] = [1, 2];

/**
 * Counts in memory that the isolates of one process share, exactly and at once.
 *
 * It takes no more memory than it was given. Keys are known by hashes of 64 bits. When far more is counted at once than
 * there is room for, what would be forgotten soonest is forgotten early, which lets somebody go faster and never slower.
 */
export class SharedMemoryLimits implements Limits {
  readonly #setMask: number;
  readonly #hash: KeyedHash;
  readonly #locks: SharedLocks;
  readonly #hashes: Int32Array<SharedArrayBuffer>;
  readonly #counts: Int32Array<SharedArrayBuffer>;
  /** Until when a slot counts: when its bucket is full again, or its window ends. */
  readonly #ends: Float64Array<SharedArrayBuffer>;

  /** Makes the memory to hand to every isolate, in which so many keys can be counted at the same time. */
  static allocate(keys: number): SharedArrayBuffer {
    const sets = 2 ** Math.ceil(Math.log2(Math.max(MIN_SETS, 2 * keys / WAYS)));
    const memory = new SharedArrayBuffer(HEADER_BYTES + sets * SET_BYTES);
    new Int32Array(memory, 0, 2).set(crypto.getRandomValues(new Int32Array(2)));
    ends(memory).fill(-Infinity);
    return memory;
  }

  /** @param memory As {@linkcode SharedMemoryLimits.allocate} made it */
  constructor(memory: SharedArrayBuffer) {
    const sets = setsIn(memory);
    const slots = sets * WAYS;
    this.#setMask = sets - 1;
    const [k0, k1] = new Int32Array(memory, 0, 2);
    this.#hash = new KeyedHash([k0, k1]);
    this.#ends = ends(memory);
    const hashesAt = HEADER_BYTES + slots * 8;
    this.#hashes = new Int32Array(memory, hashesAt, slots * 2);
    this.#counts = new Int32Array(memory, hashesAt + slots * 8, slots);
    this.#locks = new SharedLocks(new Int32Array(memory, hashesAt + slots * 12, sets));
  }

  take(key: string, rate: Rate, now: number): number {
    return this.#count(BUCKET, key, rate, now, this.#drip);
  }

  begin(key: string, rate: Rate, now: number): number {
    return this.#count(WINDOW, key, rate, now, this.#try);
  }

  forgive(key: string): void {
    this.#hash.hash(WINDOW, key);
    const set = this.#hash.low & this.#setMask;
    this.#locks.lock(set);
    const slot = this.#find(set);
    if (slot >= 0) this.#ends[slot] = -Infinity;
    this.#locks.unlock(set);
  }

  /** What makes no difference any more is overwritten when its place is needed. */
  sweep(): void {}

  #count(
    kind: number,
    key: string,
    rate: Rate,
    now: number,
    change: (slot: number, rate: Rate, now: number) => number,
  ): number {
    this.#hash.hash(kind, key);
    const set = this.#hash.low & this.#setMask;
    this.#locks.lock(set);
    const found = this.#find(set);
    const waitMs = change(found >= 0 ? found : this.#claim(set, now), rate, now);
    this.#locks.unlock(set);
    return waitMs;
  }

  /** Takes one from a bucket, of which is known when it is full again. */
  readonly #drip = (slot: number, { amount, periodMs }: Rate, now: number): number => {
    // Where the clock was set back, the bucket is empty at most.
    const fullInMs = Math.min(Math.max(0, this.#ends[slot] - now), periodMs) + periodMs / amount;
    const waitMs = fullInMs - periodMs - TOLERANCE_MS;
    if (waitMs > 0) return Math.ceil(waitMs);
    this.#ends[slot] = now + fullInMs;
    return 0;
  };

  readonly #try = (slot: number, { amount, periodMs }: Rate, now: number): number => {
    if (this.#ends[slot] <= now) {
      this.#ends[slot] = now + periodMs;
      this.#counts[slot] = 1;
      return 0;
    }
    if (this.#counts[slot] >= amount) return this.#ends[slot] - now;
    this.#counts[slot]++;
    return 0;
  };

  /** The slot of what was hashed last, or -1. */
  #find(set: number): number {
    const { low, high } = this.#hash;
    for (let slot = set * WAYS, end = slot + WAYS; slot < end; slot++) {
      if (this.#hashes[2 * slot] === low && this.#hashes[2 * slot + 1] === high) return slot;
    }
    return -1;
  }

  /** Makes place for what was hashed last. */
  #claim(set: number, now: number): number {
    let slot = set * WAYS;
    for (let i = slot, end = slot + WAYS; i < end && this.#ends[slot] > now; i++) {
      if (this.#ends[i] < this.#ends[slot]) slot = i;
    }
    this.#hashes[2 * slot] = this.#hash.low;
    this.#hashes[2 * slot + 1] = this.#hash.high;
    this.#ends[slot] = -Infinity;
    return slot;
  }
}

function setsIn(memory: SharedArrayBuffer): number {
  return (memory.byteLength - HEADER_BYTES) / SET_BYTES;
}

function ends(memory: SharedArrayBuffer): Float64Array<SharedArrayBuffer> {
  return new Float64Array(memory, HEADER_BYTES, setsIn(memory) * WAYS);
}
