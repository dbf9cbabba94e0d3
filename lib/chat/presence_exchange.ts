import { Gather } from "../kit/turn.ts";
import type { Attendee } from "./attendance.ts";
import type { Cluster } from "./cluster.ts";
import type { Presentee } from "./letters.ts";
import type { Room } from "./room.ts";
import type { Rooms } from "./rooms.ts";

/** Takes in what a node says of a person in a room. */
export type Hear = (room: Room, node: string, presentee: Presentee) => void;

interface Change {
  readonly room: Room;
  readonly attendee: Attendee;
  readonly hasLeft: boolean;
}

/** So many rooms are asked about at once. */
const AT_ONCE = 100;
/** Nodes that did not answer are asked again after so long, until they do or are gone. */
const RETRY_MS = 1_000;

/**
 * Keeps the nodes' ideas of who is in which room together: each tells how many connections a person has to it, and
 * forgets what a node said when that node is gone.
 */
export class PresenceExchange implements Disposable {
  readonly #cluster: Cluster;
  readonly #rooms: Rooms;
  readonly #hear: Hear;
  readonly #changes = new Gather<Change>((changes) => this.#announce(changes));
  /** For nodes that are gone, until nobody waits for their people any more. */
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  /** Rooms of which some node has still to say who is in them. */
  readonly #unsure = new Set<Room>();
  #isAsking = false;
  #isGone = false;
  /** The rooms of people who are in them by other nodes. */
  readonly #whereabouts = new Map<string, Set<Room>>();

  constructor(cluster: Cluster, rooms: Rooms, graceMs: number, hear: Hear) {
    this.#cluster = cluster;
    this.#rooms = rooms;
    this.#hear = hear;
    rooms.onOpen = (room) => this.#meet([room]);
    rooms.onClose = (room) => {
      this.#unsure.delete(room);
      for (const attendee of room.attendance) this.#strayFrom(attendee.userId, room);
    };
    cluster.on("presence", ({ people }, node, roomId) => {
      const room = rooms.live(roomId);
      if (room !== undefined) { for (const presentee of people) this.#take(room, node, presentee); }
    });
    cluster.answer(
      "presence",
      (roomIds) => Object.fromEntries(roomIds.map((roomId) => [roomId, [...this.#present(roomId)]])),
    );
    cluster.onGone((node, returnWithinMs) => this.#after(returnWithinMs + graceMs, () => this.#forget(node)));
    cluster.onMissed(() => {
      for (const room of rooms) this.#unsure.add(room);
      void this.#askAgain();
    });
  }

  /** The rooms in memory that a person is in by other nodes. */
  roomsOf(userId: string): Iterable<Room> {
    return this.#whereabouts.get(userId) ?? [];
  }

  /** A person's connections to this node are not what they were: the others are told by the end of the turn. */
  changed(room: Room, attendee: Attendee, hasLeft = false): void {
    if (this.#cluster.isShared) this.#changes.add({ room, attendee, hasLeft });
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#isGone = true;
  }

  /** Asks the other nodes who is in some rooms, and again where not all have said so. */
  async #meet(rooms: readonly Room[]): Promise<void> {
    const answers = await this.#cluster.ask("presence", rooms.map(({ roomId }) => roomId));
    for (const room of rooms) {
      if (this.#rooms.live(room.roomId) !== room) continue;
      for (const [node, people] of answers) this.#replace(room, node, people[room.roomId] ?? []);
      if (answers.size < this.#cluster.size) this.#unsure.add(room);
    }
    if (this.#unsure.size > 0 && !this.#isAsking) this.#after(RETRY_MS, () => void this.#askAgain());
  }

  async #askAgain(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const rooms = [...this.#unsure];
    this.#unsure.clear();
    for (let i = 0; i < rooms.length; i += AT_ONCE) await this.#meet(rooms.slice(i, i + AT_ONCE));
    this.#isAsking = false;
    if (this.#unsure.size > 0) this.#after(RETRY_MS, () => void this.#askAgain());
  }

  /** Puts what a node says of a room in the place of all that was known by it. */
  #replace(room: Room, node: string, people: readonly Presentee[]): void {
    const unmentioned = new Set<Attendee>();
    for (const attendee of room.attendance) if (attendee.elsewhere?.has(node)) unmentioned.add(attendee);
    for (const presentee of people) {
      this.#take(room, node, presentee);
      unmentioned.delete(room.attendance.get(presentee.userId)!);
    }
    for (const { userId, username } of unmentioned) {
      this.#take(room, node, { userId, username, connections: 0 });
    }
  }

  #after(ms: number, work: () => void): void {
    if (this.#isGone) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, ms);
    this.#timers.add(timer);
  }

  #take(room: Room, node: string, presentee: Presentee): void {
    this.#hear(room, node, presentee);
    const { userId } = presentee;
    if (room.attendance.get(userId)?.elsewhere === undefined) return this.#strayFrom(userId, room);
    const rooms = this.#whereabouts.get(userId);
    if (rooms === undefined) this.#whereabouts.set(userId, new Set([room]));
    else rooms.add(room);
  }

  #strayFrom(userId: string, room: Room): void {
    const rooms = this.#whereabouts.get(userId);
    if (rooms?.delete(room) && rooms.size === 0) this.#whereabouts.delete(userId);
  }

  *#present(roomId: string): Generator<Presentee> {
    for (const { userId, username, connections } of this.#rooms.live(roomId)?.attendance ?? []) {
      if (connections > 0) yield { userId, username, connections };
    }
  }

  #announce(changes: Change[]): void {
    for (const [room, ofRoom] of Map.groupBy(changes, ({ room }) => room)) {
      const people = new Map<string, Presentee>();
      for (const { attendee: { userId, username, connections, isBack }, hasLeft } of ofRoom) {
        people.set(userId, {
          userId,
          username,
          connections: Math.max(0, connections),
          hasLeft: hasLeft || undefined,
          isBack: isBack || undefined,
        });
      }
      this.#cluster.tellRoom(room.roomId, "presence", { people: [...people.values()] });
    }
  }

  /** Those who had connections to a node are not back, or are so by another. */
  #forget(node: string): void {
    for (const room of this.#rooms) {
      for (const { userId, username, elsewhere } of [...room.attendance]) {
        if (!elsewhere?.has(node)) continue;
        this.#take(room, node, { userId, username, connections: 0, hasLeft: true });
      }
    }
  }
}
