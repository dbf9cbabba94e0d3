import { FakeTime } from "@std/testing/time";
import { Passwords } from "../../lib/auth/passwords.ts";
import { Administration } from "../../lib/chat/administration.ts";
import { Cluster } from "../../lib/chat/cluster.ts";
import { History } from "../../lib/chat/history.ts";
import { Joining } from "../../lib/chat/joining.ts";
import { Moderation } from "../../lib/chat/moderation.ts";
import { People } from "../../lib/chat/people.ts";
import { Posting } from "../../lib/chat/posting.ts";
import { Presence, type PresenceOptions } from "../../lib/chat/presence.ts";
import { Rooms } from "../../lib/chat/rooms.ts";
import { Turn } from "../../lib/kit/turn.ts";
import type { Command } from "../../lib/protocol/commands.ts";
import { TestBus } from "../support/test_bus.ts";
import { FakeStore } from "./fake_store.ts";
import { FakeMember, nextTurn } from "./fakes.ts";

interface StreetOptions extends PresenceOptions {
  readonly maxConnections?: number;
}

/** What goes on in one room, `general`, on one of several nodes. */
export class House implements AsyncDisposable {
  readonly bus: TestBus;
  readonly cluster: Cluster;
  readonly rooms: Rooms;
  readonly people: People;
  readonly #presence: Presence;
  readonly #joining: Joining;
  readonly #moderation: Moderation;
  readonly #posting: Posting;

  constructor(bus: TestBus, store: FakeStore, options: StreetOptions) {
    this.bus = bus;
    this.cluster = new Cluster(bus, (error) => {
      throw error;
    });
    this.rooms = new Rooms(store, new Turn(), undefined, this.cluster);
    this.people = new People(this.cluster, options.maxConnections);
    this.#presence = new Presence(this.rooms, this.people, options, undefined, this.cluster);
    const settings = { roomCreation: "anyone" } as const;
    const passwords = new Passwords();
    const history = new History(store, { recoveryLimit: 300 });
    this.#joining = new Joining(store, this.rooms, history, this.#presence, passwords, settings);
    const administration = new Administration(store, this.rooms, this.people, passwords, settings);
    this.#moderation = new Moderation(store, this.rooms, this.#presence, administration, this.cluster);
    this.#posting = new Posting(store, this.rooms, { appended() {}, failed() {} });
  }

  /** Somebody opens a device and joins. */
  async enter(userId: string, more: { after?: number } = {}): Promise<FakeMember> {
    const member = new FakeMember(userId);
    this.people.add(member);
    await this.#joining.join(member, { type: "join", roomId: "general", ...more });
    return member;
  }

  /** A device is gone. */
  lose(member: FakeMember): void {
    this.people.delete(member);
    this.#joining.lose(member);
  }

  async leave(member: FakeMember): Promise<void> {
    await this.#joining.leave(member, "general");
  }

  turn(member: FakeMember, availability: "online" | "away"): void {
    member.availability = availability;
    this.#presence.turn(member);
  }

  moderate(member: FakeMember, action: Command<"moderate">["action"], userId: string): Promise<unknown> {
    return this.#moderation.moderate(member.user, { type: "moderate", roomId: "general", action, userId });
  }

  say(member: FakeMember, content: string): void {
    this.#posting.post(member.user, member.places.get("general")!.room, { content }, () => {});
  }

  /** Who is in the room, as far as is known here. */
  get present(): string[] {
    return [...this.rooms.live("general")?.attendance ?? []].map(({ userId }) => userId).sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#presence[Symbol.dispose]();
    this.rooms[Symbol.dispose]();
    await this.cluster[Symbol.asyncDispose]();
  }
}

/** Nodes over one store, with a clock that a test turns. */
export class Street implements AsyncDisposable {
  readonly houses: readonly House[];
  readonly store = new FakeStore();
  readonly #time = new FakeTime(Date.UTC(2030, 0, 1));

  private constructor(count: number, options: Partial<StreetOptions>) {
    const settings = { presenceGraceMs: 5_000, presenceDetailLimit: 200, ...options };
    this.houses = TestBus.connect(count).map((bus) => new House(bus, this.store, settings));
  }

  static async open(count: number, options: Partial<StreetOptions> = {}): Promise<Street> {
    const street = new Street(count, options);
    const opened = street.houses.map(({ cluster }) => cluster.open());
    await street.pass(200);
    await Promise.all(opened);
    return street;
  }

  /** Time goes by, and everything that happens in it is done. */
  async pass(ms = 0): Promise<void> {
    await settled();
    for (let left = ms; left > 0; left -= 100) {
      this.#time.tick(Math.min(100, left));
      await settled();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const house of this.houses) await house[Symbol.asyncDispose]();
    this.#time.restore();
  }
}

/** What a member was told since the last time, in short. */
export function heard(member: FakeMember): string[] {
  return member.take().map(({ type, event, userId, content, status, members }) =>
    [event ?? type, content ?? status, event === "members" ? members : userId]
      .filter((word) => word !== undefined).join(" ")
  );
}

async function settled(): Promise<void> {
  for (let i = 0; i < 8; i++) await nextTurn();
}
