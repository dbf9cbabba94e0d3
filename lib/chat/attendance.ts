import type { Presentee } from "./letters.ts";
import type { Availability } from "./member.ts";

/** One person in one room. */
export interface Attendee {
  readonly roomId: string;
  readonly userId: string;
  username: string;
  /** How many of their connections to this node have a seat. */
  connections: number;
  /** The same of other nodes, where there are any. */
  elsewhere: Map<string, number> | undefined;
  /** What the room was last told of whether they look at a device; `offline` where it does not hear who joins. */
  told: Availability | "offline";
  /** Whether they were here before the server was started, and are only back. */
  isBack: boolean;
  /** Until when they may not speak, in milliseconds since the Unix epoch; 0 for never. */
  mutedUntil: number;
}

/** Who is in a room: a person is, as long as any of their connections is, to whichever node. */
export class Attendance implements Iterable<Attendee> {
  readonly #roomId: string;
  readonly #people = new Map<string, Attendee>();
  /** People whom no other node has. */
  #ours = 0;

  constructor(roomId: string) {
    this.#roomId = roomId;
  }

  get size(): number {
    return this.#people.size;
  }

  /** Whether there is nobody whom only this node knows of. */
  get isIdle(): boolean {
    return this.#ours === 0;
  }

  [Symbol.iterator](): Iterator<Attendee> {
    return this.#people.values();
  }

  get(userId: string): Attendee | undefined {
    return this.#people.get(userId);
  }

  /** Counts a connection in; returns whether the person was not in the room before. */
  enter(userId: string, username: string, mutedUntil: number): boolean {
    const before = this.#people.get(userId);
    const attendee = before ?? this.#add(userId, username);
    attendee.username = username;
    attendee.mutedUntil = mutedUntil;
    attendee.connections++;
    return before === undefined;
  }

  /** Counts a connection out; returns the person if it was their last. They stay in until {@linkcode leave}. */
  exit(userId: string): Attendee | undefined {
    const attendee = this.#people.get(userId);
    if (attendee === undefined || --attendee.connections > 0 || attendee.elsewhere !== undefined) {
      return undefined;
    }
    return attendee;
  }

  /** Takes another node's word for how many connections a person has there; returns the person, if they are in. */
  hear(node: string, { userId, username, connections }: Presentee): Attendee | undefined {
    const attendee = this.#people.get(userId) ?? (connections > 0 ? this.#add(userId, username) : undefined);
    if (attendee === undefined) return undefined;
    const wasOurs = attendee.elsewhere === undefined;
    if (connections > 0) {
      attendee.username = username;
      attendee.elsewhere ??= new Map();
      attendee.elsewhere.set(node, connections);
    } else if (attendee.elsewhere?.delete(node) && attendee.elsewhere.size === 0) {
      attendee.elsewhere = undefined;
    }
    this.#ours += Number(attendee.elsewhere === undefined) - Number(wasOurs);
    return attendee;
  }

  leave(userId: string): void {
    const attendee = this.#people.get(userId);
    if (attendee === undefined) return;
    this.#people.delete(userId);
    if (attendee.elsewhere === undefined) this.#ours--;
  }

  #add(userId: string, username: string): Attendee {
    const attendee: Attendee = {
      roomId: this.#roomId,
      userId,
      username,
      connections: 0,
      elsewhere: undefined,
      told: "online",
      isBack: false,
      mutedUntil: 0,
    };
    this.#people.set(userId, attendee);
    this.#ours++;
    return attendee;
  }
}

/** How many connections a person has in the room, to all nodes. */
export function countConnections({ connections, elsewhere }: Attendee): number {
  let count = connections;
  if (elsewhere !== undefined) { for (const there of elsewhere.values()) count += there; }
  return count;
}
