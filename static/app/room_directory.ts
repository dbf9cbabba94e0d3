import type { ParleyClient, RoomInfo, Welcome } from "../sdk/mod.ts";
import { RoomMemory } from "./room_memory.ts";

const MAX_BACKGROUND_ROOMS = 20;
const ROOMS_KEPT_FREE = 8;

/** One room as the list shows it. */
export type RoomEntry = {
  roomId: string;
  roomName: string;
  belongs: boolean;
  unread: number;
  members?: number;
  isProtected: boolean;
};

type Known = { roomName: string; unread: number; read: number };

/**
 * The rooms this user belongs to, the ones joined on this connection, and the public ones.
 *
 * Events: `change` (the list differs), `removed` (detail: the room id the user was put out of).
 */
export class RoomDirectory extends EventTarget {
  readonly #client: ParleyClient;
  readonly #isWatched: (roomId: string) => boolean;
  readonly #known = new Map<string, Known>();
  readonly #joined = new Map<string, RoomMemory>();
  readonly #joining = new Map<string, Promise<RoomMemory>>();
  // A protected room counts every try; one that refused is left alone until the user opens it.
  readonly #refused = new Set<string>();
  #public: RoomInfo[] = [];
  #closed = false;

  /** `isWatched` says whether the end of that room's conversation is before someone's eyes. */
  constructor(client: ParleyClient, isWatched: (roomId: string) => boolean) {
    super();
    this.#client = client;
    this.#isWatched = isWatched;
  }

  /** Takes over what the server said at the start of a connection. */
  takeWelcome(welcome: Welcome): void {
    for (const room of welcome.rooms) {
      this.#known.set(room.roomId, { roomName: room.roomName, unread: room.unread, read: room.read });
    }
    this.#changed();
  }

  /** The room, if it is joined. */
  get(roomId: string): RoomMemory | undefined {
    return this.#joined.get(roomId);
  }

  /** Joins a room, once; rejects with the server's `ParleyError`. */
  open(roomId: string, password?: string): Promise<RoomMemory> {
    const joined = this.#joined.get(roomId);
    if (joined) return Promise.resolve(joined);
    const waiting = this.#joining.get(roomId);
    if (waiting && password === undefined) return waiting;
    const joining = this.#join(roomId, password).finally(() => this.#joining.delete(roomId));
    this.#joining.set(roomId, joining);
    return joining;
  }

  /** Joins the other rooms the user belongs to, one after the other, so that their messages arrive live. */
  async joinTheRest(): Promise<void> {
    const limit = (this.#client.welcome?.limits.roomsPerConnection ?? Infinity) - ROOMS_KEPT_FREE;
    for (const roomId of [...this.#known.keys()].slice(0, Math.min(limit, MAX_BACKGROUND_ROOMS))) {
      if (this.#closed) return;
      if (this.#joined.has(roomId) || this.#joining.has(roomId) || this.#refused.has(roomId)) continue;
      await this.open(roomId).catch(() => this.#refused.add(roomId));
    }
  }

  /** Leaves a room for good; rejects with a `ParleyError` if the server did not hear of it. */
  async leave(roomId: string): Promise<void> {
    await this.#client.leave(roomId);
  }

  /** Asks for the public rooms again; keeps the old list when that fails. */
  async refresh(): Promise<void> {
    if (this.#client.state.name !== "open") return;
    try {
      this.#public = await this.#client.rooms();
      this.#changed();
    } catch {
      // The list is a convenience, and the next refresh is near.
    }
  }

  /** The user's own rooms, then the public ones, each sorted by name. */
  entries(): RoomEntry[] {
    const found = new Map<string, RoomEntry>();
    for (const room of this.#public) {
      const { roomId, roomName, members } = room;
      found.set(roomId, {
        roomId,
        roomName,
        members,
        belongs: false,
        unread: 0,
        isProtected: room.protected,
      });
    }
    for (const [roomId, known] of this.#known) {
      const base = found.get(roomId) ?? { roomId, isProtected: false };
      found.set(roomId, { ...base, roomName: known.roomName, belongs: true, unread: known.unread });
    }
    for (const [roomId, memory] of this.#joined) {
      const { roomName, members } = memory.room;
      const base = found.get(roomId) ?? { roomId, isProtected: false };
      found.set(roomId, { ...base, roomName, members, belongs: true, unread: memory.unread });
    }
    const order = new Intl.Collator(undefined, { numeric: true });
    return [...found.values()].sort((a, b) =>
      Number(b.belongs) - Number(a.belongs) || order.compare(a.roomName, b.roomName)
    );
  }

  /** Unread messages in all rooms. */
  get totalUnread(): number {
    return this.entries().reduce((sum, entry) => sum + entry.unread, 0);
  }

  /** Stops listening to all rooms. */
  close(): void {
    this.#closed = true;
    for (const memory of this.#joined.values()) memory.close();
  }

  async #join(roomId: string, password: string | undefined): Promise<RoomMemory> {
    const room = await this.#client.join(roomId, password === undefined ? {} : { password });
    const start = this.#known.get(roomId) ?? { unread: 0, read: 0 };
    const me = this.#client.welcome?.userId ?? "";
    const memory = new RoomMemory(room, me, start, () => this.#isWatched(roomId));
    memory.addEventListener("change", () => this.#changed());
    memory.addEventListener("left", (event) => {
      this.#forget(roomId);
      const { code } = (event as CustomEvent<{ code: string }>).detail;
      if (code !== "left") this.dispatchEvent(new CustomEvent("removed", { detail: roomId }));
    });
    this.#joined.set(roomId, memory);
    this.#changed();
    return memory;
  }

  #forget(roomId: string): void {
    this.#joined.get(roomId)?.close();
    this.#joined.delete(roomId);
    this.#known.delete(roomId);
    this.#changed();
  }

  #changed(): void {
    this.dispatchEvent(new Event("change"));
  }
}
