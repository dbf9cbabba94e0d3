import type { Message } from "../protocol/messages.ts";
import { encodeInvitation } from "./invitation.ts";
import type { Directory } from "./directory.ts";
import type { Joining } from "./joining.ts";
import type { People } from "./people.ts";
import type { Presence } from "./presence.ts";
import type { Uploads } from "./uploads.ts";
import type { Visitor } from "./visitor.ts";

/** Hears whether the store could say who somebody is. MUST NOT throw. */
export interface ReceptionReport {
  welcomed(): void;
  turnedAway(): void;
}

const UNHEARD: ReceptionReport = { welcomed() {}, turnedAway() {} };

/** Lets people in as they connect, and sees them off as they go. */
export class Reception {
  readonly #people: People;
  readonly #presence: Presence;
  readonly #directory: Directory;
  readonly #joining: Joining;
  readonly #uploads: Uploads;
  readonly #report: ReceptionReport;

  constructor(
    people: People,
    presence: Presence,
    directory: Directory,
    joining: Joining,
    uploads: Uploads,
    report: ReceptionReport = UNHEARD,
  ) {
    this.#people = people;
    this.#presence = presence;
    this.#directory = directory;
    this.#joining = joining;
    this.#uploads = uploads;
    this.#report = report;
  }

  /** A connection speaks for somebody from now on; resolves to the rooms they belong to. */
  async arrive(visitor: Visitor): Promise<Message<"welcome">["rooms"]> {
    this.#people.add(visitor);
    this.#presence.turn(visitor);
    try {
      await this.#directory.see(visitor.user);
      const rooms = await this.#directory.belongings(visitor.user);
      this.#report.welcomed();
      return rooms;
    } catch (error) {
      this.#report.turnedAway();
      throw error;
    }
  }

  /** Tells somebody who has come which rooms they are invited to. */
  async remind(visitor: Visitor): Promise<void> {
    for (const { roomId, roomName } of await this.#directory.invitations(visitor.user)) {
      if (visitor.isOpen) visitor.push(encodeInvitation(roomId, roomName));
    }
  }

  /** The connection is over: its places are lost, and the person may be. */
  depart(visitor: Visitor): void {
    this.#people.delete(visitor);
    this.#uploads.lose(visitor);
    this.#joining.lose(visitor);
    this.#presence.turn(visitor);
    if (this.#people.availability(visitor.user.userId) !== undefined) return;
    this.#directory.see(visitor.user, Date.now()).catch(() => {}); // Then it is not known when that was.
  }
}
