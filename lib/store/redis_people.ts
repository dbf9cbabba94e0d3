import type { RedisDatabase } from "./redis_database.ts";
import { PUT_PERSON } from "./redis_room_scripts.ts";
import type { Person } from "./store.ts";

const IDS_PER_LOOK = 100;

/** Everybody who has signed in. The list of who has a name may hold too many, and is looked at with that in mind. */
export class RedisPeople {
  readonly #database: RedisDatabase;

  constructor(database: RedisDatabase) {
    this.#database = database;
  }

  async putPerson({ userId, username, lastSeen }: Person): Promise<void> {
    const { keys } = this.#database;
    const reply = await this.#database.run(PUT_PERSON, [keys.person(userId)], username, String(lastSeen));
    if (reply === null) return;
    await this.#database.send("ZADD", keys.named(username), "0", userId);
    const [old] = reply as (string | null)[];
    if (old === null || old === username) return;
    await this.#database.send("ZREM", keys.named(old), userId);
    // They may have taken the old name again, on another node.
    if ((await this.person(userId))?.username === old) {
      await this.#database.send("ZADD", keys.named(old), "0", userId);
    }
  }

  async person(userId: string): Promise<Person | undefined> {
    const reply = await this.#database.send("HMGET", this.#database.keys.person(userId), "name", "seen");
    const [username, lastSeen] = reply as (string | null)[];
    return username === null ? undefined : { userId, username, lastSeen: Number(lastSeen) };
  }

  /** When a person's last connection ended; 0 for never. */
  async lastSeen(userId: string): Promise<number> {
    return Number(await this.#database.send("HGET", this.#database.keys.person(userId), "seen") ?? 0);
  }

  async peopleNamed(username: string, limit: number): Promise<Person[]> {
    const list = this.#database.keys.named(username);
    const found: Person[] = [];
    for (let from = 0; found.length < limit; from += IDS_PER_LOOK) {
      const range = [String(from), String(from + IDS_PER_LOOK - 1)];
      const ids = await this.#database.send("ZRANGE", list, ...range) as string[];
      if (ids.length === 0) break;
      for (const person of await Promise.all(ids.map((userId) => this.person(userId)))) {
        if (person?.username === username) found.push(person);
      }
    }
    return found.slice(0, limit);
  }
}
