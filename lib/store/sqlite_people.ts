import type { SQLOutputValue, StatementSync } from "node:sqlite";
import type { SqliteConnection } from "./sqlite_connection.ts";
import type { Person } from "./store.ts";

/** Everybody who has signed in. */
export class SqlitePeople {
  readonly #connection: SqliteConnection;
  readonly #find: StatementSync;
  readonly #findNamed: StatementSync;
  readonly #put: StatementSync;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
    const person = "SELECT user_id, username, last_seen FROM person";
    this.#find = connection.prepare(`${person} WHERE user_id = ?`);
    this.#findNamed = connection.prepare(`${person} WHERE username = ? ORDER BY user_id LIMIT ?`);
    this.#put = connection.prepare(
      "INSERT OR REPLACE INTO person (user_id, username, last_seen) VALUES (?, ?, ?)",
    );
  }

  putPerson({ userId, username, lastSeen }: Person): void {
    const known = this.person(userId);
    if (known?.username === username && known.lastSeen === lastSeen) return;
    this.#connection.write();
    this.#put.run(userId, username, lastSeen);
  }

  person(userId: string): Person | undefined {
    const row = this.#find.get(userId);
    return row && toPerson(row);
  }

  peopleNamed(username: string, limit: number): Person[] {
    return this.#findNamed.all(username, limit).map(toPerson);
  }
}

function toPerson(row: Record<string, SQLOutputValue>): Person {
  return { userId: String(row.user_id), username: String(row.username), lastSeen: Number(row.last_seen) };
}
