import { forgetLife, ping, watchLife } from "./life_signs.ts";

/** Pings come after so much of a heartbeat, looked at every quarter of one: so there is one in each. */
const PING_SHARE = 2 / 3;
/** A peer is lost after so many heartbeats without a sign of life. */
const MAX_SILENCE = 2;

/** Whether the peer of a socket is still there: it is pinged every heartbeat, and whatever comes from it counts. */
export class Pulse {
  readonly #socket: WebSocket;
  readonly #heartbeatMs: number;
  #heardAt = Date.now();
  #pingedAt = this.#heardAt;
  #isHeard = false;

  constructor(socket: WebSocket, heartbeatMs: number) {
    this.#socket = socket;
    this.#heartbeatMs = heartbeatMs;
  }

  /** Begins, once the socket is open. */
  begin(): void {
    this.#isHeard = watchLife(this.#socket, () => this.#heardAt = Date.now());
  }

  /** Pings when it is time; returns whether the peer is lost. */
  check(now: number): boolean {
    if (!this.#isHeard) return false; // The runtime looks after it.
    if (now - this.#heardAt > this.#heartbeatMs * MAX_SILENCE) return true;
    if (now - this.#pingedAt < this.#heartbeatMs * PING_SHARE) return false;
    this.#pingedAt = now;
    ping(this.#socket);
    return false;
  }

  /** Ends, once the socket is closed. */
  end(): void {
    forgetLife(this.#socket);
  }
}
