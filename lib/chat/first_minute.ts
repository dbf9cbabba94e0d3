/** Who was there when the server ended is back this soon after its start, if they wait for it. */
const LENGTH_MS = 60_000;

/** The time after the start of a server, in which people come back who never went. */
export class FirstMinute {
  readonly #startedAt = Date.now();
  /** By room. */
  readonly #seen = new Map<string, Set<string>>();

  /** Notes that a person has come to a room; returns whether that may be where they were before the server's start. */
  note(roomId: string, userId: string): boolean {
    if (Date.now() - this.#startedAt >= LENGTH_MS) {
      this.#seen.clear();
      return false;
    }
    const seen = this.#seen.get(roomId);
    if (seen?.has(userId)) return false;
    if (seen === undefined) this.#seen.set(roomId, new Set([userId]));
    else seen.add(userId);
    return true;
  }
}
