/** How long after a `ping` the answer may take, and how late a timer may be before it says nothing about the server. */
const GRACE_MS = 10_000;

/** What a heartbeat does to its connection. */
export type HeartbeatActions = { ping(): void; dead(): void };

/** Sends `ping` every `intervalMs`, and tells when nothing was heard for longer than that and 10 s more. */
export class Heartbeat {
  #intervalMs: number;
  #actions: HeartbeatActions;
  #now: () => number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #heardAt: number;
  #pingAt: number;

  constructor(intervalMs: number, actions: HeartbeatActions, now: () => number) {
    this.#intervalMs = intervalMs;
    this.#actions = actions;
    this.#now = now;
    this.#heardAt = now();
    this.#pingAt = this.#heardAt + intervalMs;
    this.#wait();
  }

  /** The server has said something. */
  heard(): void {
    this.#heardAt = this.#now();
  }

  /** Pings now and gives the server 10 s to answer: for when the network may have changed. */
  probe(): void {
    this.#heardAt = this.#now() - this.#intervalMs;
    this.#ping();
    this.#wait();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  get #deadAt(): number {
    return this.#heardAt + this.#intervalMs + GRACE_MS;
  }

  #wait(): void {
    clearTimeout(this.#timer);
    const dueAt = Math.min(this.#pingAt, this.#deadAt);
    this.#timer = setTimeout(() => this.#beat(dueAt), Math.max(0, dueAt - this.#now()));
  }

  #beat(dueAt: number): void {
    const now = this.#now();
    // A timer this late means that we slept, or were throttled in the background: the silence was ours.
    if (now - dueAt > GRACE_MS / 2) return this.probe();
    if (now >= this.#deadAt) return this.#actions.dead();
    if (now >= this.#pingAt) this.#ping();
    this.#wait();
  }

  #ping(): void {
    this.#pingAt = this.#now() + this.#intervalMs;
    this.#actions.ping();
  }
}
