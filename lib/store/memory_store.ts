import { MemoryLog } from "./memory_log.ts";
import { emptyPage } from "./page.ts";
import { ROLES } from "./roles.ts";
import type {
  Appended,
  Draft,
  Membership,
  NewRoom,
  Page,
  Range,
  Retention,
  Role,
  RoomRecord,
  Store,
} from "./store.ts";

/** Logs looked at in one step of forgetting. */
const LOGS_PER_STEP = 50;

/** What is kept of a room; `record` is missing while it is only a log. */
interface Room {
  readonly roomId: string;
  readonly log: MemoryLog;
  readonly members: Map<string, Membership>;
  /** The members in the order of the list, until one of them changes. */
  listed: Membership[] | undefined;
  record: Pick<RoomRecord, "roomName" | "visibility" | "passwordHash"> | undefined;
  /** Higher in rooms that were active later. */
  activity: number;
}

/** Keeps everything in the memory of this process, and loses it with the process. */
export class MemoryStore implements Store {
  readonly kind = "memory";
  readonly #retention: Retention;
  readonly #now: () => number;
  readonly #rooms = new Map<string, Room>();
  /** Public rooms, the most recently active last. */
  readonly #publicRooms = new Set<Room>();
  /** Each person's rooms, the most recently joined last. */
  readonly #roomsOf = new Map<string, Set<Room>>();
  /** Logs in which time alone will let something go. */
  readonly #aging = new Set<MemoryLog>();
  /** Where the sweep through them stands. */
  #sweep: { readonly logs: Iterator<MemoryLog>; log: MemoryLog | undefined } | undefined;
  #activity = 0;

  /** A store whose clock is `now`, in milliseconds since the Unix epoch. */
  constructor(retention: Retention, now: () => number = Date.now) {
    this.#retention = retention;
    this.#now = now;
  }

  append(drafts: readonly Draft[]): Promise<Appended[]> {
    const now = this.#now();
    return Promise.resolve(drafts.map((draft) => this.#append(draft, now)));
  }

  page(roomId: string, range: Range): Promise<Page> {
    return Promise.resolve(this.#rooms.get(roomId)?.log.page(range, this.#now()) ?? emptyPage());
  }

  room(roomId: string): Promise<RoomRecord | undefined> {
    const room = this.#rooms.get(roomId);
    return Promise.resolve(room && recordOf(room));
  }

  createRoom({ roomId, roomName, visibility, passwordHash, owner }: NewRoom) {
    const room = this.#open(roomId);
    const known = recordOf(room);
    if (known !== undefined) return Promise.resolve({ room: known, created: false });
    room.record = { roomName, visibility, passwordHash };
    this.#touch(room);
    if (owner !== undefined) this.#setMember(room, owner.userId, owner.username, "owner");
    return Promise.resolve({ room: recordOf(room)!, created: true });
  }

  rooms(userId: string, limit: number): Promise<RoomRecord[]> {
    const visible = [...this.#publicRooms].slice(-limit);
    for (const room of this.#roomsOf.get(userId) ?? []) {
      if (room.record?.visibility === "private") visible.push(room);
    }
    visible.sort((a, b) => b.activity - a.activity);
    return Promise.resolve(visible.slice(0, limit).map((room) => recordOf(room)!));
  }

  membership(roomId: string, userId: string): Promise<Membership | undefined> {
    return Promise.resolve(this.#rooms.get(roomId)?.members.get(userId));
  }

  putMember(roomId: string, userId: string, username: string): Promise<Membership> {
    const room = this.#open(roomId);
    const known = room.members.get(userId);
    if (known?.username === username) return Promise.resolve(known);
    return Promise.resolve(this.#setMember(room, userId, username, known?.role ?? "member"));
  }

  removeMember(roomId: string, userId: string): Promise<void> {
    const room = this.#rooms.get(roomId);
    if (room?.members.delete(userId)) {
      room.listed = undefined;
      const rooms = this.#roomsOf.get(userId)!;
      rooms.delete(room);
      if (rooms.size === 0) this.#roomsOf.delete(userId);
    }
    return Promise.resolve();
  }

  members(roomId: string, limit: number): Promise<Membership[]> {
    const room = this.#rooms.get(roomId);
    if (room === undefined) return Promise.resolve([]);
    room.listed ??= [...room.members.values()].sort(byRoleAndName);
    return Promise.resolve(room.listed.slice(0, limit));
  }

  memberships(userId: string, limit: number): Promise<{ room: RoomRecord; membership: Membership }[]> {
    const found: { room: RoomRecord; membership: Membership }[] = [];
    for (const room of [...this.#roomsOf.get(userId) ?? []].reverse()) {
      if (found.length >= limit) break;
      const record = recordOf(room);
      if (record !== undefined) found.push({ room: record, membership: room.members.get(userId)! });
    }
    return Promise.resolve(found);
  }

  retain(): Promise<boolean> {
    const now = this.#now();
    this.#sweep ??= { logs: this.#aging.values(), log: undefined };
    for (let i = 0; i < LOGS_PER_STEP; i++) {
      this.#sweep.log ??= this.#sweep.logs.next().value;
      const { log } = this.#sweep;
      if (log === undefined) {
        this.#sweep = undefined;
        return Promise.resolve(false);
      }
      if (log.forget(now)) break;
      if (!log.isAging) this.#aging.delete(log);
      this.#sweep.log = undefined;
    }
    return Promise.resolve(true);
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const table of [this.#rooms, this.#publicRooms, this.#roomsOf, this.#aging]) table.clear();
    return Promise.resolve();
  }

  #append(draft: Draft, now: number): Appended {
    const room = this.#open(draft.roomId);
    const appended = room.log.append(draft, now);
    if (!appended.duplicate && room.activity !== this.#activity) this.#touch(room);
    if (room.log.isAging) this.#aging.add(room.log);
    return appended;
  }

  #open(roomId: string): Room {
    const known = this.#rooms.get(roomId);
    if (known !== undefined) return known;
    const log = new MemoryLog(this.#retention);
    const room = { roomId, log, members: new Map(), listed: undefined, record: undefined, activity: 0 };
    this.#rooms.set(roomId, room);
    return room;
  }

  #touch(room: Room): void {
    room.activity = ++this.#activity;
    if (room.record?.visibility !== "public") return;
    this.#publicRooms.delete(room);
    this.#publicRooms.add(room);
  }

  #setMember(room: Room, userId: string, username: string, role: Role): Membership {
    const { head } = room.log;
    const { delivered, read } = room.members.get(userId) ?? { delivered: head, read: head };
    const member = { roomId: room.roomId, userId, username, role, delivered, read };
    room.members.set(userId, member);
    room.listed = undefined;
    const rooms = this.#roomsOf.get(userId) ?? new Set();
    this.#roomsOf.set(userId, rooms.add(room));
    return member;
  }
}

function recordOf({ roomId, record, log }: Room): RoomRecord | undefined {
  return record && { roomId, ...record, epoch: log.epoch, head: log.head };
}

function byRoleAndName(a: Membership, b: Membership): number {
  return ROLES.indexOf(a.role) - ROLES.indexOf(b.role) || compare(a.username, b.username) ||
    compare(a.userId, b.userId);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
