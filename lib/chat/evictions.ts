/** People remembered; a room where more are moderated within one join is a rare one. */
const MAX_PEOPLE = 1_000;

/** Whose standing in a room has changed of late: who is on the way in may have read one that no longer holds. */
export class Evictions {
  #count = 0;
  /** The number of each person's last change, the oldest first. */
  readonly #latest = new Map<string, number>();
  /** Up to this number it is not known any more whose they were. */
  #forgotten = 0;

  /** How many changes there were. */
  get count(): number {
    return this.#count;
  }

  /** A person was thrown out, or anything else about what they may do has changed. */
  add(userId: string): void {
    this.#latest.delete(userId);
    this.#latest.set(userId, ++this.#count);
    if (this.#latest.size <= MAX_PEOPLE) return;
    const [oldest, number] = this.#latest.entries().next().value!;
    this.#latest.delete(oldest);
    this.#forgotten = number;
  }

  /** Whether a person may be among those of all changes since there were `count`. */
  concern(userId: string, count: number): boolean {
    return count < this.#forgotten || (this.#latest.get(userId) ?? 0) > count;
  }
}
