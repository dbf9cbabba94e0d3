import type { Line } from "./frame.ts";

/** Marks the place from which somebody wants the lines of a room. */
export interface Mark {
  /** The ordinal of the first line wanted. */
  readonly from: number;
}

/** Together they may hold this many UTF-16 units; beyond it the oldest are let go. */
const MAX_LENGTH = 8 << 20;

/** Keeps what a room tells while joins are being answered, and only then. */
export class Trail {
  /** In the order in which they were made, so the first has the lowest `from`. */
  readonly #marks = new Set<Mark>();
  #lines: Line[] = [];
  #first = 0;
  #length = 0;

  get isWanted(): boolean {
    return this.#marks.size > 0;
  }

  /** Keeps every line from now on; `told` is the ordinal of the next one. */
  begin(told: number): Mark {
    if (this.#marks.size === 0) this.#first = told;
    const mark = { from: told };
    this.#marks.add(mark);
    return mark;
  }

  add(line: Line): void {
    if (this.#marks.size === 0) return;
    this.#lines.push(line);
    this.#length += line.text.length;
    if (this.#length > MAX_LENGTH) this.#drop(this.#lines.length >> 1 || 1);
  }

  /** The lines since the mark, or `undefined` if there were too many to keep. */
  since(mark: Mark): readonly Line[] | undefined {
    return mark.from < this.#first ? undefined : this.#lines.slice(mark.from - this.#first);
  }

  end(mark: Mark): void {
    this.#marks.delete(mark);
    const [oldest] = this.#marks;
    const unwanted = oldest === undefined ? this.#lines.length : oldest.from - this.#first;
    // Letting go of half at a time keeps the cost of each line constant.
    if (oldest === undefined || unwanted > this.#lines.length / 2) this.#drop(unwanted);
  }

  #drop(count: number): void {
    for (const line of this.#lines.splice(0, Math.max(0, count))) {
      this.#first++;
      this.#length -= line.text.length;
    }
  }
}
