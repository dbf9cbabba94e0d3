import { Gather } from "../kit/turn.ts";
import { Refusal } from "../protocol/codes.ts";
import type { Command } from "../protocol/commands.ts";
import { encode } from "../protocol/encode.ts";
import { type Store, StoreUnavailable } from "../store/store.ts";
import type { Directory } from "./directory.ts";
import type { Member } from "./member.ts";
import type { Rooms } from "./rooms.ts";

interface Pending {
  readonly member: Member;
  readonly command: Command<"receipt">;
  settle(outcome: boolean | StoreUnavailable): void;
}

export interface ReceiptsOptions {
  /** Larger rooms are not told who has read what. */
  readonly presenceDetailLimit: number;
}

/** Keeps how far everybody has come in their rooms, and tells the others. */
export class Receipts {
  readonly #store: Store;
  readonly #rooms: Rooms;
  readonly #directory: Directory;
  readonly #options: ReceiptsOptions;
  readonly #arrivals = new Gather<Pending>((batch) => this.#advance(batch));

  constructor(store: Store, rooms: Rooms, directory: Directory, options: ReceiptsOptions) {
    this.#store = store;
    this.#rooms = rooms;
    this.#directory = directory;
    this.#options = options;
  }

  /** Moves a person's cursor forward; one that stands further already stays, and nobody is told. */
  async move(member: Member, command: Command<"receipt">): Promise<Refusal | undefined> {
    const { roomId, seq, status } = command;
    const refusal = await this.#directory.checkMember(member.user, roomId);
    if (refusal !== undefined) return refusal;
    const room = this.#rooms.live(roomId);
    // What another node has appended may not be known here yet.
    const head = room !== undefined && seq <= room.head ? seq : (await this.#store.room(roomId))?.head ?? 0;
    if (seq > head) return new Refusal("bad_request", { message: "seq is beyond the end of the log" });
    const outcome = await new Promise<boolean | StoreUnavailable>((settle) =>
      this.#arrivals.add({ member, command, settle })
    );
    if (outcome instanceof StoreUnavailable) throw outcome;
    if (!outcome || room !== undefined && room.attendance.size > this.#options.presenceDetailLimit) return;
    const { userId } = member.user;
    const line = encode({ type: "receipt", roomId, userId, seq, status });
    this.#rooms.broadcast(roomId, line, { droppable: true, except: member });
  }

  async #advance(batch: Pending[]): Promise<void> {
    const cursors = batch.map(({ member: { user: { userId } }, command: { roomId, seq, status } }) =>
      status === "read" ? { roomId, userId, read: seq } : { roomId, userId, delivered: seq }
    );
    try {
      const moved = await this.#store.advance(cursors);
      batch.forEach(({ settle }, i) => settle(moved[i]));
    } catch (error) {
      const outcome = error instanceof StoreUnavailable ? error : new StoreUnavailable(String(error));
      for (const { settle } of batch) settle(outcome);
    }
  }
}
