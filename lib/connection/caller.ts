import type { Identity } from "../auth/token_verifier.ts";
import type { Availability } from "../chat/member.ts";
import type { Visitor } from "../chat/visitor.ts";
import type { Refusal } from "../protocol/codes.ts";

/** Who gives a command: what its handler may know of the connection, and do with it. */
export interface Caller extends Visitor {
  readonly user: Identity;
  availability: Availability;
  refuse(refusal: Refusal, id?: string, roomId?: string): void;
  /** Puts a fresh token's identity in the place of the old one. */
  renew(identity: Identity): void;
}
