import { setImmediate } from "node:timers";

/** Something that gathers work and hands it on when told to. */
export interface Flushable {
  flush(): void;
}

/**
 * The end of the task that runs now: rooms hand on what they gathered, then connections what is left.
 *
 * Replies thus travel in the same frame as the fan-out they came with.
 */
export class Turn {
  #rooms: Flushable[] = [];
  #connections: Flushable[] = [];
  #scheduled = false;

  /** Flushes a room once the running task is done. */
  endRoom(room: Flushable): void {
    this.#rooms.push(room);
    this.#schedule();
  }

  /** Flushes a connection after the rooms. */
  endConnection(connection: Flushable): void {
    this.#connections.push(connection);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(this.#run);
  }

  readonly #run = (): void => {
    this.#scheduled = false;
    const rooms = this.#rooms;
    this.#rooms = [];
    for (let i = 0; i < rooms.length; i++) rooms[i].flush();
    const connections = this.#connections;
    this.#connections = [];
    for (let i = 0; i < connections.length; i++) connections[i].flush();
  };
}

/**
 * Gathers what arrives within one turn of the event loop and handles it at once, after the turn's input.
 *
 * `setImmediate` is the right moment: a microtask would run after every single message, a timer too late.
 */
export class Gather<T> {
  readonly #handle: (items: T[]) => void;
  #items: T[] = [];

  constructor(handle: (items: T[]) => void) {
    this.#handle = handle;
  }

  add(item: T): void {
    if (this.#items.push(item) === 1) setImmediate(this.#run);
  }

  readonly #run = (): void => {
    const items = this.#items;
    this.#items = [];
    this.#handle(items);
  };
}

/** Runs a step after the input and output that is already waiting. */
export function afterThisTurn(step: () => void): void {
  setImmediate(step);
}
