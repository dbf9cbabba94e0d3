import { Gather } from "../kit/turn.ts";
import { type Ending, ENDINGS } from "../protocol/codes.ts";
import { Cluster } from "./cluster.ts";
import type { Arrival, Guest } from "./letters.ts";
import type { Availability } from "./member.ts";
import type { Visitor } from "./visitor.ts";

/** Everybody who is connected: what is meant for a person reaches all of their devices, on whichever node. */
export class People {
  readonly #visitors = new Map<string, Set<Visitor>>();
  readonly #cluster: Cluster;
  readonly #maxConnections: number;
  /** By node, and on it by person. */
  readonly #elsewhere = new Map<string, Map<string, Guest>>();
  readonly #changed = new Gather<string>((userIds) => this.#announce(userIds));
  readonly #crowded = new Gather<string>((userIds) => {
    for (const userId of new Set(userIds)) void this.#endNewest(userId);
  });
  /** Called when a person's devices on another node are not what they were. */
  onChange: (userId: string) => void = () => {};

  /** @param maxConnections So many may a person have, on all nodes together */
  constructor(cluster: Cluster = new Cluster(), maxConnections = Infinity) {
    this.#cluster = cluster;
    this.#maxConnections = maxConnections;
    cluster.on("person", ({ userId, line, droppable }) => this.#sendHere(userId, line, droppable));
    cluster.answer("end", ({ userId, ending }) => this.#endHere(userId, ending));
    cluster.answer("arrivals", (userId) => this.#arrivals(userId));
    cluster.on("guests", ({ guests, isWhole }, node) => this.#learn(node, guests, isWhole));
    cluster.on("hello", (_letter, node) => {
      const guests = [...this.#visitors.keys()].map((userId) => this.#describe(userId));
      cluster.tell(node, "guests", { guests, isWhole: true });
    });
    cluster.onGone((node) => this.#learn(node, [], true));
    cluster.onMissed(() => cluster.tellAll("hello", { isFresh: false }));
  }

  /** How many people are connected to this node. */
  get size(): number {
    return this.#visitors.size;
  }

  /** The connections of a person to this node. */
  of(userId: string): ReadonlySet<Visitor> {
    return this.#visitors.get(userId) ?? NOBODY;
  }

  /** How many connections a person has, on all nodes. */
  connections(userId: string): number {
    let count = this.of(userId).size;
    for (const guests of this.#elsewhere.values()) count += guests.get(userId)?.connections ?? 0;
    return count;
  }

  /** Whether a person has as many connections as they may, as far as is known here. */
  isFull(userId: string): boolean {
    return this.connections(userId) >= this.#maxConnections;
  }

  add(visitor: Visitor): void {
    const { userId } = visitor.user;
    const own = this.#visitors.get(userId);
    if (own === undefined) this.#visitors.set(userId, new Set([visitor]));
    else own.add(visitor);
    this.changed(userId);
  }

  delete(visitor: Visitor): void {
    const { userId } = visitor.user;
    const own = this.#visitors.get(userId);
    if (!own?.delete(visitor)) return;
    if (own.size === 0) this.#visitors.delete(userId);
    this.changed(userId);
  }

  /** A person's devices here are not what they were: the other nodes are told by the end of the turn. */
  changed(userId: string): void {
    if (this.#cluster.isShared) this.#changed.add(userId);
  }

  /** Whether a person looks at any of their devices; `undefined` for who is not connected. */
  availability(userId: string): Availability | undefined {
    let found = this.#availabilityHere(userId);
    for (const guests of this.#elsewhere.values()) {
      if (found === "online") return found;
      found = guests.get(userId)?.availability ?? found;
    }
    return found;
  }

  /** Tells a person something on every device; droppable is what a device that is behind may miss. */
  tell(userId: string, line: string, droppable = false): void {
    this.#sendHere(userId, line, droppable);
    // All nodes: who has just come to one of them may not be known here yet.
    this.#cluster.tellAll("person", { userId, line, droppable });
  }

  /** Sends a person away from every device; resolves to how many those were. */
  async end(userId: string, ending: Ending): Promise<number> {
    let count = this.#endHere(userId, ending);
    for (const there of (await this.#cluster.ask("end", { userId, ending })).values()) count += there;
    return count;
  }

  /** Unlike answers to a person's own commands, what others send must not fill the buffers of who does not read. */
  #sendHere(userId: string, line: string, droppable: boolean): void {
    for (const visitor of this.of(userId)) visitor.send(line, droppable);
  }

  #endHere(userId: string, ending: Ending): number {
    const visitors = [...this.of(userId)];
    for (const visitor of visitors) visitor.end(ending);
    return visitors.length;
  }

  #availabilityHere(userId: string): Availability | undefined {
    const own = this.#visitors.get(userId);
    if (own === undefined) return undefined;
    for (const { availability } of own) if (availability === "online") return "online";
    return "away";
  }

  #describe(userId: string): Guest {
    const availability = this.#availabilityHere(userId) ?? "away";
    return { userId, connections: this.of(userId).size, availability };
  }

  #announce(userIds: string[]): void {
    const guests = [...new Set(userIds)].map((userId) => this.#describe(userId));
    this.#cluster.tellAll("guests", { guests, isWhole: false });
  }

  #learn(node: string, guests: readonly Guest[], isWhole: boolean): void {
    const before = this.#elsewhere.get(node);
    const known = isWhole || before === undefined ? new Map<string, Guest>() : before;
    for (const guest of guests) {
      if (guest.connections > 0) known.set(guest.userId, guest);
      else known.delete(guest.userId);
    }
    if (known.size > 0) this.#elsewhere.set(node, known);
    else this.#elsewhere.delete(node);
    for (const { userId } of guests) {
      this.onChange(userId);
      this.#limit(userId);
    }
    if (!isWhole || before === undefined) return;
    for (const userId of before.keys()) if (!known.has(userId)) this.onChange(userId);
  }

  #limit(userId: string): void {
    if (this.#visitors.has(userId) && this.connections(userId) > this.#maxConnections) {
      this.#crowded.add(userId);
    }
  }

  /** Nodes that a person comes to at the same time let in too many: the newest of all go, each from where it is. */
  async #endNewest(userId: string): Promise<void> {
    const answers = await this.#cluster.ask("arrivals", userId);
    // Older versions know of none.
    const arrivals = [this.#arrivals(userId), ...answers.values()].flatMap((there) => there ?? []);
    const tooMany = arrivals.sort(byTime).slice(this.#maxConnections).map(({ connectionId }) => connectionId);
    for (const visitor of [...this.of(userId)]) {
      if (tooMany.includes(visitor.connectionId)) visitor.end(ENDINGS.tooManyConnections);
    }
    // Who has not answered in time is asked again, until it is gone, or no longer known to have any of these.
    if (answers.size < this.#cluster.size) this.#limit(userId);
  }

  #arrivals(userId: string): Arrival[] {
    return [...this.of(userId)].map(({ connectionId, arrivedAt }) => ({ connectionId, arrivedAt }));
  }
}

/** The same order at every node. */
function byTime(a: Arrival, b: Arrival): number {
  return a.arrivedAt - b.arrivedAt || (a.connectionId < b.connectionId ? -1 : 1);
}

const NOBODY: ReadonlySet<Visitor> = new Set();
