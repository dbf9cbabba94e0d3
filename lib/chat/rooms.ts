import type { Turn } from "../kit/turn.ts";
import type { NewRoom, RoomRecord, Store } from "../store/store.ts";
import { Room, type RoomReport, SILENT } from "./room.ts";

/** How much is read at once to heal a gap. */
const HEAL = { limit: 500, maxLength: 1 << 20 };

/** Keeps a room in memory while somebody works on it. */
export interface Lease extends Disposable {
  readonly room: Room;
}

/** The rooms that are in memory: those with somebody in them or something going on. */
export class Rooms {
  readonly #store: Store;
  readonly #turn: Turn;
  readonly #report: RoomReport;
  readonly #live = new Map<string, Room>();
  readonly #opening = new Map<string, Promise<Room | undefined>>();

  constructor(store: Store, turn: Turn, report: RoomReport = SILENT) {
    this.#store = store;
    this.#turn = turn;
    this.#report = report;
  }

  get size(): number {
    return this.#live.size;
  }

  /** The room, if it is in memory. */
  live(roomId: string): Room | undefined {
    return this.#live.get(roomId);
  }

  /** Opens a room for as long as the lease is held; `undefined` if there is none of that name. */
  async lease(roomId: string): Promise<Lease | undefined> {
    const room = this.#live.get(roomId) ?? await this.#open(roomId);
    return room && this.hold(room);
  }

  /** Opens a room, making it if need be; `created` says which. */
  async create(room: NewRoom): Promise<{ lease: Lease; created: boolean }> {
    const { room: record, created } = await this.#store.createRoom(room);
    return { lease: this.hold(this.#admit(record)), created };
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
    if (room.isIdle && this.#live.get(room.roomId) === room) this.#live.delete(room.roomId);
  }

  #open(roomId: string): Promise<Room | undefined> {
    let opening = this.#opening.get(roomId);
    if (opening === undefined) {
      opening = this.#store.room(roomId)
        .then((record) => record && this.#admit(record))
        .finally(() => this.#opening.delete(roomId));
      this.#opening.set(roomId, opening);
    }
    return opening;
  }

  #admit(record: RoomRecord): Room {
    let room = this.#live.get(record.roomId);
    if (room === undefined) {
      const readAfter = async (after: number) =>
        (await this.#store.page(record.roomId, { after, ...HEAL })).messages;
      room = new Room(record, this.#turn, readAfter, this.#report);
      this.#live.set(record.roomId, room);
    }
    return room;
  }
}
