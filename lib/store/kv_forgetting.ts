import type { KvLink } from "../kv/kv_link.ts";
import { KvRoomLeft } from "../kv/kv_room_left.ts";
import { ALL_ROOMS, messageKey, oldestKey, sentKey, SWEEP } from "./kv_keys.ts";
import type { KvLog } from "./kv_log.ts";
import { isWhole, type KvMessage } from "./kv_message.ts";
import type { KvRoom } from "./kv_room.ts";
import { DEDUPLICATION_MS } from "./retention.ts";

/** Rooms looked at in one step. */
const ROOMS_PER_STEP = 50;
/** Entries that are read to be deleted in one step. */
const ENTRIES_PER_STEP = 300;
/** Looking through all rooms costs a read for each: it is done once in so long, by one instance for all. */
const REST_MS = 5 * 60_000;
/** Who begins has this long for each step, before another may take it up. */
const LEASE_MS = 60_000;

/** Who goes through the rooms, and until when nobody else does. */
interface Sweep {
  readonly by: string;
  readonly until: number;
}

/** Deletes what neither reads nor de-duplication want any more. */
export class KvForgetting {
  readonly #link: KvLink;
  readonly #log: KvLog;
  readonly #id = crypto.randomUUID();
  /** The key up to which this instance has come. */
  #after: Deno.KvKey | undefined;

  constructor(link: KvLink, log: KvLog) {
    this.#link = link;
    this.#log = log;
  }

  /** Takes one small step; tells whether more is left to do. */
  async step(now: number): Promise<boolean> {
    if (!await this.#claim(now)) {
      this.#after = undefined;
      return false;
    }
    const start = this.#after === undefined ? ALL_ROOMS : [...this.#after, ""];
    const span = { start, end: [...ALL_ROOMS.slice(0, -1), `${String(ALL_ROOMS.at(-1))}\0`] };
    const rooms: Deno.KvEntry<KvRoom>[] = [];
    for await (const entry of this.#link.list<KvRoom>(span, ROOMS_PER_STEP)) {
      if (rooms.push(entry) === ROOMS_PER_STEP) break;
    }
    const oldest = await this.#link.getMany(rooms.map(({ value }) => oldestKey(value.roomId)));
    for (const [i, { key, value }] of rooms.entries()) {
      if (await this.#forget(value, oldest[i], now)) return true;
      this.#after = key;
    }
    if (rooms.length === ROOMS_PER_STEP) return true;
    this.#after = undefined;
    await this.#rest(now);
    return false;
  }

  /** Takes up a round, or goes on with it; false where another instance has it, or all is done for now. */
  async #claim(now: number): Promise<boolean> {
    const entry = await this.#link.get<Sweep>(SWEEP);
    if (entry.value !== null && entry.value.until > now && entry.value.by !== this.#id) return false;
    const sweep: Sweep = { by: this.#id, until: now + LEASE_MS };
    return await this.#link.commit((atomic) => atomic.check(entry).set(SWEEP, sweep)) !== undefined;
  }

  async #rest(now: number): Promise<void> {
    await this.#link.commit((atomic) => atomic.set(SWEEP, { by: "", until: now + REST_MS } satisfies Sweep));
  }

  /** Deletes the first messages of a room that are unwanted; tells whether it stopped before the last. */
  async #forget({ roomId, head }: KvRoom, oldest: Deno.KvEntryMaybe<unknown>, now: number): Promise<boolean> {
    const low = oldest.value as number | null ?? 1;
    const unread = await this.#log.firstKept(roomId, head, low, now) - 1;
    if (unread < low) return false;
    const unwanted = await this.#log.firstNewer(roomId, low, unread, now - DEDUPLICATION_MS) - 1;
    if (unwanted < low) return false;
    const span = { start: messageKey(roomId, low), end: messageKey(roomId, unwanted + 1) };
    const left = new KvRoomLeft();
    const keys: Deno.KvKey[] = [];
    let next = unwanted + 1;
    let count = 0;
    for await (const { key, value } of this.#link.list<unknown>(span, ENTRIES_PER_STEP)) {
      const going = [key];
      if (isWhole(key)) {
        const { id, userId, unique } = value as KvMessage;
        if (!unique) going.push(sentKey(roomId, userId, id));
      }
      if (count++ === ENTRIES_PER_STEP || !going.every((key) => left.take(key))) {
        next = Number(key[3]); // It may have lost its first pieces, and nobody sees it any more.
        break;
      }
      keys.push(...going);
    }
    await this.#link.commit((atomic) => {
      atomic.check(oldest).set(oldestKey(roomId), next);
      for (const key of keys) atomic.delete(key);
    });
    return next <= unwanted;
  }
}
