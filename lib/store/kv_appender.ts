import { RecentMap } from "../kit/recent_map.ts";
import { type KvLink, KvUnavailable } from "../kv/kv_link.ts";
import { KvRoomLeft } from "../kv/kv_room_left.ts";
import { cursorKey, messageKey, roomKey, sentKey } from "./kv_keys.ts";
import { type KvMessage, setMessage, takeRoom } from "./kv_message.ts";
import { type KvRoom, list, moved, newLog } from "./kv_room.ts";
import type { Appended, Draft } from "./store.ts";

/** Ids that a commit can check without their having been read: some hosts take ten checks and no more. */
const MAX_UNREAD_IDS = 9;
/** Rooms whose places are remembered. */
const MAX_KNOWN_ROOMS = 20_000;
/** The keys of one read, the first of which is the room's. */
const IDS_PER_READ = 9;

type RoomEntry = Deno.KvEntryMaybe<KvRoom>;

/** One call that waits for its room. */
interface Call {
  readonly drafts: readonly Draft[];
  readonly resolve: (appended: Appended[]) => void;
  readonly reject: (error: unknown) => void;
}

/** What is to be written, and what comes of it. */
interface Plan {
  readonly appended: Appended[];
  /** Each with its place, in ascending order. */
  readonly fresh: { readonly draft: Draft; readonly seq: number }[];
}

/**
 * Appends to logs: what is asked for while a room is being written to is its next commit.
 *
 * Every commit checks that the room stands where it was thought to, so that no instance comes in between. Mostly it
 * does, and a message costs one call to the database.
 */
export class KvAppender {
  readonly #link: KvLink;
  readonly #now: () => number;
  readonly #lines = new Map<string, { calls: Call[]; last: Promise<unknown> }>();
  readonly #known = new RecentMap<string, RoomEntry>(MAX_KNOWN_ROOMS);
  readonly #id = crypto.randomUUID().slice(0, 13);
  #commits = 0;

  constructor(link: KvLink, now: () => number) {
    this.#link = link;
    this.#now = now;
  }

  /** Appends drafts of one room, all or none as far as one commit holds them. */
  append(roomId: string, drafts: readonly Draft[]): Promise<Appended[]> {
    const { promise, resolve, reject } = Promise.withResolvers<Appended[]>();
    const last = promise.catch(() => {});
    const call = { drafts, resolve, reject };
    const line = this.#lines.get(roomId);
    if (line === undefined) {
      this.#lines.set(roomId, { calls: [call], last });
      this.#work(roomId);
    } else {
      line.calls.push(call);
      line.last = last;
    }
    return promise;
  }

  /** Resolves once everything that was asked for in a room before this is settled. */
  async settled(roomId: string): Promise<void> {
    await this.#lines.get(roomId)?.last;
  }

  async #work(roomId: string): Promise<void> {
    const line = this.#lines.get(roomId)!;
    await Promise.resolve(); // All that one task asks for is one commit.
    while (line.calls.length > 0) {
      const problem = await this.#settle(roomId, line.calls.splice(0));
      // Who has come meanwhile has waited long enough for the same.
      if (problem instanceof KvUnavailable) {
        for (const { reject } of line.calls.splice(0)) reject(problem);
      }
    }
    this.#lines.delete(roomId);
  }

  /** Answers every call as soon as all of it is written; resolves to what has kept it from that. */
  async #settle(roomId: string, calls: readonly Call[]): Promise<unknown> {
    const appended: Appended[] = [];
    let next = 0;
    try {
      for (const part of cut(calls.flatMap(({ drafts }) => drafts))) {
        appended.push(...await this.#append(roomId, part));
        while (next < calls.length && calls[next].drafts.length <= appended.length) {
          const call = calls[next++];
          call.resolve(appended.splice(0, call.drafts.length));
        }
      }
    } catch (error) {
      for (const { reject } of calls.slice(next)) reject(error);
      return error;
    }
  }

  async #append(roomId: string, drafts: readonly Draft[]): Promise<Appended[]> {
    const ids = idsOf(drafts);
    /** By this it is found in the log, whichever attempt has brought it there. */
    const name = `${this.#id}.${++this.#commits}`;
    /** An attempt of which nobody knows whether it was done, or will be. */
    let open: { readonly plan: Plan; readonly versionstamp: string | null } | undefined;
    return await this.#link.untilDone(async (tries) => {
      const known = tries === 0 && ids.size <= MAX_UNREAD_IDS ? this.#known.get(roomId) : undefined;
      const read = known === undefined ? await this.#read(roomId, ids) : { entry: known, sent: undefined };
      if (read === undefined) return undefined;
      const { entry, sent } = read;
      if (open !== undefined && open.versionstamp !== entry.versionstamp) {
        if (await this.#isWritten(roomId, name, open.plan)) return { done: open.plan.appended };
        open = undefined; // Its check cannot hold any more.
      }
      const room = entry.value ?? newLog(roomId, this.#now());
      const plan = makePlan(drafts, room.head, sent);
      if (plan.fresh.length === 0) return { done: plan.appended };
      const checks = sent === undefined ? [...ids.values()] : [];
      try {
        if (await this.#commit(name, entry, room, plan, checks)) return { done: plan.appended };
      } catch (error) {
        if (error instanceof KvUnavailable) open = { plan, versionstamp: entry.versionstamp };
        throw error;
      }
    });
  }

  /** Where a room stands, and which ids are known, at one moment; `undefined` if somebody came in between. */
  async #read(roomId: string, ids: ReadonlyMap<string, Deno.KvKey>) {
    const key = roomKey(roomId);
    const keys = [
      key,
      ...[...ids.values()].flatMap((id, i) => i > 0 && i % IDS_PER_READ === 0 ? [key, id] : [id]),
    ];
    const entries = await this.#link.getMany(keys);
    const entry = entries[0] as RoomEntry;
    const sent = new Map<string, readonly [number, number]>();
    const names = [...ids.keys()];
    for (const [i, { versionstamp, value }] of entries.entries()) {
      if (i % (IDS_PER_READ + 1) === 0) {
        if (versionstamp !== entry.versionstamp) return undefined;
      } else if (value !== null) {
        sent.set(names[i - 1 - Math.floor(i / (IDS_PER_READ + 1))], value as readonly [number, number]);
      }
    }
    return { entry, sent };
  }

  async #commit(
    name: string,
    entry: RoomEntry,
    room: KvRoom,
    { fresh }: Plan,
    unread: Deno.KvKey[],
  ): Promise<boolean> {
    const { roomId } = room;
    const { draft: { timestamp }, seq: head } = fresh[fresh.length - 1];
    const next = moved(room, head, timestamp);
    const authors = new Map(fresh.map(({ draft, seq }) => [draft.userId, seq]));
    this.#known.delete(roomId);
    const committed = await this.#link.commit((atomic) => {
      atomic.check(entry).check(...unread.map((key) => ({ key, versionstamp: null })));
      atomic.set(entry.key, next);
      list(atomic, next, entry.value);
      for (const [i, { draft, seq }] of fresh.entries()) {
        setMessage(atomic, draft, seq, i === 0 ? name : undefined);
      }
      for (const [userId, seq] of authors) atomic.set(cursorKey(roomId, userId), [seq, seq]);
    });
    if (committed === undefined) return false;
    this.#known.set(roomId, { key: entry.key, value: next, ...committed });
    return true;
  }

  /** Whether a commit that seemed to fail was done after all. */
  async #isWritten(roomId: string, name: string, { fresh }: Plan): Promise<boolean> {
    const { value } = await this.#link.get<KvMessage>(messageKey(roomId, fresh[0].seq));
    return value?.commit === name;
  }
}

/** Cuts drafts into what one commit holds each. */
function* cut(drafts: readonly Draft[]): Generator<Draft[]> {
  let part: Draft[] = [];
  let left = new KvRoomLeft();
  for (const draft of drafts) {
    if (!takeAll(left, draft)) {
      if (part.length > 0) yield part;
      [part, left] = [[], new KvRoomLeft()];
      if (!takeAll(left, draft)) {
        throw new RangeError("Cannot append: the message does not fit into one commit");
      }
    }
    part.push(draft);
  }
  if (part.length > 0) yield part;
}

function takeAll(left: KvRoomLeft, draft: Draft): boolean {
  const isFitting = takeRoom(left, draft);
  return left.take(cursorKey(draft.roomId, draft.userId)) && isFitting;
}

/** The keys of the ids that may have come before, by the name that {@linkcode nameOf} gives them. */
function idsOf(drafts: readonly Draft[]): Map<string, Deno.KvKey> {
  const ids = new Map<string, Deno.KvKey>();
  for (const draft of drafts) {
    if (!draft.unique) ids.set(nameOf(draft), sentKey(draft.roomId, draft.userId, draft.id));
  }
  return ids;
}

function nameOf({ userId, id }: Draft): string {
  return `${userId.length}:${userId}${id}`;
}

function makePlan(
  drafts: readonly Draft[],
  head: number,
  sent?: Map<string, readonly [number, number]>,
): Plan {
  const known = new Map(sent);
  const plan: Plan = { appended: [], fresh: [] };
  for (const draft of drafts) {
    const name = draft.unique ? undefined : nameOf(draft);
    const first = name === undefined ? undefined : known.get(name);
    const seq = first?.[0] ?? ++head;
    const timestamp = first?.[1] ?? draft.timestamp;
    plan.appended.push({ seq, timestamp, duplicate: first !== undefined });
    if (first !== undefined) continue;
    plan.fresh.push({ draft, seq });
    if (name !== undefined) known.set(name, [seq, timestamp]);
  }
  return plan;
}
