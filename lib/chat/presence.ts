import { Alarm } from "../kit/alarm.ts";
import { encode } from "../protocol/encode.ts";
import type { Attendee } from "./attendance.ts";
import type { Member, User } from "./member.ts";
import type { Observer } from "./observer.ts";
import type { Room } from "./room.ts";
import type { Rooms } from "./rooms.ts";

export interface PresenceOptions {
  /** How long somebody whose last connection is lost may stay away before it is told; 0 tells at once. */
  readonly presenceGraceMs: number;
  /** Rooms with more people tell their number now and then, not each coming and going. */
  readonly presenceDetailLimit: number;
}

/** A large room tells its number of people at most this often. */
const SUMMARY_MS = 1_000;

/** Tells a room who comes and goes, once per person, however many connections they have. */
export class Presence implements Disposable {
  readonly #rooms: Rooms;
  readonly #options: PresenceOptions;
  readonly #observer: Observer | undefined;
  readonly #absent: Alarm<Attendee>;
  readonly #summaries: Alarm<Room>;

  constructor(rooms: Rooms, options: PresenceOptions, observer?: Observer) {
    this.#rooms = rooms;
    this.#options = options;
    this.#observer = observer;
    this.#absent = new Alarm(options.presenceGraceMs, (attendee) => {
      const room = rooms.live(attendee.roomId);
      if (room !== undefined) this.#leave(room, attendee);
    });
    this.#summaries = new Alarm(SUMMARY_MS, (room) => {
      const [roomId, members] = [room.roomId, room.attendance.size];
      room.tell(encode({ type: "system", roomId, event: "members", members, timestamp: Date.now() }));
    });
  }

  /** A connection has taken its seat. */
  enter(room: Room, member: Member): void {
    const { userId, username } = member.user;
    const isNew = room.attendance.enter(userId, username);
    this.#absent.clear(room.attendance.get(userId)!);
    if (!isNew) return;
    this.#tell(room, "join", member.user, `${username} joined the room`, member);
    this.#observer?.joined(room.roomId, member.user);
  }

  /** A connection is gone, perhaps not for long. */
  lose(room: Room, user: User): void {
    const attendee = room.attendance.exit(user.userId);
    if (attendee === undefined) return;
    if (this.#options.presenceGraceMs > 0) this.#absent.set(attendee);
    else this.#leave(room, attendee);
  }

  /** A connection has left the room for good; returns whether the person is out of it. */
  leave(room: Room, user: User): boolean {
    const attendee = room.attendance.exit(user.userId);
    if (attendee === undefined) return false;
    this.#leave(room, attendee);
    return true;
  }

  [Symbol.dispose](): void {
    this.#absent[Symbol.dispose]();
    this.#summaries[Symbol.dispose]();
  }

  #leave(room: Room, attendee: Attendee): void {
    this.#absent.clear(attendee);
    room.attendance.leave(attendee.userId);
    this.#tell(room, "leave", attendee, `${attendee.username} left the room`);
    this.#observer?.left(room.roomId, attendee);
    this.#rooms.release(room);
  }

  #tell(
    room: Room,
    event: "join" | "leave",
    person: { readonly userId: string; readonly username: string },
    message: string,
    except?: Member,
  ): void {
    if (room.connections === 0) return;
    const { roomId, attendance: { size: members } } = room;
    if (members > this.#options.presenceDetailLimit) return this.#summaries.set(room);
    const { userId, username } = person;
    const timestamp = Date.now();
    room.tell(encode({ type: "system", roomId, event, userId, username, message, members, timestamp }), {
      except,
    });
  }
}
