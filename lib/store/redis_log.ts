import { RecentMap } from "../kit/recent_map.ts";
import type { ChatMessage } from "../protocol/messages.ts";
import { placeDraft } from "./message.ts";
import { emptyPage } from "./page.ts";
import type { RedisDatabase } from "./redis_database.ts";
import type { RedisIndex } from "./redis_index.ts";
import { APPEND, MESSAGES, PAGE, RETAIN } from "./redis_log_scripts.ts";
import { ageCutoff, DEDUPLICATION_MS, isLimited } from "./retention.ts";
import type { Appended, Draft, Page, Range, Retention } from "./store.ts";

/** Messages kept for the ids of theirs that may come again, beyond those kept for reading. */
const MAX_BALLAST = 100_000;
/** How often a node says that a room is active; lists of rooms may be as much behind. */
export const TOUCH_EVERY_MS = 60_000;
const MAX_TOUCHED = 100_000;
const ROOMS_PER_STEP = 20;
const MESSAGES_PER_STEP = 500;

/** Where what is appended is told to other nodes. */
export interface Publishing {
  readonly nodeId: string;
  readonly channel: (roomId: string) => string;
}

/** The logs of all rooms. */
export class RedisLog {
  readonly #database: RedisDatabase;
  readonly #retention: Retention;
  readonly #publishing: Publishing;
  readonly #index: RedisIndex;
  readonly #forgets: boolean;
  /** When each room was last said to be active. */
  readonly #touched = new RecentMap<string, number>(MAX_TOUCHED);

  constructor(database: RedisDatabase, retention: Retention, publishing: Publishing, index: RedisIndex) {
    this.#database = database;
    this.#retention = retention;
    this.#publishing = publishing;
    this.#index = index;
    this.#forgets = isLimited(retention);
  }

  async append(drafts: readonly Draft[]): Promise<Appended[]> {
    if (drafts.length === 0) return [];
    const rooms = Map.groupBy(drafts.keys(), (i) => drafts[i].roomId);
    const appended = new Array<Appended>(drafts.length);
    // All of them are waited for: a call that fails while some of it is still under way could overtake its own retry.
    const calls = await Promise.allSettled(
      [...rooms].map(async ([roomId, places]) => {
        const some = places.map((place) => drafts[place]);
        (await this.#append(roomId, some)).forEach((place, i) => appended[places[i]] = place);
      }),
    );
    for (const call of calls) if (call.status === "rejected") throw call.reason;
    return appended;
  }

  /** @param until Messages newer than this, in milliseconds since the Unix epoch, are passed over */
  async page(roomId: string, range: Range, until = Infinity): Promise<Page> {
    const { after, before = Infinity, limit, maxLength } = range;
    const { keys } = this.#database;
    const reply = await this.#database.runIn(roomId, PAGE, [keys.room(roomId), keys.log(roomId)], [
      after === undefined ? "" : String(after),
      before === Infinity ? "" : String(before),
      String(limit),
      toLua(maxLength),
      toLua(this.#retention.historyLimit),
      toLua(ageCutoff(this.#retention, this.#database.now)),
      toLua(until),
    ]);
    const [epoch, head, first, more, texts] = reply as [string, string, string, number, string[]];
    if (epoch === "") return emptyPage();
    this.#database.see(roomId, epoch, Number(head));
    const messages = texts.map((text): ChatMessage => JSON.parse(text));
    if (after === undefined) messages.reverse();
    return { epoch, head: Number(head), first: Number(first), messages, more: more === 1 };
  }

  /** Single messages of a room; those that are not kept for reads are left out. */
  async messages(roomId: string, seqs: readonly number[]): Promise<ChatMessage[]> {
    const { keys } = this.#database;
    const texts = await this.#database.runIn(roomId, MESSAGES, [keys.room(roomId), keys.log(roomId)], [
      toLua(this.#retention.historyLimit),
      toLua(ageCutoff(this.#retention, this.#database.now)),
      ...seqs.map(String),
    ]) as string[];
    return texts.filter((text) => text !== "").map((text): ChatMessage => JSON.parse(text));
  }

  /** Takes one small step of forgetting in rooms where it is time; tells whether more is left to do. */
  async retain(): Promise<boolean> {
    if (!this.#forgets) return false;
    const { now, keys } = this.#database;
    const rooms = await this.#database.takeDue(keys.aging, ROOMS_PER_STEP);
    const left = await Promise.all(rooms.map((roomId) => this.#forget(roomId, now)));
    return left.includes(true) || rooms.length === ROOMS_PER_STEP;
  }

  async #append(roomId: string, drafts: readonly Draft[]): Promise<Appended[]> {
    const { keys } = this.#database;
    const { nodeId, channel } = this.#publishing;
    const args = [
      channel(roomId),
      `${nodeId} {"kind":"messages","messages":[`,
      ...this.#retentionArguments(),
    ];
    for (const draft of drafts) args.push(...toArguments(draft));
    const touch = this.#touch(roomId);
    const used = [keys.room(roomId), keys.log(roomId), keys.sent(roomId), keys.people(roomId)];
    const reply = await this.#database.runIn(roomId, APPEND, used, args);
    const [epoch, head, places, held] = reply as [string, string, string[], string[]];
    if (held.length > 0) {
      // Nobody is to hear of what may yet be lost.
      await this.#database.written();
      await Promise.all(held.map((letter) => this.#database.send("PUBLISH", channel(roomId), letter)));
    }
    this.#database.see(roomId, epoch, Number(head));
    await touch;
    return places.map((place, i) => {
      const [seq, timestamp] = place.split(" ").map(Number);
      return timestamp === undefined
        ? { seq, timestamp: drafts[i].timestamp, duplicate: false }
        : { seq, timestamp, duplicate: true };
    });
  }

  /** Enters a room into the lists of rooms, or moves it up there, once a minute. Never rejects. */
  #touch(roomId: string): Promise<unknown> | undefined {
    const { now, keys } = this.#database;
    const last = this.#touched.get(roomId);
    if (last !== undefined && now - last < TOUCH_EVERY_MS) return undefined;
    this.#touched.set(roomId, now);
    const calls: Promise<unknown>[] = [
      this.#database.send("ZADD", keys.logs(roomId), "GT", String(now), roomId),
      this.#database.send("ZADD", keys.publicRooms, "XX", "GT", String(now), roomId),
      this.#index.queue([roomId]),
    ];
    if (this.#forgets) calls.push(this.#ageAt(roomId, now + this.#firstLookMs));
    return Promise.all(calls).catch(() => this.#touched.delete(roomId));
  }

  /** After which time there may be something to forget in a room that was empty. */
  get #firstLookMs(): number {
    const { historyMaxAgeMs } = this.#retention;
    return Math.max(DEDUPLICATION_MS, historyMaxAgeMs === Infinity ? 0 : historyMaxAgeMs);
  }

  #ageAt(roomId: string, time: number): Promise<unknown> {
    return this.#database.send("ZADD", this.#database.keys.aging, "LT", String(time), roomId);
  }

  async #forget(roomId: string, now: number): Promise<boolean> {
    const { keys } = this.#database;
    const used = [keys.room(roomId), keys.log(roomId), keys.sent(roomId)];
    const args = [...this.#retentionArguments(), String(MESSAGES_PER_STEP)];
    const [more, rest, activeAt] = await this.#database.run(RETAIN, used, ...args) as [
      number,
      string,
      string,
    ];
    if (more === 1) {
      await this.#ageAt(roomId, now);
      return true;
    }
    const next = this.#nextLook(rest, Number(activeAt), now);
    if (next !== undefined) await this.#ageAt(roomId, next);
    return false;
  }

  /** When the oldest message that stays in a room may go; `undefined` if time alone will not do it. */
  #nextLook(rest: string, activeAt: number, now: number): number | undefined {
    const [why, time] = rest.split(" ");
    const { historyMaxAgeMs } = this.#retention;
    if (why === "unread") return Math.max(now + 1, Number(time) + DEDUPLICATION_MS);
    if (why === "kept" && historyMaxAgeMs !== Infinity) {
      return Math.max(now + 1, Number(time) + Math.max(DEDUPLICATION_MS, historyMaxAgeMs));
    }
    // Somebody may have written without touching the room, because they had done that just before.
    return activeAt + DEDUPLICATION_MS > now ? now + DEDUPLICATION_MS : undefined;
  }

  #retentionArguments(): string[] {
    const { historyLimit } = this.#retention;
    const { now } = this.#database;
    return [historyLimit, ageCutoff(this.#retention, now), now - DEDUPLICATION_MS, historyLimit + MAX_BALLAST]
      .map(toLua);
  }
}

/** What APPEND takes of a draft: in the end it writes the same as `encodeChat`. */
function toArguments(draft: Draft): string[] {
  const { type, id, roomId, userId, seq: _, ...rest } = placeDraft(draft, 0);
  return [
    draft.unique ? "" : JSON.stringify([userId, id]),
    userId,
    String(draft.timestamp),
    String(draft.content.length),
    `${JSON.stringify({ type, id, roomId }).slice(0, -1)},"seq":`,
    `,${JSON.stringify({ userId, ...rest }).slice(1)}`,
  ];
}

function toLua(value: number): string {
  return value === Infinity ? "inf" : value === -Infinity ? "-inf" : String(value);
}
