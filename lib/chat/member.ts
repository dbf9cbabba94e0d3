import type { Ending } from "../protocol/codes.ts";

/** A person, as their token names them. */
export interface User {
  readonly userId: string;
  readonly username: string;
  /** `admin` administers the server, not just a room. */
  readonly role: "admin" | "user";
  /** The rooms the token is limited to: names, or beginnings ending in `*`. */
  readonly rooms?: readonly string[];
  /** Whether they may read every room but other people's direct ones, member or not: an operator's program. */
  readonly seesAll?: boolean;
}

/** Whether somebody looks at the page, by their own word. */
export type Availability = "online" | "away";

/** What a room knows of a connection. */
export interface Member {
  readonly connectionId: string;
  readonly user: User;
  /** Whether one frame may hold several objects. */
  readonly takesBatches: boolean;
  readonly isOpen: boolean;
  readonly availability: Availability;
  /** Sends one frame at once; a droppable one is skipped for a reader that is behind. */
  send(frame: string, droppable: boolean): void;
  /** Sends one object with the next frame, by the end of the turn at the latest. */
  push(line: string): void;
  /** The room has taken the seat back. */
  evicted(roomId: string): void;
  /** Ends the connection. */
  end(ending: Ending): void;
}
