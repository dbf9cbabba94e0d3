import type { Person } from "./store.ts";

/** Where guests come and go, the names of the first are let go: about 50 MB at most. */
const MAX_PEOPLE = 100_000;

/** Everybody who has signed in, by id and by name. */
export class MemoryPeople {
  readonly #people = new Map<string, Person>();
  readonly #byName = new Map<string, Set<string>>();

  put({ userId, username, lastSeen }: Person): void {
    this.#forget(userId);
    this.#people.set(userId, { userId, username, lastSeen });
    const ids = this.#byName.get(username);
    if (ids === undefined) this.#byName.set(username, new Set([userId]));
    else ids.add(userId);
    if (this.#people.size > MAX_PEOPLE) this.#forget(this.#people.keys().next().value!);
  }

  get(userId: string): Person | undefined {
    return this.#people.get(userId);
  }

  named(username: string, limit: number): Person[] {
    const ids = [...this.#byName.get(username) ?? []].sort().slice(0, limit);
    return ids.map((userId) => this.#people.get(userId)!);
  }

  clear(): void {
    this.#people.clear();
    this.#byName.clear();
  }

  #forget(userId: string): void {
    const person = this.#people.get(userId);
    if (person === undefined) return;
    this.#people.delete(userId);
    const ids = this.#byName.get(person.username)!;
    ids.delete(userId);
    if (ids.size === 0) this.#byName.delete(person.username);
  }
}
