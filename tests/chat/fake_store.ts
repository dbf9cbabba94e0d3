import { isDirect } from "../../lib/chat/access.ts";
import type { ChatMessage } from "../../lib/protocol/messages.ts";
import { newEpoch, placeDraft } from "../../lib/store/message.ts";
import { cutPage, emptyPage } from "../../lib/store/page.ts";
import type { Cursor, Membership, Standing, StandingChange } from "../../lib/store/standing.ts";
import {
  type Appended,
  type Draft,
  type NewRoom,
  type Page,
  type Person,
  type Range,
  type RoomChange,
  type RoomRecord,
  type SearchQuery,
  type Store,
  StoreUnavailable,
} from "../../lib/store/store.ts";

const ROLES = ["owner", "admin", "member"];

/** One room: its settings are missing while it is only a log. */
interface Kept {
  readonly roomId: string;
  readonly epoch: string;
  readonly sent: Map<string, Appended>;
  readonly standings: Map<string, Standing>;
  settings: Omit<RoomRecord, "roomId" | "epoch" | "head"> | undefined;
  messages: ChatMessage[];
  head: number;
  /** Higher in rooms that were active later. */
  activity: number;
}

/** A store in memory, as plain as can be, whose logs can be out of reach. */
export class FakeStore implements Store {
  readonly kind = "memory";
  isDown = false;
  /** The size of every batch that was to be appended. */
  readonly batches: number[] = [];
  readonly #historyLimit: number;
  readonly #rooms = new Map<string, Kept>();
  readonly #people = new Map<string, Person>();
  /** Who belongs where, the most recently joined last. */
  #joins: { readonly roomId: string; readonly userId: string }[] = [];
  #activity = 0;

  constructor(historyLimit = 100) {
    this.#historyLimit = historyLimit;
  }

  append(drafts: readonly Draft[]): Promise<Appended[]> {
    this.batches.push(drafts.length);
    if (this.isDown) return Promise.reject(new StoreUnavailable("down"));
    return Promise.resolve(drafts.map((draft) => this.#append(draft)));
  }

  page(roomId: string, range: Range): Promise<Page> {
    if (this.isDown) return Promise.reject(new StoreUnavailable("down"));
    const room = this.#rooms.get(roomId);
    if (room === undefined) return Promise.resolve(emptyPage());
    const { epoch, head, messages } = room;
    const first = head - messages.length + 1;
    const page = cutPage({ epoch, head, first }, range, (from, to, isForward) => {
      const span = messages.slice(from - first, to - first + 1);
      return isForward ? span : span.reverse();
    });
    return Promise.resolve(page);
  }

  room(roomId: string): Promise<RoomRecord | undefined> {
    return Promise.resolve(recordOf(this.#rooms.get(roomId)));
  }

  createRoom({ roomId, roomName, visibility, passwordHash, owner }: NewRoom) {
    const room = this.#open(roomId);
    const created = room.settings === undefined;
    if (created) {
      room.settings = { roomName, visibility, passwordHash };
      room.activity = ++this.#activity;
      if (owner !== undefined) {
        this.#change(roomId, owner.userId, { username: owner.username, role: "owner" });
      }
    }
    return Promise.resolve({ room: recordOf(room)!, created });
  }

  rooms(userId: string | undefined, limit: number): Promise<RoomRecord[]> {
    const visible = [...this.#rooms.values()].filter((room) =>
      userId === undefined
        ? !isDirect(room.roomId)
        : room.settings?.visibility === "public" || isMember(room.standings.get(userId))
    );
    visible.sort((a, b) => b.activity - a.activity);
    const records = visible.map(recordOf).filter((record) => record !== undefined);
    return Promise.resolve(records.slice(0, limit));
  }

  updateRoom(roomId: string, change: RoomChange): Promise<RoomRecord | undefined> {
    const room = this.#rooms.get(roomId);
    if (room?.settings !== undefined) room.settings = { ...room.settings, ...change };
    return Promise.resolve(recordOf(room));
  }

  standing(roomId: string, userId: string): Promise<Standing | undefined> {
    return Promise.resolve(this.#rooms.get(roomId)?.standings.get(userId));
  }

  putMember(roomId: string, userId: string, username: string): Promise<Membership> {
    const role = this.#rooms.get(roomId)?.standings.get(userId)?.role ?? "member";
    const member = this.#change(roomId, userId, { username, role, isInvited: false });
    return Promise.resolve(member as Membership);
  }

  removeMember(roomId: string, userId: string): Promise<void> {
    if (this.#rooms.get(roomId)?.standings.has(userId)) {
      this.#change(roomId, userId, { role: null, isInvited: false });
    }
    return Promise.resolve();
  }

  changeStanding(roomId: string, userId: string, change: StandingChange): Promise<Standing> {
    return Promise.resolve(this.#change(roomId, userId, change));
  }

  advance(cursors: readonly Cursor[]): Promise<boolean[]> {
    return Promise.resolve(cursors.map((cursor) => this.#advance(cursor)));
  }

  members(roomId: string, limit: number): Promise<(Membership & { readonly lastSeen: number })[]> {
    const members = [...this.#rooms.get(roomId)?.standings.values() ?? []].filter(isMember);
    members.sort((a, b) =>
      ROLES.indexOf(a.role) - ROLES.indexOf(b.role) || (a.username < b.username ? -1 : 1)
    );
    const listed = members.slice(0, limit);
    return Promise.resolve(
      listed.map((member) => ({ ...member, lastSeen: this.#people.get(member.userId)?.lastSeen ?? 0 })),
    );
  }

  banned(roomId: string, now: number, limit: number): Promise<Standing[]> {
    const standings = [...this.#rooms.get(roomId)?.standings.values() ?? []];
    const banned = standings.filter(({ bannedUntil }) => bannedUntil > now);
    banned.sort((a, b) => a.username < b.username ? -1 : 1);
    return Promise.resolve(banned.slice(0, limit));
  }

  invitations(userId: string, limit: number): Promise<RoomRecord[]> {
    const rooms = [...this.#rooms.values()].filter(({ standings }) => {
      const standing = standings.get(userId);
      return standing?.isInvited && !isMember(standing);
    });
    const records = rooms.map(recordOf).filter((record) => record !== undefined);
    records.sort((a, b) => a.roomId < b.roomId ? -1 : 1);
    return Promise.resolve(records.slice(0, limit));
  }

  memberships(userId: string, limit: number): Promise<{ room: RoomRecord; membership: Membership }[]> {
    const found: { room: RoomRecord; membership: Membership }[] = [];
    for (const join of this.#joins.toReversed()) {
      const room = this.#rooms.get(join.roomId);
      const [record, membership] = [recordOf(room), room?.standings.get(userId)];
      const isTheirs = join.userId === userId && isMember(membership);
      if (isTheirs && record !== undefined) found.push({ room: record, membership });
    }
    return Promise.resolve(found.slice(0, limit));
  }

  putPerson(person: Person): Promise<void> {
    this.#people.set(person.userId, person);
    return Promise.resolve();
  }

  person(userId: string): Promise<Person | undefined> {
    return Promise.resolve(this.#people.get(userId));
  }

  peopleNamed(name: string, limit: number): Promise<Person[]> {
    const found = [...this.#people.values()].filter(({ username }) => username === name);
    return Promise.resolve(found.slice(0, limit));
  }

  search({ userId, roomId, words, from, before = Infinity, since = 0, limit }: SearchQuery) {
    const rooms = [...this.#rooms.values()].filter((room) =>
      (roomId ?? room.roomId) === room.roomId &&
      (userId === undefined ? !isDirect(room.roomId) : isMember(room.standings.get(userId)))
    );
    const fits = ({ content, timestamp, ...author }: ChatMessage) =>
      words.every((word) => content.toLowerCase().includes(word.toLowerCase())) &&
      (from === undefined || from === author.userId || from === author.username) &&
      timestamp < before && timestamp >= since;
    const found = rooms.flatMap(({ messages }) => messages.filter(fits));
    found.sort((a, b) => b.timestamp - a.timestamp || b.seq - a.seq);
    return Promise.resolve({ messages: found.slice(0, limit), more: found.length > limit });
  }

  retain(): Promise<boolean> {
    return Promise.resolve(false);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  #append(draft: Draft): Appended {
    const room = this.#open(draft.roomId);
    const key = JSON.stringify([draft.userId, draft.id]);
    const first = room.sent.get(key);
    if (first !== undefined) return { ...first, duplicate: true };
    const seq = ++room.head;
    room.messages = [...room.messages, placeDraft(draft, seq)].slice(-this.#historyLimit);
    room.activity = ++this.#activity;
    const appended = { seq, timestamp: draft.timestamp, duplicate: false };
    room.sent.set(key, appended);
    this.#advance({ roomId: draft.roomId, userId: draft.userId, read: seq });
    return appended;
  }

  #advance({ roomId, userId, delivered = 0, read = 0 }: Cursor): boolean {
    const room = this.#rooms.get(roomId);
    const known = room?.standings.get(userId);
    if (room === undefined || !isMember(known)) return false;
    const next = {
      ...known,
      delivered: Math.max(known.delivered, Math.min(Math.max(delivered, read), room.head)),
      read: Math.max(known.read, Math.min(read, room.head)),
    };
    room.standings.set(userId, next);
    return next.delivered > known.delivered || next.read > known.read;
  }

  /** Sets what is given; who gets a role has read everything so far. */
  #change(roomId: string, userId: string, change: StandingChange & { username?: string }): Standing {
    const { standings, head } = this.#open(roomId);
    const known = standings.get(userId) ?? {
      ...{ roomId, userId, username: this.#people.get(userId)?.username ?? userId },
      ...{ role: null, isInvited: false, bannedUntil: 0, mutedUntil: 0, delivered: 0, read: 0 },
    };
    const next = { ...known, ...change };
    if (isMember(next) !== isMember(known)) {
      this.#joins = this.#joins.filter((join) => join.roomId !== roomId || join.userId !== userId);
      if (isMember(next)) {
        this.#joins.push({ roomId, userId });
        Object.assign(next, { delivered: head, read: head });
      }
    }
    standings.set(userId, next);
    return next;
  }

  #open(roomId: string): Kept {
    let room = this.#rooms.get(roomId);
    if (room === undefined) {
      const [sent, standings] = [new Map(), new Map()];
      const log = { epoch: newEpoch(), sent, messages: [], head: 0 };
      this.#rooms.set(roomId, room = { roomId, ...log, standings, settings: undefined, activity: 0 });
    }
    return room;
  }
}

function recordOf(room: Kept | undefined): RoomRecord | undefined {
  if (room?.settings === undefined) return undefined;
  return { roomId: room.roomId, ...room.settings, epoch: room.epoch, head: room.head };
}

function isMember(standing: Standing | undefined): standing is Membership {
  return standing !== undefined && standing.role !== null;
}
