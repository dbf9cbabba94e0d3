import type { Attendee } from "./attendance.ts";
import type { Member } from "./member.ts";
import type { Room } from "./room.ts";
import type { Seat } from "./seat.ts";

/** A room, and what a connection has and is there. */
export interface Place {
  readonly room: Room;
  readonly seat: Seat;
  /** The person, whom all their connections share. */
  readonly attendee: Attendee;
}

/** A member that remembers where it has a seat. */
export interface Visitor extends Member {
  /** In milliseconds since the Unix epoch. */
  readonly arrivedAt: number;
  readonly places: Map<string, Place>;
}
