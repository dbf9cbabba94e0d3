import type { DatabaseSync } from "node:sqlite";
import { type Call, isRead, type Outcome } from "./sqlite_calls.ts";
import { SqliteConnection } from "./sqlite_connection.ts";
import { isPassing, toOutcome } from "./sqlite_error.ts";
import { SqliteLog } from "./sqlite_log.ts";
import { SqlitePeople } from "./sqlite_people.ts";
import { SqliteRooms } from "./sqlite_rooms.ts";
import { SqliteStandings } from "./sqlite_standings.ts";
import type { Retention } from "./store.ts";

/** Carries out calls on a database, many at a time: all writes in one transaction, then the reads. */
export class SqliteDatabase implements Disposable {
  readonly #connection: SqliteConnection;
  readonly #log: SqliteLog;
  readonly #people: SqlitePeople;
  readonly #standings: SqliteStandings;
  readonly #rooms: SqliteRooms;

  constructor(database: DatabaseSync, retention: Retention) {
    this.#connection = new SqliteConnection(database);
    this.#log = new SqliteLog(this.#connection, retention);
    this.#people = new SqlitePeople(this.#connection);
    this.#standings = new SqliteStandings(this.#connection, this.#log, this.#people);
    this.#rooms = new SqliteRooms(this.#connection, this.#log, this.#standings);
  }

  /** Tells how each call ended, once all that succeeded is durable. */
  execute(calls: readonly Call[], now: number): Outcome[] {
    const outcomes = new Array<Outcome>(calls.length);
    const reads: number[] = [];
    const writes: number[] = [];
    calls.forEach(({ method }, index) => (isRead(method) ? reads : writes).push(index));
    if (writes.length > 0) this.#write(calls, writes, outcomes, now);
    if (reads.length > 0) this.#read(calls, reads, outcomes, now);
    return outcomes;
  }

  [Symbol.dispose](): void {
    this.#connection[Symbol.dispose]();
  }

  #write(calls: readonly Call[], writes: readonly number[], outcomes: Outcome[], now: number): void {
    let settled = 0;
    try {
      for (const index of writes) {
        outcomes[index] = { value: this.#perform(calls[index], now) };
        // What found nothing to write before the transaction began does not depend on it.
        if (!this.#connection.isWriting) settled++;
      }
      this.#commit();
    } catch (error) {
      this.#connection.rollback();
      const rest = writes.slice(settled);
      if (isPassing(error)) this.#giveUp(rest, outcomes, error);
      else this.#writeCarefully(calls, rest, outcomes, now);
    }
  }

  /** As above, but a call that fails does not take the others with it; costs two more statements each. */
  #writeCarefully(calls: readonly Call[], writes: readonly number[], outcomes: Outcome[], now: number): void {
    try {
      for (const index of writes) outcomes[index] = this.#attempt(calls[index], now);
      this.#commit();
    } catch (error) {
      this.#connection.rollback();
      this.#giveUp(writes, outcomes, error);
    }
  }

  #attempt(call: Call, now: number): Outcome {
    try {
      return this.#connection.attempt(() => {
        const value = this.#perform(call, now);
        this.#log.flush();
        return { value };
      });
    } catch (error) {
      if (isPassing(error)) throw error;
      return toOutcome(error);
    }
  }

  #commit(): void {
    this.#log.flush();
    this.#connection.commit();
  }

  #giveUp(writes: readonly number[], outcomes: Outcome[], error: unknown): void {
    for (const index of writes) outcomes[index] = toOutcome(error);
  }

  #read(calls: readonly Call[], reads: readonly number[], outcomes: Outcome[], now: number): void {
    try {
      this.#connection.snapshot(() => {
        for (const index of reads) outcomes[index] = this.#readOne(calls[index], now);
      });
    } catch (error) {
      this.#giveUp(reads, outcomes, error);
    }
  }

  #readOne(call: Call, now: number): Outcome {
    try {
      return { value: this.#perform(call, now) };
    } catch (error) {
      return toOutcome(error);
    }
  }

  #perform(call: Call, now: number): unknown {
    if (call.method === "append") return this.#log.append(...call.args);
    // What the others read includes what was appended before them.
    if (this.#connection.isWriting) this.#log.flush();
    switch (call.method) {
      case "page":
        return this.#log.page(...call.args, now);
      case "retain":
        return this.#log.retain(now);
      case "room":
        return this.#rooms.room(...call.args);
      case "createRoom":
        return this.#rooms.createRoom(...call.args, now);
      case "updateRoom":
        return this.#rooms.updateRoom(...call.args);
      case "rooms":
        return this.#rooms.rooms(...call.args);
      case "standing":
        return this.#standings.standing(...call.args);
      case "putMember":
        return this.#standings.putMember(...call.args, now);
      case "removeMember":
        return this.#standings.removeMember(...call.args);
      case "changeStanding":
        return this.#standings.changeStanding(...call.args, now);
      case "advance":
        return this.#standings.advance(...call.args);
      case "members":
        return this.#standings.members(...call.args);
      case "banned":
        return this.#standings.banned(...call.args);
      case "invitations":
        return this.#standings.invitations(...call.args);
      case "memberships":
        return this.#standings.memberships(...call.args);
      case "putPerson":
        return this.#people.putPerson(...call.args);
      case "person":
        return this.#people.person(...call.args);
      case "peopleNamed":
        return this.#people.peopleNamed(...call.args);
      case "search":
        throw new Error("Cannot search here: searches have a worker of their own");
    }
  }
}
