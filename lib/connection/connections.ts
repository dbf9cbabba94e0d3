import type { Ending } from "../protocol/codes.ts";

/** What all connections have in common for who looks after them. */
export interface Tended {
  /** Looks after what time brings. */
  check(now: number): void;
  push(line: string): void;
  end(ending: Ending): void;
}

export interface ConnectionsOptions {
  readonly maxConnections: number;
  readonly maxConnectionsPerUser: number;
  readonly heartbeatMs: number;
}

/** Every connection of this process, and one timer for all of them. */
export class Connections implements Disposable {
  readonly #options: ConnectionsOptions;
  readonly #all = new Set<Tended>();
  readonly #byUser = new Map<string, Set<Tended>>();
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #afterSweep: (now: number) => void;

  /** `afterSweep` is called several times a second, for what else wants to be looked after. */
  constructor(options: ConnectionsOptions, afterSweep: (now: number) => void) {
    this.#options = options;
    this.#afterSweep = afterSweep;
    this.#timer = setInterval(this.#sweep, Math.min(250, options.heartbeatMs / 4));
  }

  /** Sockets that are not closed yet. */
  get size(): number {
    return this.#all.size;
  }

  get isFull(): boolean {
    return this.#all.size >= this.#options.maxConnections;
  }

  [Symbol.iterator](): Iterator<Tended> {
    return this.#all.values();
  }

  add(connection: Tended): void {
    this.#all.add(connection);
  }

  /** Counts a connection as a person's; returns false if they have as many as they may. */
  claim(userId: string, connection: Tended): boolean {
    const own = this.#byUser.get(userId) ?? new Set();
    if (own.size >= this.#options.maxConnectionsPerUser) return false;
    this.#byUser.set(userId, own.add(connection));
    return true;
  }

  /** The connection no longer acts for the person. */
  release(userId: string, connection: Tended): void {
    const own = this.#byUser.get(userId);
    if (own?.delete(connection) && own.size === 0) this.#byUser.delete(userId);
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
