import { isDirectRoom } from "./rooms_of_two.ts";

/**
 * The names of all keys.
 *
 * What one script touches shares a hash tag, so that a cluster keeps it in one place, and nothing that is touched by
 * every message is shared by two rooms.
 */
export class RedisKeys {
  readonly #prefix: string;
  /** Rooms in which there will be something to forget, by when to look. */
  readonly aging: string;
  /** Public rooms, by about when they were active. */
  readonly publicRooms: string;
  /** Rooms in which there may be something that searches have no index of, by when to look. */
  readonly unindexed: string;
  /** The index of searches. */
  readonly index: string;
  /** What the names of its documents begin with. */
  readonly documents: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
    this.aging = `${prefix}aging`;
    this.publicRooms = `${prefix}public`;
    this.unindexed = `${prefix}unindexed`;
    this.index = `${prefix}search`;
    this.documents = `${prefix}document:`;
  }

  /** The list that a room's log is in: the rooms of two people are in one of their own, which nobody looks through. */
  logs(roomId?: string): string {
    return `${this.#prefix}${roomId !== undefined && isDirectRoom(roomId) ? "direct" : "logs"}`;
  }

  /** What searches know of a message: a hash. */
  document(roomId: string, seq: number | ""): string {
    return `${this.documents}{r:${tag(roomId)}}:${seq}`;
  }

  /** What is kept of a room beside what follows: a hash. */
  room(roomId: string): string {
    return this.#ofRoom(roomId, "room");
  }

  /** Its messages: a stream whose ids are a life of the log and their numbers. */
  log(roomId: string): string {
    return this.#ofRoom(roomId, "log");
  }

  /** The ids by which senders know their messages: a hash. */
  sent(roomId: string): string {
    return this.#ofRoom(roomId, "sent");
  }

  /** Everybody's standing: a hash. */
  people(roomId: string): string {
    return this.#ofRoom(roomId, "people");
  }

  /** Members in the order in which they are listed. */
  members(roomId: string): string {
    return this.#ofRoom(roomId, "members");
  }

  /** Who is banned, by name. */
  banned(roomId: string): string {
    return this.#ofRoom(roomId, "banned");
  }

  /** What scripts need that change standings. */
  standings(roomId: string): string[] {
    return [this.room(roomId), this.people(roomId), this.members(roomId), this.banned(roomId)];
  }

  person(userId: string): string {
    return this.#ofPerson(userId, "person");
  }

  /** The rooms a person belongs to, by when they joined; some may be left over. */
  memberships(userId: string): string {
    return this.#ofPerson(userId, "rooms");
  }

  /** The rooms a person is invited to, by when; some may be left over. */
  invitations(userId: string): string {
    return this.#ofPerson(userId, "invitations");
  }

  /** The ids of people who have a name; some may be left over. */
  named(username: string): string {
    return `${this.#prefix}{n:${tag(username)}}:people`;
  }

  #ofRoom(roomId: string, what: string): string {
    return `${this.#prefix}{r:${tag(roomId)}}:${what}`;
  }

  #ofPerson(userId: string, what: string): string {
    return `${this.#prefix}{u:${tag(userId)}}:${what}`;
  }
}

/** A name as part of a hash tag, which ends at the first brace. */
function tag(name: string): string {
  return name.replace(/[%{}]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
}
