import { ENDINGS } from "../protocol/codes.ts";
import type { Store } from "../store/store.ts";
import type { Room } from "./room.ts";

/** So many rooms are looked at side by side. */
const SIDE_BY_SIDE = 16;
/** A room is looked at no more often than this, whatever gives reason to. */
const PAUSE_MS = 1_000;

/** Looks into the store after rooms of which something may have been missed, again and again until it can be read. */
export class CatchingUp implements Disposable {
  readonly #store: Store;
  readonly #live: ReadonlyMap<string, Room>;
  readonly #lookAtPeople: (room: Room) => Promise<void>;
  /** Rooms to look at, and whether at the people in them as well. */
  readonly #doubtful = new Map<string, boolean>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isResting = true;
  #isGone = false;

  /**
   * @param live The rooms in memory
   * @param lookAtPeople Compares the people in a room with what is kept of them; rejects if that cannot be read
   */
  constructor(
    store: Store,
    live: ReadonlyMap<string, Room>,
    lookAtPeople: (room: Room) => Promise<void>,
  ) {
    this.#store = store;
    this.#live = live;
    this.#lookAtPeople = lookAtPeople;
  }

  /** Has rooms looked at, soon: record, end of the log, and the people in them where something was done to those. */
  look(roomIds: Iterable<string>, withPeople = false): void {
    for (const roomId of roomIds) {
      this.#doubtful.set(roomId, withPeople || this.#doubtful.get(roomId) === true);
    }
    if (this.#isResting && !this.#isGone) void this.#work();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#isGone = true;
  }

  async #work(): Promise<void> {
    if (this.#doubtful.size === 0) return;
    this.#isResting = false;
    const doubtful = [...this.#doubtful];
    this.#doubtful.clear();
    for (let i = 0; i < doubtful.length; i += SIDE_BY_SIDE) {
      const some = doubtful.slice(i, i + SIDE_BY_SIDE);
      await Promise.all(some.map(([roomId, withPeople]) => this.#lookAt(roomId, withPeople)));
    }
    if (this.#isGone) return;
    this.#timer = setTimeout(() => {
      this.#isResting = true;
      void this.#work();
    }, PAUSE_MS);
  }

  async #lookAt(roomId: string, withPeople: boolean): Promise<void> {
    try {
      const record = await this.#store.room(roomId);
      const room = this.#live.get(roomId);
      if (room === undefined) return;
      if (record?.epoch !== room.record.epoch) return this.#endLife(room);
      room.record = record;
      await room.reach(record.head);
      if (withPeople) await this.#lookAtPeople(room);
    } catch {
      this.look([roomId], withPeople); // The store will be back.
    }
  }

  /** The log has begun anew: whoever is in the room has to come again, and hear so. */
  #endLife(room: Room): void {
    for (const member of [...room.members()]) member.end(ENDINGS.unavailable);
  }
}
