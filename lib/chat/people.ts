import type { Availability } from "./member.ts";
import type { Visitor } from "./visitor.ts";

/** Everybody who is connected: what is meant for a person reaches all of their devices. */
export class People {
  readonly #visitors = new Map<string, Set<Visitor>>();

  /** How many people are connected. */
  get size(): number {
    return this.#visitors.size;
  }

  /** The connections of a person. */
  of(userId: string): ReadonlySet<Visitor> {
    return this.#visitors.get(userId) ?? NOBODY;
  }

  add(visitor: Visitor): void {
    const { userId } = visitor.user;
    const own = this.#visitors.get(userId);
    if (own === undefined) this.#visitors.set(userId, new Set([visitor]));
    else own.add(visitor);
  }

  delete(visitor: Visitor): void {
    const { userId } = visitor.user;
    const own = this.#visitors.get(userId);
    if (own?.delete(visitor) && own.size === 0) this.#visitors.delete(userId);
  }

  /** Whether a person looks at any of their devices; `undefined` for who is not connected. */
  availability(userId: string): Availability | undefined {
    const own = this.#visitors.get(userId);
    if (own === undefined) return undefined;
    for (const { availability } of own) if (availability === "online") return "online";
    return "away";
  }

  /** Tells a person something on every device. */
  tell(userId: string, line: string): void {
    for (const visitor of this.of(userId)) visitor.push(line);
  }
}

const NOBODY: ReadonlySet<Visitor> = new Set();
