import type { ChatMessage } from "../protocol/messages.ts";
import type { Cursor, Membership, Standing, StandingChange } from "./standing.ts";

/** A message that has no place in the log yet. */
export type Draft = Omit<ChatMessage, "type" | "seq"> & {
  /** Whether the id was made here and cannot come again; such a draft needs no look-up. Never kept. */
  readonly unique?: boolean;
};

/** Where a draft went. For a duplicate, the place and time of the first one. */
export interface Appended {
  readonly seq: number;
  readonly timestamp: number;
  readonly duplicate: boolean;
}

/** Which part of a log to read: newest first from the end or below `before`, oldest first above `after`. */
export interface Range {
  /** Only messages with a higher `seq`; the page then starts there and runs forward. */
  readonly after?: number;
  /** Only messages with a lower `seq`. */
  readonly before?: number;
  /** At most this many messages. */
  readonly limit: number;
  /** The contents together stay within this many UTF-16 units; one message longer than that still makes a page. */
  readonly maxLength: number;
}

/** A consistent piece of one room's log, always in ascending `seq`. */
export interface Page {
  readonly epoch: string;
  /** The last `seq` given out, 0 for an empty log. */
  readonly head: number;
  /** The oldest `seq` still kept; `head + 1` when nothing is. */
  readonly first: number;
  /** Shared with the store: they MUST NOT be changed. */
  readonly messages: ChatMessage[];
  /** Whether the range holds messages beyond this page, in the direction it runs. */
  readonly more: boolean;
}

export type Visibility = "public" | "private";

/** What is kept of a room beside its log. */
export interface RoomRecord {
  readonly roomId: string;
  readonly roomName: string;
  readonly visibility: Visibility;
  /** A salted slow hash, or `null` for a room without a password. */
  readonly passwordHash: string | null;
  /** Names one life of the room's log. */
  readonly epoch: string;
  readonly head: number;
}

/** A room that is to be. */
export interface NewRoom {
  readonly roomId: string;
  readonly roomName: string;
  readonly visibility: Visibility;
  readonly passwordHash: string | null;
  /** Becomes the owner; a room made for an API call has none. */
  readonly owner?: { readonly userId: string; readonly username: string };
}

/** What may change about a room. */
export type RoomChange = Partial<Pick<RoomRecord, "roomName" | "visibility" | "passwordHash">>;

/** Somebody who has signed in once. */
export interface Person {
  readonly userId: string;
  readonly username: string;
  /** When their last connection ended, in milliseconds since the Unix epoch; 0 for never. */
  readonly lastSeen: number;
}

/** What to look for in the logs. */
export interface SearchQuery {
  /** Whose memberships bound the search; `undefined` for every room but direct ones. */
  readonly userId: string | undefined;
  readonly roomId?: string;
  /** Every one of them must stand in the content, whatever the case of its letters. */
  readonly words: readonly string[];
  /** Only messages of who has this id or display name. */
  readonly from?: string;
  /** Only messages older than this, in milliseconds since the Unix epoch. */
  readonly before?: number;
  /** Only messages of this time or newer. */
  readonly since?: number;
  readonly limit: number;
}

/**
 * What is kept: logs, rooms, memberships.
 *
 * Every method is atomic, and rejects with {@linkcode StoreUnavailable} when nothing was stored or read and the same
 * call may succeed later. What a resolved promise reports MUST survive the end of the process in a durable store.
 */
export interface Store extends AsyncDisposable {
  /** For people: `memory`, `sqlite`… */
  readonly kind: string;

  /**
   * Appends drafts in order, each at the next `seq` of its room; those of one room all together or not at all, as far
   * as one transaction of the store can hold them.
   *
   * (`userId`, `roomId`, `id`) MUST be appended once only, also within one batch, for as long as the message is kept
   * and for at least 10 minutes after its `timestamp`. A room without a record gets a log all the same.
   */
  append(drafts: readonly Draft[]): Promise<Appended[]>;
  /** Reads a piece of a room's log; an unknown room has an empty one with epoch `""`. */
  page(roomId: string, range: Range): Promise<Page>;

  room(roomId: string): Promise<RoomRecord | undefined>;
  /** Makes a room and its owner's membership; an existing room stays as it is and `created` is false. */
  createRoom(room: NewRoom): Promise<{ readonly room: RoomRecord; readonly created: boolean }>;
  /**
   * Rooms a person may see: public ones and those they belong to, newest activity first; for `undefined` every room but
   * direct ones.
   */
  rooms(userId: string | undefined, limit: number): Promise<RoomRecord[]>;

  /** Changes a room; `undefined` if there is none. */
  updateRoom(roomId: string, change: RoomChange): Promise<RoomRecord | undefined>;

  standing(roomId: string, userId: string): Promise<Standing | undefined>;
  /**
   * Makes a person a `member`, read up to the head and no longer invited, or renames an existing member, keeping role
   * and cursors. MUST NOT write when nothing would change.
   */
  putMember(roomId: string, userId: string, username: string): Promise<Membership>;
  /** Takes a person's role and invitation; bans and mutes stay. */
  removeMember(roomId: string, userId: string): Promise<void>;
  /** Changes a standing, making one (under the person's known name, else their id) where there is none. */
  changeStanding(roomId: string, userId: string, change: StandingChange): Promise<Standing>;
  /** Moves cursors forward, never back and never beyond the head; reading delivers. Returns which of them moved. */
  advance(cursors: readonly Cursor[]): Promise<boolean[]>;
  /** The members of a room: owner, admins, members, each by name, with when they were last here. */
  members(roomId: string, limit: number): Promise<(Membership & { readonly lastSeen: number })[]>;
  /** Those who are banned from a room at the time `now`, by name. */
  banned(roomId: string, now: number, limit: number): Promise<Standing[]>;
  /** The rooms a person is invited to and does not belong to, by id. */
  invitations(userId: string, limit: number): Promise<RoomRecord[]>;
  /** The rooms a person belongs to, most recently joined first. */
  memberships(userId: string, limit: number): Promise<{ room: RoomRecord; membership: Membership }[]>;

  /** Remembers a person's name and when they were last here. MUST NOT write when nothing would change. */
  putPerson(person: Person): Promise<void>;
  person(userId: string): Promise<Person | undefined>;
  /** At most `limit` people of a display name. */
  peopleNamed(username: string, limit: number): Promise<Person[]>;

  /**
   * The messages that match, newest first by time and then `seq`, and whether there are more.
   *
   * Finds what was appended before the call. A search that would have to look at too many messages is broken off, and
   * `more` is then true.
   */
  search(query: SearchQuery): Promise<{ messages: ChatMessage[]; more: boolean }>;

  /**
   * Takes one small step of forgetting what retention no longer wants; resolves to whether more is left to do.
   * Reads MUST honour retention at once, whether or not its rows are gone yet.
   */
  retain(): Promise<boolean>;
}

/** What a store may forget. */
export interface Retention {
  /** The last messages that are kept of each room. */
  readonly historyLimit: number;
  /** The age from which messages may go, in milliseconds. */
  readonly historyMaxAgeMs: number;
}

/** The store cannot be reached or written: nothing happened, the same call may succeed later. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
}
