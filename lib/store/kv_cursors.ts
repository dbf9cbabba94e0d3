import type { KvLink } from "../kv/kv_link.ts";
import type { KvAppender } from "./kv_appender.ts";
import { cursorKey, roomKey, standingKey } from "./kv_keys.ts";
import type { KvRoom } from "./kv_room.ts";
import type { KvStanding } from "./kv_standing.ts";
import type { Cursor } from "./standing.ts";

/** People whose cursors are moved in one commit: some hosts take ten checks and no more. */
const PEOPLE_PER_COMMIT = 10;
/** What is read of each. */
const KEYS_PER_PERSON = 3;

/** All that was asked for of one person in one room. */
interface Moves {
  readonly roomId: string;
  readonly userId: string;
  readonly cursors: { readonly cursor: Cursor; readonly index: number }[];
}

/** How far people have come in the logs. */
export class KvCursors {
  readonly #link: KvLink;
  readonly #appender: KvAppender;

  constructor(link: KvLink, appender: KvAppender) {
    this.#link = link;
    this.#appender = appender;
  }

  async advance(cursors: readonly Cursor[]): Promise<boolean[]> {
    const people = new Map<string, Moves>();
    for (const [index, cursor] of cursors.entries()) {
      const { roomId, userId } = cursor;
      const name = JSON.stringify([roomId, userId]);
      const moves = people.get(name);
      if (moves === undefined) people.set(name, { roomId, userId, cursors: [{ cursor, index }] });
      else moves.cursors.push({ cursor, index });
    }
    const rooms = new Set(cursors.map(({ roomId }) => roomId));
    await Promise.all([...rooms].map((roomId) => this.#appender.settled(roomId)));
    const moved: boolean[] = cursors.map(() => false);
    const all = [...people.values()];
    const commits: Promise<void>[] = [];
    for (let i = 0; i < all.length; i += PEOPLE_PER_COMMIT) {
      commits.push(this.#move(all.slice(i, i + PEOPLE_PER_COMMIT), moved));
    }
    await Promise.all(commits);
    return moved;
  }

  async #move(people: readonly Moves[], moved: boolean[]): Promise<void> {
    const keys = people.flatMap(({ roomId, userId }) => [
      roomKey(roomId),
      standingKey(roomId, userId),
      cursorKey(roomId, userId),
    ]);
    await this.#link.untilDone(async () => {
      const entries = await this.#link.getMany(keys);
      const changed: { entry: Deno.KvEntryMaybe<unknown>; place: readonly [number, number] }[] = [];
      for (const [i, { cursors }] of people.entries()) {
        const [room, standing, entry] = entries.slice(i * KEYS_PER_PERSON, (i + 1) * KEYS_PER_PERSON);
        if (((standing.value as KvStanding | null)?.role ?? null) === null) continue;
        const { head } = room.value as KvRoom;
        const known = entry.value as readonly [number, number] | null ?? [0, 0];
        let place = known;
        for (const { cursor, index } of cursors) {
          const next = further(place, cursor, head);
          moved[index] = next !== place;
          place = next;
        }
        if (place !== known) changed.push({ entry, place });
      }
      if (changed.length === 0) return { done: undefined };
      const committed = await this.#link.commit((atomic) => {
        for (const { entry, place } of changed) atomic.check(entry).set(entry.key, place);
      });
      return committed && { done: undefined };
    });
  }
}

/** Where a cursor takes somebody; the same place if it is no further. */
function further(place: readonly [number, number], { delivered = 0, read = 0 }: Cursor, head: number) {
  const next = [
    Math.max(place[0], Math.min(delivered, head), Math.min(read, head)),
    Math.max(place[1], Math.min(read, head)),
  ] as const;
  return next[0] === place[0] && next[1] === place[1] ? place : next;
}
