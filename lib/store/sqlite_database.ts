import type { DatabaseSync } from "node:sqlite";
import { type Call, isRead, type Outcome } from "./sqlite_calls.ts";
import { SqliteConnection } from "./sqlite_connection.ts";
import { isPassing } from "./sqlite_error.ts";
import { SqliteLog } from "./sqlite_log.ts";
import { SqliteRooms } from "./sqlite_rooms.ts";
import type { Retention } from "./store.ts";

/** Carries out calls on a database, many at a time: all writes in one transaction, then the reads. */
export class SqliteDatabase implements Disposable {
  readonly #connection: SqliteConnection;
  readonly #log: SqliteLog;
  readonly #rooms: SqliteRooms;

  constructor(database: DatabaseSync, retention: Retention) {
    this.#connection = new SqliteConnection(database);
    this.#log = new SqliteLog(this.#connection, retention);
    this.#rooms = new SqliteRooms(this.#connection, this.#log);
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
      case "rooms":
        return this.#rooms.rooms(...call.args);
      case "membership":
        return this.#rooms.membership(...call.args);
      case "putMember":
        return this.#rooms.putMember(...call.args, now);
      case "removeMember":
        return this.#rooms.removeMember(...call.args);
      case "members":
        return this.#rooms.members(...call.args);
      case "memberships":
        return this.#rooms.memberships(...call.args);
    }
  }
}

function toOutcome(error: unknown): Outcome {
  const message = error instanceof Error ? error.message : String(error);
  return isPassing(error) ? { unavailable: message } : { failed: message };
}
