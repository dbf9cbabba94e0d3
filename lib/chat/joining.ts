import { Refusal } from "../protocol/codes.ts";
import type { Command } from "../protocol/commands.ts";
import { encode, encodeHistory } from "../protocol/encode.ts";
import type { Limits } from "../store/limits.ts";
import type { Store } from "../store/store.ts";
import type { Membership, Standing } from "../store/standing.ts";
import type { Passwords } from "../auth/passwords.ts";
import { checkReach, isDirect, isOnList, isVisible } from "./access.ts";
import { Admission, checkUntil } from "./admission.ts";
import { countConnections } from "./attendance.ts";
import type { History } from "./history.ts";
import type { User } from "./member.ts";
import type { Presence } from "./presence.ts";
import type { Answer, Room } from "./room.ts";
import type { Lease, Rooms } from "./rooms.ts";
import type { Seat } from "./seat.ts";
import type { Place, Visitor } from "./visitor.ts";

export interface JoiningOptions {
  /** Who may make a room by joining it. */
  readonly roomCreation: "anyone" | "admin";
}

/** Brings members into rooms and out of them. */
export class Joining {
  readonly #store: Store;
  readonly #rooms: Rooms;
  readonly #history: History;
  readonly #presence: Presence;
  readonly #passwords: Passwords;
  readonly #admission: Admission;
  readonly #options: JoiningOptions;

  constructor(
    store: Store,
    rooms: Rooms,
    history: History,
    presence: Presence,
    passwords: Passwords,
    options: JoiningOptions,
    limits?: Limits,
  ) {
    this.#store = store;
    this.#rooms = rooms;
    this.#history = history;
    this.#presence = presence;
    this.#passwords = passwords;
    this.#admission = new Admission(passwords, limits);
    this.#options = options;
  }

  /**
   * Seats a visitor, telling it first what it asked to have recovered.
   *
   * One that has a seat there already takes a new one without anybody noticing, or, if that fails, has lost it.
   */
  async join(visitor: Visitor, command: Command<"join">): Promise<Refusal | undefined> {
    const lease = await this.#open(visitor.user, command);
    if (lease instanceof Refusal) return lease;
    using _ = lease;
    const { room } = lease;
    const { evictions } = room;
    const { userId, username } = visitor.user;
    const standing = await this.#store.standing(room.roomId, userId);
    const record = await this.#rooms.refresh(room);
    const refusal = await this.#admission.check(visitor.user, record, standing, command.password);
    if (refusal !== undefined) return refusal;
    const membership = await this.#store.putMember(room.roomId, userId, username);
    const banned = checkUntil(membership.bannedUntil);
    if (banned !== undefined) {
      await this.#store.removeMember(room.roomId, userId); // The ban came between the two.
      return banned;
    }
    const hadSeat = giveUp(visitor, room);
    try {
      await room.seat(visitor, evictions, () => this.#answer(visitor, command, room, membership, standing));
    } finally {
      // Counted in again by now, or gone.
      if (hadSeat) this.#presence.lose(room, visitor.user);
    }
  }

  /** Gives a place up and ends the membership, unless the person is in the room by another connection. */
  async leave(visitor: Visitor, roomId: string): Promise<Refusal | undefined> {
    const { user, places } = visitor;
    const place = places.get(roomId);
    if (place === undefined) return this.#resign(user, roomId);
    places.delete(roomId);
    place.room.unseat(place.seat);
    if (this.#presence.leave(place.room, user)) await this.#store.removeMember(roomId, user.userId);
    this.#rooms.release(place.room);
  }

  /** Takes back the places of a connection that is gone. */
  lose(visitor: Visitor): void {
    for (const place of [...visitor.places.values()]) this.#losePlace(visitor, place);
  }

  /** Takes back the places in rooms that are not on the list of a connection's token any more, and tells it. */
  recall(visitor: Visitor): void {
    for (const [roomId, place] of [...visitor.places]) {
      if (isOnList(visitor.user, roomId)) continue;
      this.#losePlace(visitor, place);
      visitor.push(encode({ type: "left", roomId }));
    }
  }

  #losePlace({ user, places }: Visitor, { room, seat }: Place): void {
    places.delete(room.roomId);
    room.unseat(seat);
    this.#presence.lose(room, user);
    this.#rooms.release(room);
  }

  async #answer(
    visitor: Visitor,
    command: Command<"join">,
    room: Room,
    membership: Membership,
    before: Standing | undefined,
  ): Promise<Answer> {
    const { roomId, record: { roomName } } = room;
    const { role, read, mutedUntil } = membership;
    const { epoch, seq, history, ...page } = await this.#history.recover(
      roomId,
      command.after,
      command.epoch,
    );
    const wasMember = before !== undefined && before.role !== null;
    const isResumed = command.after !== undefined && wasMember;
    const admit = (seat: Seat) => {
      const hadSeat = giveUp(visitor, room); // A direct message has found it one meanwhile.
      const attendee = this.#presence.enter(room, visitor, mutedUntil, isResumed);
      visitor.places.set(roomId, { room, seat, attendee });
      if (hadSeat) this.#presence.lose(room, visitor.user);
      const members = room.attendance.size;
      return [
        encodeHistory({ roomId, epoch, seq, ...page }, history),
        encode({ type: "joined", id: command.id, roomId, roomName, members, epoch, seq, role, read }),
      ];
    };
    return { seq, admit };
  }

  /** Ends the membership of somebody who has no seat on this connection, nor on another. */
  async #resign(user: User, roomId: string): Promise<Refusal | undefined> {
    const refusal = checkReach(user, roomId);
    if (refusal !== undefined) return refusal;
    const record = await this.#store.room(roomId);
    const standing = await this.#store.standing(roomId, user.userId);
    if (record === undefined || !isVisible(user, record, standing)) return new Refusal("room_not_found");
    using lease = await this.#rooms.lease(roomId);
    const attendee = lease?.room.attendance.get(user.userId);
    if (attendee !== undefined && countConnections(attendee) > 0) return;
    if (lease !== undefined) this.#presence.leave(lease.room, user); // They might have come back.
    await this.#store.removeMember(roomId, user.userId);
  }

  async #open(user: User, command: Command<"join">): Promise<Lease | Refusal> {
    const { roomId } = command;
    const refusal = checkReach(user, roomId);
    if (refusal !== undefined) return refusal;
    const lease = await this.#rooms.lease(roomId);
    if (lease !== undefined) return lease;
    const mayCreate = this.#options.roomCreation === "anyone" || user.role === "admin";
    if (!mayCreate || isDirect(roomId)) return new Refusal("room_not_found");
    const { userId, username } = user;
    const { password } = command;
    // Who names a password for a room that is not there yet means it to be kept.
    const passwordHash = password === undefined ? null : await this.#passwords.hash(password);
    const owner = { userId, username };
    const roomName = command.roomName || roomId;
    const room = { roomId, roomName, visibility: "public" as const, passwordHash, owner };
    return (await this.#rooms.create(room)).lease;
  }
}

/** Takes a visitor's seat in a room back, if it has one; it is still counted in. */
function giveUp({ places }: Visitor, room: Room): boolean {
  const place = places.get(room.roomId);
  if (place === undefined) return false;
  places.delete(room.roomId);
  room.unseat(place.seat);
  return true;
}
