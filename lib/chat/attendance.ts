import type { Availability } from "./member.ts";

/** One person in one room. */
export interface Attendee {
  readonly roomId: string;
  readonly userId: string;
  username: string;
  /** How many of their connections have a seat; 0 while it is open whether they come back. */
  connections: number;
  /** What the room was last told of whether they look at a device. */
  told: Availability;
  /** Until when they may not speak, in milliseconds since the Unix epoch; 0 for never. */
  mutedUntil: number;
}

/** Who is in a room: a person is, as long as any of their connections is. */
export class Attendance {
  readonly #roomId: string;
  readonly #people = new Map<string, Attendee>();

  constructor(roomId: string) {
    this.#roomId = roomId;
  }

  get size(): number {
    return this.#people.size;
  }

  get(userId: string): Attendee | undefined {
    return this.#people.get(userId);
  }

  /** Counts a connection in; returns whether the person was not in the room before. */
  enter(userId: string, username: string, mutedUntil: number): boolean {
    const attendee = this.#people.get(userId);
    if (attendee === undefined) {
      this.#people.set(userId, {
        roomId: this.#roomId,
        userId,
        username,
        connections: 1,
        told: "online",
        mutedUntil,
      });
      return true;
    }
    attendee.username = username;
    attendee.mutedUntil = mutedUntil;
    attendee.connections++;
    return false;
  }

  /** Counts a connection out; returns the person if it was their last. They stay in until {@linkcode leave}. */
  exit(userId: string): Attendee | undefined {
    const attendee = this.#people.get(userId);
    if (attendee === undefined || --attendee.connections > 0) return undefined;
    return attendee;
  }

  leave(userId: string): void {
    this.#people.delete(userId);
  }
}
