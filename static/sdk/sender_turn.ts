import { Backoff, type BackoffOptions } from "./backoff.ts";

/** Our turn to send a room's messages: from joining the room until it is lost. */
export class SenderTurn {
  /** Whether no other tab sends. */
  ready = false;
  busy = false;
  readonly backoff: Backoff;
  #end = new AbortController();

  constructor(backoff: BackoffOptions, random: () => number) {
    this.backoff = new Backoff(backoff, random);
  }

  get signal(): AbortSignal {
    return this.#end.signal;
  }

  get over(): boolean {
    return this.#end.signal.aborted;
  }

  end(): void {
    this.#end.abort();
  }
}
