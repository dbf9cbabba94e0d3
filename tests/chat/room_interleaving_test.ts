/** A room under a random order of events, held against a list of everything that was ever told in it. */
import { assertEquals } from "@std/assert";
import { Room } from "../../lib/chat/room.ts";
import type { Seat } from "../../lib/chat/seat.ts";
import { Turn } from "../../lib/kit/turn.ts";
import { FakeMember, makeMessage, makeRecord, nextTurn } from "./fakes.ts";

interface Told {
  readonly text: string;
  readonly seq: number;
  readonly except: FakeMember | undefined;
}

/** One connection's visit: from when it wanted to hear, and what its answer held. */
interface Visit {
  readonly member: FakeMember;
  readonly from: number;
  answeredSeq: number;
  seat: Seat | undefined;
  /** How much had been told when it left. */
  until: number;
}

/** Numbers from 0 to 1 that are the same for the same seed. */
function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

class Story {
  readonly told: Told[] = [];
  readonly visits: Visit[] = [];
  readonly #room = new Room(
    makeRecord(),
    new Turn(),
    { readAfter: () => Promise.reject(new Error("nothing is ever missing")), patienceMs: 0 },
  );
  readonly #random: () => number;
  readonly #batches: number;
  readonly #joining: Promise<void>[] = [];

  /** @param batches The share of members that take several objects in a frame */
  constructor(seed: number, batches: number) {
    this.#random = makeRandom(seed);
    this.#batches = batches;
  }

  async run(members: number, steps: number): Promise<void> {
    for (let i = 0; i < members; i++) this.#join();
    for (let i = 0; i < steps; i++) await this.#step();
    await Promise.all(this.#joining);
    for (let i = 0; i < 2 * members / 64 + 10; i++) await nextTurn();
  }

  /** What a connection should have heard by the end, after the answer to its join. */
  expected({ member, from, until, answeredSeq }: Visit): string[] {
    return this.told.slice(from, until)
      .filter(({ seq, except }) => except !== member && (seq === 0 || seq > answeredSeq))
      .map(({ text }) => text);
  }

  async #step(): Promise<void> {
    const dice = this.#random();
    if (dice < 0.3) this.#say();
    else if (dice < 0.45) this.#type();
    else if (dice < 0.55) this.#join();
    else if (dice < 0.65) this.#leave();
    else if (dice < 0.85) await Promise.resolve();
    else await nextTurn();
  }

  #say(): void {
    const message = makeMessage(this.#room.head + 1);
    this.told.push({ text: JSON.stringify(message), seq: message.seq, except: undefined });
    this.#room.receive(message);
  }

  #type(): void {
    const except = this.#seated()?.member;
    const text = `typing ${this.told.length}`;
    this.told.push({ text, seq: 0, except });
    this.#room.tell(text, { except, droppable: true });
  }

  #join(): void {
    const member = new FakeMember("ann", this.#random() < this.#batches);
    const visit: Visit = { member, from: this.told.length, answeredSeq: 0, seat: undefined, until: Infinity };
    this.visits.push(visit);
    const turns = Math.floor(this.#random() * 4);
    this.#joining.push(this.#room.seat(member, this.#room.evictions, async () => {
      for (let i = 0; i < turns; i++) await nextTurn();
      visit.answeredSeq = this.#room.head;
      if (this.#random() < 0.5) await nextTurn();
      return {
        seq: visit.answeredSeq,
        admit(seat) {
          visit.seat = seat;
          return ["answer"];
        },
      };
    }));
  }

  #leave(): void {
    const visit = this.#seated();
    if (visit === undefined) return;
    visit.until = this.told.length;
    this.#room.unseat(visit.seat!);
  }

  #seated(): Visit | undefined {
    const seated = this.visits.filter(({ seat, until }) => seat !== undefined && until === Infinity);
    return seated[Math.floor(this.#random() * seated.length)];
  }
}

for (const [members, seeds, batches] of [[3, 60, 0.5], [60, 30, 0.7], [200, 20, 1], [200, 20, 0.7]]) {
  const share = `${members} members, ${batches * 100} % of whom take batches`;
  Deno.test(`each of about ${share}, hears every line once and in order, whoever comes and goes`, async () => {
    for (let seed = 1; seed <= seeds; seed++) {
      const story = new Story(seed, batches);
      await story.run(members, 250);
      for (const visit of story.visits) {
        const { member, until } = visit;
        const [answer, ...heard] = member.lines;
        const expected = story.expected(visit);
        assertEquals(answer, "answer");
        // Who has left may not have heard the end any more, but nothing else is missing.
        assertEquals(heard, until === Infinity ? expected : expected.slice(0, heard.length), `seed ${seed}`);
        if (!member.takesBatches) assertEquals(member.frames.length, member.lines.length);
      }
    }
  });
}
