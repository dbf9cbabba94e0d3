import type { MemoryLog } from "./memory_log.ts";
import { MemoryPeople } from "./memory_people.ts";
import { MemoryRoom } from "./memory_room.ts";
import { searchLogs } from "./memory_search.ts";
import { emptyPage } from "./page.ts";
import { isDirectRoom } from "./rooms_of_two.ts";
import type { Cursor, Membership, Standing, StandingChange } from "./standing.ts";
import type {
  Appended,
  Draft,
  NewRoom,
  Page,
  Person,
  Range,
  Retention,
  RoomChange,
  RoomRecord,
  SearchQuery,
  Store,
} from "./store.ts";

/** Logs looked at in one step of forgetting. */
const LOGS_PER_STEP = 50;

/** Keeps everything in the memory of this process, and loses it with the process. */
export class MemoryStore implements Store {
  readonly kind = "memory";
  readonly #retention: Retention;
  readonly #now: () => number;
  readonly #rooms = new Map<string, MemoryRoom>();
  /** Public rooms, the most recently active last. */
  readonly #publicRooms = new Set<MemoryRoom>();
  /** Each person's rooms, the most recently joined last. */
  readonly #roomsOf = new Map<string, Set<MemoryRoom>>();
  /** The rooms that each person is invited to. */
  readonly #invitesOf = new Map<string, Set<MemoryRoom>>();
  readonly #people = new MemoryPeople();
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
    return Promise.resolve(this.#rooms.get(roomId)?.record);
  }

  createRoom({ roomId, roomName, visibility, passwordHash, owner }: NewRoom) {
    const room = this.#open(roomId);
    const known = room.record;
    if (known !== undefined) return Promise.resolve({ room: known, created: false });
    room.settings = { roomName, visibility, passwordHash };
    this.#touch(room);
    if (owner !== undefined) this.#change(room, owner.userId, owner.username, { role: "owner" });
    return Promise.resolve({ room: room.record!, created: true });
  }

  updateRoom(roomId: string, change: RoomChange): Promise<RoomRecord | undefined> {
    const room = this.#rooms.get(roomId);
    if (room?.settings === undefined) return Promise.resolve(undefined);
    const { settings } = room;
    const { roomName = settings.roomName, visibility = settings.visibility } = change;
    const { passwordHash = settings.passwordHash } = change;
    room.settings = { roomName, visibility, passwordHash };
    if (visibility !== settings.visibility) this.#republish(room);
    return Promise.resolve(room.record);
  }

  rooms(userId: string | undefined, limit: number): Promise<RoomRecord[]> {
    const visible = [...this.#publicRooms].slice(-limit);
    const others = userId === undefined ? this.#rooms.values() : this.#roomsOf.get(userId) ?? [];
    for (const room of others) {
      const isHidden = userId === undefined && isDirectRoom(room.roomId);
      if (room.settings?.visibility === "private" && !isHidden) visible.push(room);
    }
    visible.sort((a, b) => b.activity - a.activity);
    return Promise.resolve(visible.slice(0, limit).map(({ record }) => record!));
  }

  standing(roomId: string, userId: string): Promise<Standing | undefined> {
    return Promise.resolve(this.#rooms.get(roomId)?.standing(userId));
  }

  putMember(roomId: string, userId: string, username: string): Promise<Membership> {
    const room = this.#open(roomId);
    const role = room.standing(userId)?.role ?? "member";
    this.#change(room, userId, username, { role, isInvited: false });
    return Promise.resolve(room.member(userId)!);
  }

  removeMember(roomId: string, userId: string): Promise<void> {
    const room = this.#rooms.get(roomId);
    room?.remove(userId);
    if (room !== undefined) this.#list(room, userId);
    return Promise.resolve();
  }

  changeStanding(roomId: string, userId: string, change: StandingChange): Promise<Standing> {
    const room = this.#open(roomId);
    const username = room.standing(userId)?.username ?? this.#people.get(userId)?.username ?? userId;
    return Promise.resolve(this.#change(room, userId, username, change));
  }

  advance(cursors: readonly Cursor[]): Promise<boolean[]> {
    return Promise.resolve(
      cursors.map(({ roomId, userId, delivered = 0, read = 0 }) =>
        this.#rooms.get(roomId)?.advance(userId, delivered, read) ?? false
      ),
    );
  }

  members(roomId: string, limit: number): Promise<(Membership & { readonly lastSeen: number })[]> {
    const members = this.#rooms.get(roomId)?.members(limit) ?? [];
    return Promise.resolve(
      members.map((member) => ({ ...member, lastSeen: this.#people.get(member.userId)?.lastSeen ?? 0 })),
    );
  }

  banned(roomId: string, now: number, limit: number): Promise<Standing[]> {
    return Promise.resolve(this.#rooms.get(roomId)?.banned(now, limit) ?? []);
  }

  invitations(userId: string, limit: number): Promise<RoomRecord[]> {
    const records = [...this.#invitesOf.get(userId) ?? []].map(({ record }) => record);
    const invitations = records.filter((record) => record !== undefined);
    invitations.sort((a, b) => a.roomId < b.roomId ? -1 : 1);
    return Promise.resolve(invitations.slice(0, limit));
  }

  memberships(userId: string, limit: number): Promise<{ room: RoomRecord; membership: Membership }[]> {
    const found: { room: RoomRecord; membership: Membership }[] = [];
    for (const room of [...this.#roomsOf.get(userId) ?? []].reverse()) {
      if (found.length >= limit) break;
      const { record } = room;
      if (record !== undefined) found.push({ room: record, membership: room.member(userId)! });
    }
    return Promise.resolve(found);
  }

  putPerson(person: Person): Promise<void> {
    this.#people.put(person);
    return Promise.resolve();
  }

  person(userId: string): Promise<Person | undefined> {
    return Promise.resolve(this.#people.get(userId));
  }

  peopleNamed(username: string, limit: number): Promise<Person[]> {
    return Promise.resolve(this.#people.named(username, limit));
  }

  search(query: SearchQuery) {
    const logs = this.#searched(query).map(({ log }) => log);
    return Promise.resolve(searchLogs(logs, query, this.#now()));
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
    const lists = [this.#publicRooms, this.#roomsOf, this.#invitesOf];
    for (const table of [this.#rooms, ...lists, this.#people, this.#aging]) table.clear();
    return Promise.resolve();
  }

  #append(draft: Draft, now: number): Appended {
    const room = this.#open(draft.roomId);
    const appended = room.append(draft, now);
    if (!appended.duplicate && room.activity !== this.#activity) this.#touch(room);
    if (room.log.isAging) this.#aging.add(room.log);
    return appended;
  }

  #open(roomId: string): MemoryRoom {
    const known = this.#rooms.get(roomId);
    if (known !== undefined) return known;
    const room = new MemoryRoom(roomId, this.#retention);
    this.#rooms.set(roomId, room);
    return room;
  }

  #touch(room: MemoryRoom): void {
    room.activity = ++this.#activity;
    if (room.settings?.visibility !== "public") return;
    this.#publicRooms.delete(room);
    this.#publicRooms.add(room);
  }

  /** Takes a room out of the list of public ones, or into it, where its activity has it. */
  #republish(room: MemoryRoom): void {
    this.#publicRooms.delete(room);
    if (room.settings?.visibility !== "public") return;
    const later = [...this.#publicRooms].filter(({ activity }) => activity > room.activity);
    for (const moved of [room, ...later]) {
      this.#publicRooms.delete(moved);
      this.#publicRooms.add(moved);
    }
  }

  #change(room: MemoryRoom, userId: string, username: string, change: StandingChange): Standing {
    const standing = room.change(userId, username, change);
    this.#list(room, userId);
    return standing;
  }

  /** Puts a room among a person's and their invitations, or takes it from there. */
  #list(room: MemoryRoom, userId: string): void {
    const isMember = room.member(userId) !== undefined;
    listUnder(this.#roomsOf, userId, room, isMember);
    listUnder(this.#invitesOf, userId, room, !isMember && room.standing(userId)?.isInvited === true);
  }

  /** The rooms that a search may look at. */
  #searched({ userId, roomId }: SearchQuery): MemoryRoom[] {
    const all = userId === undefined ? this.#rooms.values() : this.#roomsOf.get(userId) ?? [];
    if (roomId === undefined) {
      return [...all].filter((room) => userId !== undefined || !isDirectRoom(room.roomId));
    }
    const room = this.#rooms.get(roomId);
    const isAllowed = userId === undefined ? !isDirectRoom(roomId) : room?.member(userId) !== undefined;
    return room !== undefined && isAllowed ? [room] : [];
  }
}

/** Puts a room on a person's list, or takes it from there; no empty list stays. */
function listUnder(lists: Map<string, Set<MemoryRoom>>, userId: string, room: MemoryRoom, isOn: boolean) {
  const list = lists.get(userId);
  if (!isOn) {
    if (list?.delete(room) && list.size === 0) lists.delete(userId);
  } else if (list === undefined) lists.set(userId, new Set([room]));
  else list.add(room);
}
