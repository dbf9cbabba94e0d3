import type { MemberInfo } from "../sdk/mod.ts";
import { words } from "./i18n.ts";
import { isMuted, shortMoment } from "./time_words.ts";

/** Timers cannot wait longer. */
const MAX_TIMER_MS = 2 ** 31 - 1 - 50;
/** A timer may come a little before the clock. */
const CLOCK_MS = 50;

/** Whether this user may write in a room, and if not, until when. */
export class MuteWatch {
  readonly #show: (reason: string | undefined) => void;
  #ends: ReturnType<typeof setTimeout> | undefined;
  #reason: string | undefined;

  /** `show` is called with why they may not, and with nothing once they may. */
  constructor(show: (reason: string | undefined) => void) {
    this.#show = show;
  }

  /** Why they may not write, if so. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** Takes what the room says of this user. */
  update(mine: MemberInfo | undefined): void {
    const now = Date.now();
    const until = mine && isMuted(mine, now) ? mine.mutedUntil : undefined;
    const reason = until === undefined ? undefined : reasonFor(until, now);
    if (reason === this.#reason) return;
    this.#reason = reason;
    this.#show(reason);
    this.close();
    if (until && until - now < MAX_TIMER_MS) {
      this.#ends = setTimeout(() => this.update(mine), until - now + CLOCK_MS);
    }
  }

  /** Stops. */
  close(): void {
    clearTimeout(this.#ends);
  }
}

function reasonFor(until: number | null, now: number): string {
  const { youAreMuted, youAreMutedUntil } = words();
  return until === null ? youAreMuted : youAreMutedUntil(shortMoment(until, now));
}
