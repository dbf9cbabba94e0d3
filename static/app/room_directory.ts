import { isDirect, type ParleyClient, type Room, type RoomInfo, type Welcome } from "../sdk/mod.ts";
import { Answered } from "./answered.ts";
import type { Invitation } from "./invitation_list.ts";
import type { People } from "./people.ts";
import { RoomMemory } from "./room_memory.ts";

const ROOMS_KEPT_FREE = 8;

/** One room as the list shows it. */
export type RoomEntry = {
  roomId: string;
  roomName: string;
  belongs: boolean;
  unread: number;
  members?: number;
  isProtected: boolean;
  isDirect: boolean;
};

type Known = { roomName: string; unread: number; read: number };

/**
 * The rooms this user belongs to, the ones joined on this connection, and the public ones.
 *
 * Events: `change` (the list differs), `removed` (detail: the room id the user was put out of).
 */
export class RoomDirectory extends EventTarget {
  readonly #client: ParleyClient;
  readonly #people: People;
  readonly #isWatched: (roomId: string) => boolean;
  readonly #known = new Map<string, Known>();
  readonly #joined = new Map<string, RoomMemory>();
  readonly #joining = new Map<string, Promise<RoomMemory>>();
  // A protected room counts every try; one that refused is left alone until the user opens it.
  readonly #refused = new Set<string>();
  readonly #invitations = new Map<string, Invitation>();
  /** Invitations that were heard of already: they are told again on every connection. */
  readonly #heard = new Set<string>();
  #public: RoomInfo[] = [];
  #closed = false;

  /** `isWatched` says whether the end of that room's conversation is before someone's eyes. */
  constructor(client: ParleyClient, people: People, isWatched: (roomId: string) => boolean) {
    super();
    this.#client = client;
    this.#people = people;
    this.#isWatched = isWatched;
  }

  /** Takes over what the server said at the start of a connection. */
  takeWelcome(welcome: Welcome): void {
    this.#invitations.clear();
    this.#known.clear();
    for (const room of welcome.rooms) {
      this.#known.set(room.roomId, { roomName: room.roomName, unread: room.unread, read: room.read });
      // Another device may have read on while this one had no connection.
      const joined = this.#joined.get(room.roomId);
      if (joined?.room.epoch === room.epoch) joined.markRead(room.read);
    }
    this.#changed();
  }

  /** The rooms that may be joined by invitation. */
  get invitations(): readonly Invitation[] {
    return [...this.#invitations.values()].sort((a, b) => a.roomName.localeCompare(b.roomName));
  }

  /** Takes in an invitation; says whether that is news. */
  takeInvitation(invitation: Invitation): boolean {
    const { roomId } = invitation;
    if (this.#joined.has(roomId)) return false;
    const isNews = !this.#heard.has(roomId);
    this.#heard.add(roomId);
    this.#invitations.set(roomId, invitation);
    this.#changed();
    return isNews;
  }

  /** Declines an invitation; rejects with a `ParleyError` if the server did not hear of it. */
  async decline(roomId: string): Promise<void> {
    await this.#client.leave(roomId);
    this.#heard.delete(roomId);
    this.#invitations.delete(roomId);
    this.#changed();
  }

  /** The room, if it is joined. */
  get(roomId: string): RoomMemory | undefined {
    return this.#joined.get(roomId);
  }

  /** What the list of rooms says about one. */
  infoOf(roomId: string): RoomInfo | undefined {
    return this.#public.find((room) => room.roomId === roomId);
  }

  /** Takes in a direct room that somebody has just written in. */
  meet(room: Room): void {
    if (!this.#joined.has(room.roomId)) this.#take(room, Math.max(0, room.seq - room.read));
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
    for (const [roomId] of [...this.#known].sort(([, a], [, b]) => b.unread - a.unread)) {
      if (this.#closed || this.#joined.size + this.#joining.size >= limit) return;
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
        isDirect: false,
      });
    }
    for (const [roomId, known] of this.#known) {
      const base = found.get(roomId) ?? { roomId, isProtected: false };
      const { roomName, unread } = known;
      found.set(roomId, { ...base, roomName, belongs: true, unread, isDirect: isDirect(roomId) });
    }
    for (const [roomId, memory] of this.#joined) {
      const { members, isDirect, seq } = memory.room;
      // Nothing was said yet, and the server knows nothing of it.
      if (isDirect && seq === 0 && memory.room.outgoing.length === 0) continue;
      const roomName = this.#people.titleOf(roomId, memory.room.roomName, this.#me);
      const base = found.get(roomId) ?? { roomId, isProtected: false };
      found.set(roomId, { ...base, roomName, members, belongs: true, unread: memory.unread, isDirect });
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
    return this.#joined.get(roomId) ?? this.#take(room);
  }

  #take(room: Room, unread = 0): RoomMemory {
    const { roomId } = room;
    const start = this.#known.get(roomId) ?? { unread, read: room.read };
    const isWatched = () => this.#isWatched(roomId);
    const memory = new RoomMemory(room, this.#me, start, isWatched, (userId) => this.#people.nameOf(userId));
    const answered = new Answered(this.#client, room, () => memory.dispatchEvent(new Event("change")));
    memory.answered = (id) => answered.get(id);
    room.addEventListener("reset", () => answered.clear());
    memory.addEventListener("change", () => this.#changed());
    memory.addEventListener("left", (event) => {
      this.#forget(roomId);
      const { code } = (event as CustomEvent<{ code: string }>).detail;
      if (code !== "left") this.dispatchEvent(new CustomEvent("removed", { detail: roomId }));
    });
    this.#joined.set(roomId, memory);
    this.#invitations.delete(roomId);
    this.#heard.delete(roomId);
    this.#changed();
    return memory;
  }

  #forget(roomId: string): void {
    this.#joined.get(roomId)?.close();
    this.#joined.delete(roomId);
    this.#known.delete(roomId);
    this.#changed();
  }

  get #me(): string {
    return this.#client.welcome?.userId ?? "";
  }

  #changed(): void {
    this.dispatchEvent(new Event("change"));
  }
}
