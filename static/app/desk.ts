import type { ParleyClient, RoomInfo } from "../sdk/mod.ts";
import type { Announcer } from "./announcer.ts";
import type { People, Person } from "./people.ts";

/** What the parts of the page may ask of the whole. */
export type Desk = {
  client: ParleyClient;
  people: People;
  me: Person;
  announcer: Announcer;
  /** Opens a room, at one of its messages if that is given. */
  open: (roomId: string, seq?: number) => void;
  /** Opens the conversation with one person. */
  talkTo: (person: Person) => void;
  /** Writes to a person whom only the server may know. */
  write: (to: `@${string}`, content: string) => Promise<void>;
  /** Opens the search, in one room if that is given. */
  search: (roomId?: string) => void;
  leave: (roomId: string) => void;
  showRooms: () => void;
  /** What the list of rooms says about a room. */
  infoOf: (roomId: string) => RoomInfo | undefined;
  /** Has the list of rooms read again. */
  refresh: () => void;
  fail: (error: unknown) => void;
};
