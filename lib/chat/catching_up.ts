import { ENDINGS } from "../protocol/codes.ts";
import type { Store } from "../store/store.ts";
import type { Room } from "./room.ts";

/** So many rooms are looked at side by side. */
const SIDE_BY_SIDE = 16;
/** A room is looked at no more often than this, whatever gives reason to. */
const PAUSE_MS = 1_000;

/** Looks into the store after rooms of which something may have been missed: a message, a change, the end of the log. */
export class CatchingUp implements Disposable {
  readonly #store: Store;
  readonly #live: ReadonlyMap<string, Room>;
  readonly #doubtful = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isResting = true;
  #isGone = false;

  /** `live` are the rooms in memory. */
  constructor(store: Store, live: ReadonlyMap<string, Room>) {
    this.#store = store;
    this.#live = live;
  }

  /** Has rooms looked at, soon. */
  look(roomIds: Iterable<string>): void {
    for (const roomId of roomIds) this.#doubtful.add(roomId);
    if (this.#isResting && !this.#isGone) void this.#work();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#isGone = true;
  }

  async #work(): Promise<void> {
    if (this.#doubtful.size === 0) return;
    this.#isResting = false;
    const roomIds = [...this.#doubtful];
    this.#doubtful.clear();
    for (let i = 0; i < roomIds.length; i += SIDE_BY_SIDE) {
      await Promise.all(roomIds.slice(i, i + SIDE_BY_SIDE).map((roomId) => this.#lookAt(roomId)));
    }
    if (this.#isGone) return;
    this.#timer = setTimeout(() => {
      this.#isResting = true;
      void this.#work();
    }, PAUSE_MS);
  }

  async #lookAt(roomId: string): Promise<void> {
    try {
      const record = await this.#store.room(roomId);
      const room = this.#live.get(roomId);
      if (room === undefined) return;
      if (record?.epoch !== room.record.epoch) return this.#endLife(room);
      room.record = record;
      await room.reach(record.head);
    } catch {
      this.#doubtful.add(roomId); // The store will be back.
    }
  }

  /** The log has begun anew: whoever is in the room has to come again, and hear so. */
  #endLife(room: Room): void {
    for (const member of [...room.members()]) member.end(ENDINGS.unavailable);
  }
}
