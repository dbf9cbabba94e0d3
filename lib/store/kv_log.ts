import { RecentMap } from "../kit/recent_map.ts";
import type { KvLink } from "../kv/kv_link.ts";
import type { ChatMessage } from "../protocol/messages.ts";
import { messageKey, oldestKey, roomKey } from "./kv_keys.ts";
import { type KvMessage, readMessages } from "./kv_message.ts";
import type { KvRoom } from "./kv_room.ts";
import { emptyPage, fetchPage } from "./page.ts";
import { ageCutoff } from "./retention.ts";
import type { Page, Range, Retention } from "./store.ts";

/** Messages read at once: more than most pages have. */
const MESSAGES_PER_READ = 100;
/** Places looked at together in the search for a time: what one read holds. */
const PROBES = 10;
/** Rooms of which it is remembered how far they have aged. */
const MAX_AGED_ROOMS = 20_000;

/** Reads logs. What was appended never changes, so that one look at where a room stands is enough for any reading. */
export class KvLog {
  readonly #link: KvLink;
  readonly #retention: Retention;
  /** What was too young to go when it was last looked at. */
  readonly #aged = new RecentMap<string, number>(MAX_AGED_ROOMS);

  constructor(link: KvLink, retention: Retention) {
    this.#link = link;
    this.#retention = retention;
  }

  async page(roomId: string, range: Range, now: number): Promise<Page> {
    const [room, oldest] = await this.#link.getMany([roomKey(roomId), oldestKey(roomId)]);
    if (room.value === null) return emptyPage();
    const { epoch, head } = room.value as KvRoom;
    const first = await this.firstKept(roomId, head, oldest.value as number | null, now);
    return await fetchPage(
      { epoch, head, first },
      range,
      (from, to, isForward) =>
        this.read(roomId, from, to, isForward, Math.min(range.limit, MESSAGES_PER_READ)),
    );
  }

  /** The messages from one place to another, both included, oldest first or newest first. */
  read(
    roomId: string,
    from: number,
    to: number,
    isForward: boolean,
    batch: number,
  ): AsyncGenerator<ChatMessage> {
    const span = { start: messageKey(roomId, from), end: messageKey(roomId, to + 1) };
    return readMessages(roomId, this.#link.list<unknown>(span, Math.max(1, batch), !isForward));
  }

  /** The oldest `seq` that reads may see; `oldest` is what {@linkcode oldestKey} says. */
  async firstKept(roomId: string, head: number, oldest: number | null, now: number): Promise<number> {
    const low = Math.max(oldest ?? 1, head - this.#retention.historyLimit + 1);
    const cutoff = ageCutoff(this.#retention, now);
    if (cutoff === -Infinity) return low;
    const first = await this.firstNewer(roomId, Math.max(low, this.#aged.get(roomId) ?? 0), head, cutoff);
    this.#aged.set(roomId, first);
    return first;
  }

  /**
   * The first `seq` from `low` to `high` that is newer than `cutoff`; `high + 1` if none is.
   *
   * A log is written in the order of time, so that a search by halves finds it; here by elevenths.
   */
  async firstNewer(roomId: string, low: number, high: number, cutoff: number): Promise<number> {
    let old = low - 1;
    let fresh = high + 1;
    for (let isFirst = true; fresh - old > 1; isFirst = false) {
      const probes = probesBetween(old, fresh);
      if (isFirst) probes.unshift(old + 1); // Mostly nothing has aged.
      const entries = await this.#link.getMany(probes.slice(0, PROBES).map((seq) => messageKey(roomId, seq)));
      for (const { key, value } of entries) {
        const seq = Number(key.at(-1));
        const message = value as KvMessage | null;
        if (message !== null && message.timestamp > cutoff) {
          fresh = seq;
          break;
        }
        old = seq;
      }
    }
    return fresh;
  }
}

/** Places between two others, in ascending order, each once, one of them at least. */
function probesBetween(low: number, high: number): number[] {
  const step = (high - low) / (PROBES + 1);
  const probes = new Set<number>();
  for (let i = 1; i <= PROBES; i++) {
    const probe = low + Math.floor(i * step);
    if (probe > low && probe < high) probes.add(probe);
  }
  if (probes.size === 0) probes.add(low + 1);
  return [...probes];
}
