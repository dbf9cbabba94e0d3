import type { Turn } from "../kit/turn.ts";
import type { ChatMessage } from "../protocol/messages.ts";
import { type NewRoom, type RoomRecord, type Store, StoreUnavailable } from "../store/store.ts";
import { CatchingUp } from "./catching_up.ts";
import { Cluster } from "./cluster.ts";
import type { Member } from "./member.ts";
import { Room, type RoomReport, SILENT } from "./room.ts";

/** How much is read at once to heal a gap. */
const HEAL = { limit: 500, maxLength: 1 << 20 };
/** What another node has appended should be on its way: it is waited for so long before it is read from the log. */
const PATIENCE_MS = 20;

/** Keeps a room in memory while somebody works on it. */
export interface Lease extends Disposable {
  readonly room: Room;
}

/** The rooms that are in memory: those with somebody in them or something going on. */
export class Rooms implements Iterable<Room>, Disposable {
  readonly #store: Store;
  readonly #turn: Turn;
  readonly #report: RoomReport;
  readonly #cluster: Cluster;
  readonly #catchingUp: CatchingUp;
  readonly #live = new Map<string, Room>();
  readonly #opening = new Map<string, Promise<Room | undefined>>();
  /** Called before anybody works on a room that was not in memory. */
  onOpen: (room: Room) => Promise<void> = () => Promise.resolve();
  /** Called, again until it resolves, when something may have been missed of what was done to people in a room. */
  onMissed: (room: Room) => Promise<void> = () => Promise.resolve();
  /** Called when a room leaves memory. */
  onClose: (room: Room) => void = () => {};

  constructor(store: Store, turn: Turn, report: RoomReport = SILENT, cluster: Cluster = new Cluster()) {
    this.#store = store;
    this.#turn = turn;
    this.#report = report;
    this.#cluster = cluster;
    this.#catchingUp = new CatchingUp(store, this.#live, (room) => this.onMissed(room));
    cluster.on("messages", ({ messages }, _node, roomId) => {
      const room = this.#live.get(roomId);
      if (room !== undefined) { for (const message of messages) this.#receive(room, message); }
    });
    cluster.on(
      "line",
      ({ text, droppable }, _node, roomId) => this.#live.get(roomId)?.tell(text, { droppable }),
    );
    cluster.on("changed", (_letter, _node, roomId) => this.#catchingUp.look([roomId]));
    cluster.onMissed(() => this.#catchingUp.look(this.#live.keys(), true));
    // It may have appended what it could not tell any more.
    cluster.onGone(() => this.#catchingUp.look(this.#live.keys()));
    cluster.answer("sizes", (roomIds) => {
      const rooms = roomIds.map((roomId) => this.#live.get(roomId)).filter((room) => room !== undefined);
      return Object.fromEntries(rooms.map(({ roomId, attendance }) => [roomId, attendance.size]));
    });
  }

  get size(): number {
    return this.#live.size;
  }

  [Symbol.iterator](): Iterator<Room> {
    return this.#live.values();
  }

  /** The room, if it is in memory. */
  live(roomId: string): Room | undefined {
    return this.#live.get(roomId);
  }

  /**
   * Opens a room for as long as the lease is held; `undefined` if there is none of that name.
   *
   * @param known Its record, where it was read just now
   */
  async lease(roomId: string, known?: RoomRecord): Promise<Lease | undefined> {
    for (;;) {
      const room = this.#live.get(roomId);
      if (room !== undefined && !this.#opening.has(roomId)) return this.hold(room);
      let opening = this.#opening.get(roomId);
      if (opening === undefined) {
        opening = this.#open(roomId, known).finally(() => this.#opening.delete(roomId));
        this.#opening.set(roomId, opening);
      }
      if (await opening === undefined) return undefined;
    }
  }

  /** Opens a room, making it if need be; `created` says which. */
  async create(newRoom: NewRoom): Promise<{ lease: Lease; created: boolean }> {
    const { room, created } = await this.#store.createRoom(newRoom);
    const lease = await this.lease(room.roomId, room);
    if (lease === undefined) throw new StoreUnavailable("Cannot open a room: it is gone already");
    return { lease, created };
  }

  /** Keeps a room that is in memory there for as long as the lease is held. */
  hold(room: Room): Lease {
    room.leases++;
    return {
      room,
      [Symbol.dispose]: () => {
        room.leases--;
        this.release(room);
      },
    };
  }

  /** Lets a room go from memory if nobody would miss it. */
  release(room: Room): void {
    const { roomId } = room;
    if (!room.isIdle || this.#live.get(roomId) !== room || this.#opening.has(roomId)) return;
    this.#live.delete(roomId);
    this.#cluster.unfollow(roomId);
    room[Symbol.dispose]();
    this.onClose(room);
  }

  /** Takes messages that were appended here to their rooms, on every node. */
  tellAppended(messages: readonly ChatMessage[]): void {
    for (const message of messages) {
      const room = this.#live.get(message.roomId);
      if (room !== undefined) this.#receive(room, message);
    }
    if (!this.#cluster.isShared) return;
    for (const [roomId, ofRoom] of Map.groupBy(messages, ({ roomId }) => roomId)) {
      this.#cluster.tellRoom(roomId, "messages", { messages: ofRoom });
    }
  }

  /** Has rooms looked at that have messages, perhaps, of which only the answer was lost: nobody will tell of those here. */
  doubt(roomIds: Iterable<string>): void {
    if (this.#cluster.isShared) this.#catchingUp.look(roomIds);
  }

  /** Tells every member of a room, on every node, something that is not in the log. */
  broadcast(roomId: string, text: string, options: { droppable?: boolean; except?: Member } = {}): void {
    this.#live.get(roomId)?.tell(text, options);
    this.#cluster.tellRoom(roomId, "line", { text, droppable: options.droppable ?? false });
  }

  /** Puts a room's new record in the place of the old one, on every node. */
  renew(record: RoomRecord): void {
    const room = this.#live.get(record.roomId);
    if (room !== undefined) room.record = record;
    this.#cluster.tellRoom(record.roomId, "changed", {});
  }

  /** A room's record as it is by now: what another node has changed may not be known here yet. */
  async refresh(room: Room): Promise<RoomRecord> {
    if (!this.#cluster.isShared) return room.record;
    const record = await this.#store.room(room.roomId);
    if (record !== undefined && record.epoch === room.record.epoch) room.record = record;
    return room.record;
  }

  /** How many people are in each of some rooms, as far as any node knows. */
  async countPeople(roomIds: readonly string[]): Promise<Map<string, number>> {
    const counts = new Map<string, number>();
    for (const roomId of roomIds) counts.set(roomId, this.#live.get(roomId)?.attendance.size ?? 0);
    const elsewhere = roomIds.filter((roomId) => !this.#live.has(roomId));
    if (elsewhere.length === 0 || !this.#cluster.isShared) return counts;
    for (const sizes of (await this.#cluster.ask("sizes", elsewhere)).values()) {
      for (const [roomId, size] of Object.entries(sizes)) {
        counts.set(roomId, Math.max(size, counts.get(roomId) ?? 0));
      }
    }
    return counts;
  }

  [Symbol.dispose](): void {
    this.#catchingUp[Symbol.dispose]();
    for (const room of this.#live.values()) room[Symbol.dispose]();
  }

  /** Takes a message of the log to its room. */
  #receive(room: Room, message: ChatMessage): void {
    // Either it was read from the log already, or the log has begun a new life.
    if (this.#cluster.isShared && message.seq <= room.head) this.#catchingUp.look([room.roomId]);
    room.receive(message);
  }

  /** Follows a room before it reads where the log ends, so that what comes next is either heard or read. */
  async #open(roomId: string, known: RoomRecord | undefined): Promise<Room | undefined> {
    const { isShared } = this.#cluster;
    await this.#cluster.follow(roomId);
    let room: Room | undefined;
    try {
      const record = isShared || known === undefined ? await this.#store.room(roomId) : known;
      if (record === undefined) return undefined;
      const readAfter = async (after: number) =>
        (await this.#store.page(roomId, { after, ...HEAL })).messages;
      room = new Room(
        record,
        this.#turn,
        { readAfter, patienceMs: isShared ? PATIENCE_MS : 0 },
        this.#report,
      );
      this.#live.set(roomId, room);
    } finally {
      if (room === undefined) this.#cluster.unfollow(roomId);
    }
    await this.onOpen(room);
    return room;
  }
}
