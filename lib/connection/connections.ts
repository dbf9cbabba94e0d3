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

/** Every connection of this process, and one timer for all of them. */
export class Connections implements Disposable {
  readonly #options: ConnectionsOptions;
  readonly #all = new Set<Tended>();
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #afterSweep: (now: number) => void;
  readonly #elsewhere: () => number;

  /**
   * @param afterSweep Called several times a second, for what else wants to be looked after
   * @param elsewhere How many connections there are that count towards the same limit
   */
  constructor(
    options: ConnectionsOptions,
    afterSweep: (now: number) => void,
    elsewhere: () => number = () => 0,
  ) {
    this.#options = options;
    this.#elsewhere = elsewhere;
    this.#afterSweep = afterSweep;
    this.#timer = setInterval(this.#sweep, Math.min(250, options.heartbeatMs / 4));
  }

  /** Sockets that are not closed yet. */
  get size(): number {
    return this.#all.size;
  }

  get isFull(): boolean {
    return this.#all.size + this.#elsewhere() >= this.#options.maxConnections;
  }

  [Symbol.iterator](): Iterator<Tended> {
    return this.#all.values();
  }

  add(connection: Tended): void {
    this.#all.add(connection);
  }

  /** The socket is closed. */
  delete(connection: Tended): void {
    this.#all.delete(connection);
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
