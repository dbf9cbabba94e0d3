import type { ChatMessage } from "../protocol/messages.ts";
import type { Ending } from "../protocol/codes.ts";
import type { UploadKey } from "../files/file_store.ts";
import type { Availability } from "./member.ts";

/** A person in a room, by the connections they have to one node; none for who is gone from there. */
export interface Presentee {
  readonly userId: string;
  readonly username: string;
  readonly connections: number;
  /** Whether they have left by their own word, and so are not waited for. */
  readonly hasLeft?: boolean;
  /** Whether they were there before the server was started, and are only back. */
  readonly isBack?: boolean;
}

/** A person on one node, in all of its rooms. */
export interface Guest {
  readonly userId: string;
  readonly connections: number;
  readonly availability: Availability;
}

/** One connection of a person, and since when it is there, in milliseconds since the Unix epoch. */
export interface Arrival {
  readonly connectionId: string;
  readonly arrivedAt: number;
}

/** What a moderator has done to somebody, and what is said of it. */
export interface Sentence {
  readonly roomId: string;
  readonly userId: string;
  readonly isOut: boolean;
  readonly mutedUntil: number;
  readonly line: string;
}

/** Whose devices want to hear of a room, and from which place in its log on. */
export interface SeatsWanted {
  readonly roomId: string;
  readonly userIds: readonly string[];
  readonly after: number;
}

/** What nodes tell each other of one room, by kind. */
export interface RoomLetters {
  /** These have their place in the log. */
  messages: { readonly messages: readonly ChatMessage[] };
  /** Something that is not in the log, for every member. */
  line: { readonly text: string; readonly droppable: boolean };
  /** The room's record is not what it was. */
  changed: Record<string, never>;
  /** Who is in the room by the sender's connections, or no longer. */
  presence: { readonly people: readonly Presentee[] };
}

/** What nodes tell all others, or one, by kind. */
export interface NodeLetters {
  /** I am here: tell me of yourself. `isFresh` says that there is nothing to tell of me yet. */
  hello: { readonly isFresh: boolean };
  /** I am still here. */
  beat: Record<string, never>;
  /** I am going; most of my people will be back elsewhere by then. */
  bye: { readonly returnWithinMs: number };
  /** Who is connected to the sender; `isWhole` if it is everybody. */
  guests: { readonly guests: readonly Guest[]; readonly isWhole: boolean };
  /** For every device of a person. */
  person: { readonly userId: string; readonly line: string; readonly droppable: boolean };
  /** Somebody goes on with this upload at the sender: who is at it has to let go. */
  uploading: { readonly key: UploadKey };
  question: { readonly number: number; readonly subject: keyof Questions; readonly about: unknown };
  answer: { readonly number: number; readonly answer: unknown };
}

/** What a node may be asked, and what it answers. */
export interface Questions {
  /** Have the devices of these people heard of a room what came after this place in its log, and will they go on? */
  seats: { readonly about: SeatsWanted; readonly answer: true };
  /** Every device of a person has to go: how many of them were yours? */
  end: { readonly about: { readonly userId: string; readonly ending: Ending }; readonly answer: number };
  /** Which connections of a person do you have? */
  arrivals: { readonly about: string; readonly answer: readonly Arrival[] };
  /** Is it in effect with you? */
  moderated: { readonly about: Sentence; readonly answer: true };
  /** Who is in these rooms by your connections? */
  presence: {
    readonly about: readonly string[];
    readonly answer: Readonly<Record<string, readonly Presentee[]>>;
  };
  /** How many people are in these rooms, of which you know? */
  sizes: { readonly about: readonly string[]; readonly answer: Readonly<Record<string, number>> };
}

/** A letter as it travels. */
export interface Letter {
  readonly kind: string;
  /** Who wrote it; the log's own letters have no sender. */
  readonly node?: string;
  /** Of a `hello`. */
  readonly isFresh?: boolean;
}
