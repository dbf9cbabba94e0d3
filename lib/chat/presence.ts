import { Alarm } from "../kit/alarm.ts";
import { Gather } from "../kit/turn.ts";
import { encode } from "../protocol/encode.ts";
import { isDirect } from "./access.ts";
import type { Attendee } from "./attendance.ts";
import { Cluster } from "./cluster.ts";
import { FirstMinute } from "./first_minute.ts";
import type { Presentee } from "./letters.ts";
import { Lingering } from "./lingering.ts";
import type { Member, User } from "./member.ts";
import type { Observer } from "./observer.ts";
import type { People } from "./people.ts";
import { PresenceExchange } from "./presence_exchange.ts";
import type { Room } from "./room.ts";
import type { Rooms } from "./rooms.ts";
import type { Visitor } from "./visitor.ts";

export interface PresenceOptions {
  /** How long somebody whose last connection is lost may stay away before it is told; 0 tells at once. */
  readonly presenceGraceMs: number;
  /** Rooms with more people tell their number now and then, not each coming and going. */
  readonly presenceDetailLimit: number;
}

/** Somebody who is out of a room because none of their connections is left. */
interface Departure {
  readonly room: Room;
  readonly attendee: Attendee;
  /** In milliseconds since the Unix epoch. */
  readonly lastSeen: number;
}

/** A large room tells its number of people at most this often. */
const SUMMARY_MS = 1_000;

/** Tells a room who comes and goes, once per person, however many connections they have, and to whichever node. */
export class Presence implements Disposable {
  readonly #rooms: Rooms;
  readonly #people: People;
  readonly #options: PresenceOptions;
  readonly #observer: Observer | undefined;
  readonly #exchange: PresenceExchange;
  readonly #absent: Alarm<Attendee>;
  readonly #lingering: Lingering;
  readonly #summaries: Alarm<Room>;
  readonly #firstMinute = new FirstMinute();
  readonly #departures = new Gather<Departure>((batch) => this.#tellGone(batch));

  constructor(
    rooms: Rooms,
    people: People,
    options: PresenceOptions,
    observer?: Observer,
    cluster: Cluster = new Cluster(),
  ) {
    this.#rooms = rooms;
    this.#people = people;
    this.#options = options;
    this.#observer = observer;
    const hear = (room: Room, node: string, presentee: Presentee) => this.#hear(room, node, presentee);
    this.#exchange = new PresenceExchange(cluster, rooms, options.presenceGraceMs, hear);
    people.onChange = (userId) => this.#tellEverywhere(userId);
    this.#absent = new Alarm(options.presenceGraceMs, (attendee) => {
      const room = rooms.live(attendee.roomId);
      if (room !== undefined) this.#lost(room, attendee, options.presenceGraceMs);
    });
    this.#lingering = new Lingering(options.presenceGraceMs, (userId) => {
      if (people.availability(userId) === undefined) this.#forget(userId, options.presenceGraceMs);
    });
    this.#summaries = new Alarm(SUMMARY_MS, (room) => {
      const [roomId, members] = [room.roomId, room.attendance.size];
      room.tell(encode({ type: "system", roomId, event: "members", members, timestamp: Date.now() }));
    });
  }

  /**
   * A connection has taken its seat; returns the person as they are in the room.
   *
   * @param isResumed Whether they were there before, by their own word and the store's
   */
  enter(room: Room, member: Member, mutedUntil: number, isResumed = false): Attendee {
    const { userId, username } = member.user;
    const isNew = room.attendance.enter(userId, username, mutedUntil);
    const attendee = room.attendance.get(userId)!;
    this.#exchange.changed(room, attendee);
    this.#absent.clear(attendee);
    if (isNew) {
      this.#lingering.delete(userId, room.roomId);
      this.#meet(room, attendee);
      attendee.isBack = this.#firstMinute.note(room.roomId, userId) && isResumed;
      this.#tellComing(room, attendee, member);
      this.#observer?.joined(room.roomId, member.user);
    }
    this.#tellAvailability([room], userId, member);
    return attendee;
  }

  /** A connection is gone, perhaps not for long. */
  lose(room: Room, user: User): void {
    const attendee = this.#exit(room, user, false);
    if (attendee !== undefined) this.#miss(room, attendee);
  }

  /** A connection has left the room for good; returns whether the person is out of it. */
  leave(room: Room, user: User): boolean {
    this.#lingering.delete(user.userId, room.roomId);
    const attendee = this.#exit(room, user, true);
    if (attendee === undefined) return false;
    this.#leave(room, attendee);
    return true;
  }

  /** Takes a person out without a word; who does so has told why. */
  remove(room: Room, userId: string): void {
    this.#lingering.delete(userId, room.roomId);
    const attendee = room.attendance.get(userId);
    if (attendee === undefined) return;
    attendee.connections = 0;
    this.#exchange.changed(room, attendee);
    this.#absent.clear(attendee);
    room.attendance.leave(userId);
    this.#observer?.left(room.roomId, attendee);
    this.#rooms.release(room);
  }

  /** Tells everybody who shares a room with a person that they have turned to a device, or away from all, or are gone. */
  turn(visitor: Visitor): void {
    const { userId } = visitor.user;
    this.#people.changed(userId);
    this.#tellEverywhere(userId, visitor);
  }

  [Symbol.dispose](): void {
    this.#exchange[Symbol.dispose]();
    this.#absent[Symbol.dispose]();
    this.#lingering[Symbol.dispose]();
    this.#summaries[Symbol.dispose]();
  }

  /** Another node says how many connections a person has to it. */
  #hear(room: Room, node: string, presentee: Presentee): void {
    const { userId } = presentee;
    const isNew = room.attendance.get(userId) === undefined;
    const attendee = room.attendance.hear(node, presentee);
    if (attendee === undefined) return;
    if (presentee.connections > 0) {
      this.#absent.clear(attendee);
      if (isNew) {
        this.#lingering.delete(userId, room.roomId);
        this.#meet(room, attendee);
        attendee.isBack = this.#firstMinute.note(room.roomId, userId) && presentee.isBack === true;
        this.#tellComing(room, attendee);
      }
      this.#tellAvailability([room], userId);
    } else if (attendee.connections === 0 && attendee.elsewhere === undefined) {
      if (presentee.hasLeft) this.#leave(room, attendee);
      else this.#miss(room, attendee);
    }
  }

  /** Tells a room that somebody is there, or, where the server and not they had gone, only that they are online again. */
  #tellComing(room: Room, attendee: Attendee, except?: Member): void {
    if (!attendee.isBack) {
      return this.#tell(room, "join", attendee, `${attendee.username} joined the room`, except);
    }
    if (isDirect(room.roomId) || room.attendance.size === 1) return;
    attendee.told = "offline";
    this.#summaries.set(room);
  }

  /** A room of two is told of no join, so it hears that somebody is back; before its first message, neither was there. */
  #meet(room: Room, attendee: Attendee): void {
    if (isDirect(room.roomId) && room.head > 0) attendee.told = "offline";
  }

  /** Counts a connection out; returns the person if they have none left anywhere. */
  #exit(room: Room, { userId }: User, hasLeft: boolean): Attendee | undefined {
    const attendee = room.attendance.get(userId);
    const isOut = room.attendance.exit(userId) !== undefined;
    if (attendee !== undefined) this.#exchange.changed(room, attendee, hasLeft);
    return isOut ? attendee : undefined;
  }

  /** Nobody knows yet whether a person will be back. */
  #miss(room: Room, attendee: Attendee): void {
    if (this.#options.presenceGraceMs > 0) this.#absent.set(attendee);
    else this.#lost(room, attendee, 0);
  }

  /** A person is not back in time; they still belong to the room, and may be elsewhere. */
  #lost(room: Room, attendee: Attendee, absentMs: number): void {
    if (this.#people.availability(attendee.userId) !== undefined) this.#lingering.add(attendee);
    this.#leave(room, attendee, absentMs);
  }

  #leave(room: Room, attendee: Attendee, absentMs = 0): void {
    const { userId, username } = attendee;
    this.#absent.clear(attendee);
    room.attendance.leave(userId);
    this.#tell(room, "leave", attendee, `${username} left the room`);
    this.#observer?.left(room.roomId, attendee);
    if (this.#people.availability(userId) === undefined) {
      this.#departures.add({ room, attendee, lastSeen: Date.now() - absentMs });
      this.#forget(userId, absentMs);
    }
    this.#rooms.release(room);
  }

  /** Somebody has no device any more, which the rooms are to hear that saw them go before. */
  #forget(userId: string, absentMs: number): void {
    for (const attendee of this.#lingering.take(userId)) {
      const room = this.#rooms.live(attendee.roomId);
      if (room !== undefined) this.#departures.add({ room, attendee, lastSeen: Date.now() - absentMs });
    }
  }

  /** The rooms in memory here that a person is in, or was in before their last device. */
  #roomsOf(userId: string): Set<Room> {
    const rooms = new Set(this.#exchange.roomsOf(userId));
    for (const { places } of this.#people.of(userId)) for (const { room } of places.values()) rooms.add(room);
    for (const { roomId } of this.#lingering.of(userId)) {
      const room = this.#rooms.live(roomId);
      if (room !== undefined) rooms.add(room);
    }
    return rooms;
  }

  #tellEverywhere(userId: string, except?: Member): void {
    if (this.#people.availability(userId) === undefined) return this.#lingering.miss(userId);
    this.#tellAvailability(this.#roomsOf(userId), userId, except);
  }

  /** Tells those rooms that know it otherwise whether a person looks at any device. */
  #tellAvailability(rooms: Iterable<Room>, userId: string, except?: Member): void {
    const status = this.#people.availability(userId);
    if (status === undefined) return;
    this.#lingering.find(userId);
    const unaware: Room[] = [];
    let username = userId;
    for (const room of rooms) {
      const attendee = room.attendance.get(userId) ?? this.#lingering.get(userId, room.roomId);
      if (attendee === undefined || attendee.told === status) continue;
      attendee.told = status;
      username = attendee.username;
      unaware.push(room);
    }
    if (unaware.length > 0) {
      this.#tellOnce(unaware, encode({ type: "presence", userId, username, status }), except);
    }
  }

  #tellGone(batch: Departure[]): void {
    for (const [userId, departures] of Map.groupBy(batch, ({ attendee }) => attendee.userId)) {
      if (this.#people.availability(userId) !== undefined) continue;
      const { attendee: { username }, lastSeen } = departures[0];
      const line = encode({ type: "presence", userId, username, status: "offline", lastSeen });
      this.#tellOnce(departures.map(({ room }) => room), line);
    }
  }

  /** Tells people who are in several of the rooms no more than once. */
  #tellOnce(rooms: Iterable<Room>, line: string, except?: Member): void {
    const told = new Set([except]);
    for (const room of rooms) {
      if (this.#isLarge(room)) continue;
      for (const member of room.members()) {
        if (told.has(member)) continue;
        told.add(member);
        member.send(line, true);
      }
    }
  }

  #tell(
    room: Room,
    event: "join" | "leave",
    person: { readonly userId: string; readonly username: string },
    message: string,
    except?: Member,
  ): void {
    const { roomId, attendance: { size: members } } = room;
    if (room.connections === 0 || isDirect(roomId)) return;
    if (this.#isLarge(room)) return this.#summaries.set(room);
    const { userId, username } = person;
    const timestamp = Date.now();
    room.tell(encode({ type: "system", roomId, event, userId, username, message, members, timestamp }), {
      except,
    });
  }

  #isLarge(room: Room): boolean {
    return room.attendance.size > this.#options.presenceDetailLimit;
  }
}
