import type { KvLink } from "../kv/kv_link.ts";
import { namedKey, personKey } from "./kv_keys.ts";
import type { Person } from "./store.ts";

/** People of one name that are listed at once. */
const NAMES_PER_READ = 200;

type KvPerson = Omit<Person, "userId">;

/** Everybody who has signed in, by id and by name. */
export class KvPeople {
  readonly #link: KvLink;

  constructor(link: KvLink) {
    this.#link = link;
  }

  async putPerson({ userId, username, lastSeen }: Person): Promise<void> {
    await this.#link.untilDone(async () => {
      const entry = await this.#link.get<KvPerson>(personKey(userId));
      const known = entry.value;
      if (known?.username === username && known.lastSeen === lastSeen) return { done: undefined };
      const committed = await this.#link.commit((atomic) => {
        atomic.check(entry).set(entry.key, { username, lastSeen });
        if (known?.username === username) return;
        if (known !== null) atomic.delete([...namedKey(known.username), userId]);
        atomic.set([...namedKey(username), userId], null);
      });
      return committed && { done: undefined };
    });
  }

  async person(userId: string): Promise<Person | undefined> {
    const { value } = await this.#link.get<KvPerson>(personKey(userId));
    return value === null ? undefined : { userId, ...value };
  }

  async peopleNamed(username: string, limit: number): Promise<Person[]> {
    const userIds: string[] = [];
    const batch = Math.max(1, Math.min(limit, NAMES_PER_READ));
    for await (const { key } of this.#link.list({ prefix: namedKey(username) }, batch)) {
      if (userIds.length >= limit) break;
      userIds.push(String(key.at(-1)));
    }
    const people = await this.#link.getMany(userIds.map(personKey));
    return people.flatMap(({ value }, i) =>
      value === null ? [] : [{ userId: userIds[i], ...value as KvPerson }]
    );
  }
}
