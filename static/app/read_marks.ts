import type { ParleyClient } from "../sdk/mod.ts";

const FLUSH_AFTER_MS = 1_000;

/** Tells the server how far the user has read, at most once a second and room. */
export class ReadMarks {
  readonly #client: ParleyClient;
  readonly #told = new Map<string, number>();
  readonly #waiting = new Map<string, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: ParleyClient) {
    this.#client = client;
  }

  /** Notes that everything up to `seq` was on the screen. */
  mark(roomId: string, seq: number): void {
    if (seq <= (this.#told.get(roomId) ?? 0)) return;
    this.#waiting.set(roomId, seq);
    this.#timer ??= setTimeout(() => this.flush(), FLUSH_AFTER_MS);
  }

  /** Forgets what was told of a room, whose numbers may start again. */
  forget(roomId: string): void {
    this.#told.delete(roomId);
    this.#waiting.delete(roomId);
  }

  /** Sends what is waiting; without a connection it waits on. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#client.state.name !== "open") return;
    for (const [roomId, seq] of this.#waiting) {
      this.#told.set(roomId, seq);
      this.#client.request({ type: "receipt", roomId, seq, status: "read" }).catch(() => {
        // Not told after all: the next mark tries again.
        if (this.#told.get(roomId) === seq) this.#told.delete(roomId);
      });
    }
    this.#waiting.clear();
  }

  /** Stops. */
  close(): void {
    clearTimeout(this.#timer);
  }
}
