import type { Ending } from "../protocol/codes.ts";

/** What all connections have in common for who looks after them. */
export interface Tended {
  /** What was sent and has not left yet. */
  readonly bufferedBytes: number;
  /** Looks after what time brings. */
  check(now: number): void;
  push(line: string): void;
  end(ending: Ending): void;
}

export interface ConnectionsOptions {
  readonly maxConnections: number;
  readonly heartbeatMs: number;
}

/** How many connections there are here, and at other workers of the process. */
export interface Tally {
  set(count: number): void;
  readonly elsewhere: number;
}

const ALONE: Tally = { set() {}, elsewhere: 0 };

/** Every connection of this worker, and one timer for all of them. */
export class Connections implements Disposable {
  readonly #options: ConnectionsOptions;
  readonly #all = new Set<Tended>();
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #afterSweep: (now: number) => void;
  readonly #tally: Tally;

  /**
   * @param afterSweep Called several times a second, for what else wants to be looked after
   * @param tally What other workers have counts towards the same limit
   */
  constructor(
    options: ConnectionsOptions,
    afterSweep: (now: number) => void,
    tally: Tally = ALONE,
  ) {
    this.#options = options;
    this.#tally = tally;
    this.#afterSweep = afterSweep;
    this.#timer = setInterval(this.#sweep, Math.min(250, options.heartbeatMs / 4));
  }

  /** Sockets that are not closed yet. */
  get size(): number {
    return this.#all.size;
  }

  get isFull(): boolean {
    return this.#all.size + this.#tally.elsewhere >= this.#options.maxConnections;
  }

  [Symbol.iterator](): Iterator<Tended> {
    return this.#all.values();
  }

  add(connection: Tended): void {
    this.#all.add(connection);
    this.#tally.set(this.#all.size);
  }

  /** The socket is closed. */
  delete(connection: Tended): void {
    this.#all.delete(connection);
    this.#tally.set(this.#all.size);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  readonly #sweep = (): void => {
    const now = Date.now();
    for (const connection of this.#all) connection.check(now);
    this.#afterSweep(now);
  };
}
