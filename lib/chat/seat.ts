import type { Member } from "./member.ts";

/** One connection's place in one room. */
export interface Seat {
  readonly member: Member;
  /** The ordinal of the first line of the room meant for it; `Infinity` once it is given up. */
  from: number;
  /** Where it stands in its room's row. */
  index: number;
}
