import { type Log, silentLog } from "../telemetry/log.ts";

/** A failure is no sign of how things are after this. */
const RECENT_MS = 60_000;

/** Whether the store does its work, as far as the last who wanted something of it tell, and the way to it. */
export class StoreHealth {
  readonly #isReachable: () => boolean;
  readonly #log: Log;
  #failedAt = -Infinity;
  #turnedAwayAt = -Infinity;
  #wasTroubled = false;

  /** @param isReachable Whether there is a way to a store on another machine, as far as is known */
  constructor(isReachable: () => boolean = () => true, log: Log = silentLog) {
    this.#isReachable = isReachable;
    this.#log = log;
  }

  /** Whether it is out of reach, or messages were refused or people turned away lately, and nothing has gone well since. */
  get isTroubled(): boolean {
    return !this.#isReachable() || Date.now() - Math.max(this.#failedAt, this.#turnedAwayAt) < RECENT_MS;
  }

  /** Logs when trouble begins and ends; called several times a second. */
  look(): void {
    if (this.isTroubled === this.#wasTroubled) return;
    this.#wasTroubled = !this.#wasTroubled;
    if (this.#wasTroubled) this.#log.error("store_troubled");
    else this.#log.info("store_recovered");
  }

  appended(): void {
    this.#failedAt = this.#turnedAwayAt = -Infinity;
  }

  failed(): void {
    this.#failedAt = Date.now();
  }

  /** Somebody was let in, which does not say that messages are taken again. */
  welcomed(): void {
    this.#turnedAwayAt = -Infinity;
  }

  turnedAway(): void {
    this.#turnedAwayAt = Date.now();
  }
}
