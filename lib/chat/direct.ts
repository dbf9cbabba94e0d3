import { Refusal } from "../protocol/codes.ts";
import type { Command } from "../protocol/commands.ts";
import { encodeChat } from "../protocol/encode.ts";
import type { Store } from "../store/store.ts";
import { directRoom, isOnList, otherOfTwo } from "./access.ts";
import { Cluster } from "./cluster.ts";
import type { SeatsWanted } from "./letters.ts";
import type { User } from "./member.ts";
import type { People } from "./people.ts";
import type { Posting, Settle } from "./posting.ts";
import type { Presence } from "./presence.ts";
import type { Room } from "./room.ts";
import type { Rooms } from "./rooms.ts";
import type { Seat } from "./seat.ts";
import type { Visitor } from "./visitor.ts";

/** What was said while another node made room is no more than this. */
const MISSED = { limit: 500, maxLength: 1 << 20 };

interface Person {
  readonly userId: string;
  readonly username: string;
}

/** Takes a message to one person, on all the devices of both. */
export class Direct {
  readonly #store: Store;
  readonly #rooms: Rooms;
  readonly #people: People;
  readonly #presence: Presence;
  readonly #posting: Posting;
  readonly #cluster: Cluster;

  constructor(
    store: Store,
    rooms: Rooms,
    people: People,
    presence: Presence,
    posting: Posting,
    cluster: Cluster = new Cluster(),
  ) {
    this.#store = store;
    this.#rooms = rooms;
    this.#people = people;
    this.#presence = presence;
    this.#posting = posting;
    this.#cluster = cluster;
    // Where it fails, their devices find the messages when they come back.
    cluster.answer("seats", (wanted) => this.#seatFrom(wanted).catch(() => true));
  }

  /** Posts in the room of the two, which is made if need be; `settle` gets the outcome unless it is refused before. */
  async send(
    user: User,
    command: Command<"dm">,
    settle: (roomId: string) => Settle,
  ): Promise<Refusal | undefined> {
    const other = await this.#find(command.to);
    if (other instanceof Refusal) return other;
    const roomId = directRoom(user.userId, other.userId);
    if (!isOnList(user, roomId)) return new Refusal("forbidden");
    const { lease } = await this.#rooms.create({
      roomId,
      roomName: roomId,
      visibility: "private",
      passwordHash: null,
    });
    using _ = lease;
    await this.#bring([user, other], lease.room);
    const { id, content, replyTo } = command;
    this.#posting.post(user, lease.room, { id, content, replyTo }, settle(roomId));
  }

  /** Brings back to their room whoever of the two has left it, before a file is posted there. */
  async reopen(user: User, room: Room): Promise<void> {
    await this.#bring([user, await this.#person(otherOfTwo(user.userId, room.roomId))], room);
  }

  /** Makes two people members of their room, and has all their devices hear what comes next. */
  async #bring(two: readonly Person[], room: Room): Promise<void> {
    const { roomId } = room;
    for (const { userId, username } of two) {
      await this.#store.putMember(roomId, userId, username);
      for (const visitor of this.#people.of(userId)) this.#seat(visitor, room);
    }
    // Before it is said: devices that say something themselves meanwhile would not be told of it elsewise.
    await this.#cluster.ask("seats", { roomId, userIds: two.map(({ userId }) => userId), after: room.head });
  }

  /** Gives a connection a seat from which it hears what comes next. */
  #seat(visitor: Visitor, room: Room): void {
    if (wantsSeat(visitor, room.roomId)) this.#admit(visitor, room, room.seatNow(visitor));
  }

  /** Gives the devices of both here seats from which they hear what came after a place in the log. */
  async #seatFrom({ roomId, userIds, after }: SeatsWanted): Promise<true> {
    const visitors = userIds.flatMap((userId) => [...this.#people.of(userId)])
      .filter((visitor) => wantsSeat(visitor, roomId));
    if (visitors.length === 0) return true;
    using lease = await this.#rooms.lease(roomId);
    if (lease === undefined) return true;
    const { room } = lease;
    for (const visitor of visitors) {
      const isWanted = () => wantsSeat(visitor, roomId);
      await room.seat(visitor, room.evictions, async () => {
        const { head: seq, messages } = await this.#store.page(roomId, { after, ...MISSED });
        const admit = (seat: Seat) => {
          this.#admit(visitor, room, seat);
          return messages.map(encodeChat);
        };
        return { seq, isWanted, admit };
      });
    }
    return true;
  }

  #admit(visitor: Visitor, room: Room, seat: Seat): void {
    visitor.places.set(room.roomId, { room, seat, attendee: this.#presence.enter(room, visitor, 0) });
  }

  /** A person by id, known or not, or by `@` and a display name that only one person has. */
  async #find(to: string): Promise<Person | Refusal> {
    if (!to.startsWith("@")) return await this.#person(to);
    const found = await this.#store.peopleNamed(to.slice(1), 2);
    if (found.length === 1) return found[0];
    const message = found.length === 0
      ? `Nobody is called ${to}`
      : `Several people are called ${to}: use the user id`;
    return new Refusal("user_not_found", { message });
  }

  async #person(userId: string): Promise<Person> {
    return await this.#store.person(userId) ?? { userId, username: [...userId].slice(0, 64).join("") };
  }
}

function wantsSeat({ places, user }: Visitor, roomId: string): boolean {
  return !places.has(roomId) && isOnList(user, roomId);
}
