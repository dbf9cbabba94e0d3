/** A token's end is announced this long before it comes. */
const NOTICE_MS = 60_000;

/** Watches a token run out. */
export class TokenClock {
  readonly expiresAt: number;
  readonly #noticeAt: number;
  #isAnnounced = false;

  constructor(expiresAt: number, now: number) {
    this.expiresAt = expiresAt;
    const lifeMs = expiresAt - now;
    this.#noticeAt = lifeMs < NOTICE_MS ? now + lifeMs / 2 : expiresAt - NOTICE_MS;
  }

  /** Says once that the end is near, and then always that it has come. */
  check(now: number): "good" | "ending" | "expired" {
    if (now >= this.expiresAt) return "expired";
    if (this.#isAnnounced || now < this.#noticeAt) return "good";
    this.#isAnnounced = true;
    return "ending";
  }
}
