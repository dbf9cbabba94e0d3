import { Chance } from "../../hostile/chance.ts";
import { Journal, type Verdict } from "./journal.ts";
import { Reader, readHistory } from "./reader.ts";
import { Writer } from "./writer.ts";

/** Who writes and reads. */
export interface CrewPlan {
  readonly seed: number;
  readonly rooms: number;
  readonly writersPerRoom: number;
  readonly readersPerRoom: number;
  /** Messages that each writer has under way at once. */
  readonly window: number;
}

/** What came of it. */
export interface CrewReport extends Omit<Verdict, "words"> {
  readonly acknowledged: number;
  readonly duplicates: number;
  readonly history: number;
  readonly recovered: number;
  /** What readers were told that is not in the history, or not as they were told it. */
  readonly misread: number;
  /** What an answer took at most that was no acknowledgement, in milliseconds. */
  readonly slowestRefusalMs: number;
  readonly refusals: Readonly<Record<string, number>>;
  readonly words: readonly string[];
}

/** A connection that was refused is not tried again at once. */
const PAUSE_MS = 20;

/** People who write and read over one connection after another, and a journal of what they were told. */
export class Crew {
  readonly journals: readonly Journal[];
  readonly #plan: CrewPlan;
  readonly #chance: Chance;
  readonly #writers: readonly Writer[];
  readonly #readers: readonly Reader[];
  /** The history of each room as far as it was looked at. */
  readonly #audited: readonly string[][];
  #lives: Promise<void>[] = [];
  #isResting = true;

  constructor(plan: CrewPlan) {
    this.#plan = plan;
    this.#chance = new Chance(plan.seed);
    const { rooms, writersPerRoom, readersPerRoom, window } = plan;
    this.journals = Array.from({ length: rooms }, (_, i) => new Journal(`room ${i}`));
    this.#writers = this.journals.flatMap((journal, room) =>
      Array.from(
        { length: writersPerRoom },
        (_, i) => new Writer(room * writersPerRoom + i, journal, { window }),
      )
    );
    this.#readers = this.journals.flatMap(({ roomId }, room) =>
      Array.from({ length: readersPerRoom }, (_, i) => new Reader(`reader ${room} ${i}`, roomId))
    );
    this.#audited = this.journals.map(() => []);
  }

  get acknowledged(): number {
    return this.journals.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  }

  /** Has everybody write and read until they are to rest; who is the how manieth decides where they go. */
  work(addressOf: (nth: number, isWriter: boolean) => string): void {
    this.#isResting = false;
    const isDone = () => this.#isResting;
    this.#lives = [...this.#writers, ...this.#readers].map(async (one, nth) => {
      while (!isDone() && !(one instanceof Reader && one.follower.violations.length > 0)) {
        if (one instanceof Writer) await one.write(addressOf(nth, true), this.#chance);
        else await one.read(addressOf(nth, false));
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    });
  }

  /** Resolves when so many more messages are acknowledged; rejects if that takes longer than it may. */
  async progress(messages: number, atMostMs: number): Promise<void> {
    const [goal, giveUpAt] = [this.acknowledged + messages, performance.now() + atMostMs];
    while (this.acknowledged < goal) {
      if (performance.now() > giveUpAt) throw new Error(`Nothing went on within ${atMostMs} ms`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Has the writers wait for their answers and everybody leave. */
  async rest(): Promise<void> {
    this.#isResting = true;
    let haveAllLeft = false;
    const left = Promise.all(this.#lives).then(() => haveAllLeft = true);
    // Who was about to come in is there a moment later.
    while (!haveAllLeft) {
      await Promise.all(this.#writers.map((writer) => writer.finish()));
      for (const reader of this.#readers) reader.cut();
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    await left;
  }

  /** Reads what was added to the rooms since the last look. */
  async audit(address: string): Promise<void> {
    await Promise.all(this.journals.map(async ({ roomId }, i) => {
      const audited = this.#audited[i];
      for (const content of await readHistory(address, roomId, audited.length)) audited.push(content);
    }));
  }

  /** Has everybody read to the end, on the nodes they are given, and compares what they were told with what is there. */
  async compare(addressOf: (nth: number) => string): Promise<CrewReport> {
    await this.audit(addressOf(0));
    await Promise.all(this.#readers.map((reader, nth) => {
      const { length } = this.#audited[Math.floor(nth / this.#plan.readersPerRoom)];
      return reader.read(addressOf(nth), length);
    }));
    const reread = await Promise.all(
      this.journals.map(({ roomId }, i) => readHistory(addressOf(i + 1), roomId)),
    );
    return this.#report(reread);
  }

  #report(reread: readonly string[][]): CrewReport {
    const words: string[] = [];
    let misread = 0;
    const compare = (what: string, contents: readonly string[], history: readonly string[]) => {
      const at = history.findIndex((content, i) => content !== contents[i]);
      if (at < 0 && contents.length === history.length) return;
      misread++;
      words.push(
        `${what}: ${contents.length} messages instead of ${history.length}, first other at ${at + 1}`,
      );
    };
    this.journals.forEach(({ roomId }, i) => compare(`${roomId} read again`, reread[i], this.#audited[i]));
    this.#readers.forEach(({ follower }, nth) => {
      const { roomId, violations, stretches } = follower;
      misread += violations.length + stretches.length - 1;
      words.push(...violations.slice(0, 5).map((violation) => `a reader of ${roomId}: ${violation}`));
      if (stretches.length > 1) words.push(`a reader of ${roomId} was told that its log does not continue`);
      const history = this.#audited[Math.floor(nth / this.#plan.readersPerRoom)];
      compare(`a reader of ${roomId}`, follower.current?.contents ?? [], history);
    });
    const verdicts = this.journals.map((journal, i) => journal.compare(this.#audited[i]));
    const sum = (count: (verdict: Verdict) => number) =>
      verdicts.reduce((total, verdict) => total + count(verdict), 0);
    const refusals: Record<string, number> = {};
    for (const writer of this.#writers) {
      for (const [code, count] of writer.refusals) refusals[code] = (refusals[code] ?? 0) + count;
    }
    return {
      acknowledged: this.acknowledged,
      duplicates: this.journals.reduce((total, { duplicates }) => total + duplicates, 0),
      history: this.#audited.reduce((total, { length }) => total + length, 0),
      recovered: this.#readers.reduce((total, { follower }) => total + follower.recovered, 0),
      lost: sum(({ lost }) => lost),
      doubled: sum(({ doubled }) => doubled),
      outOfOrder: sum(({ outOfOrder }) => outOfOrder),
      misnumbered: sum(({ misnumbered }) => misnumbered),
      invented: sum(({ invented }) => invented),
      unacknowledgedKept: sum(({ unacknowledgedKept }) => unacknowledgedKept),
      unacknowledgedGone: sum(({ unacknowledgedGone }) => unacknowledgedGone),
      misread,
      slowestRefusalMs: Math.round(
        Math.max(0, ...this.#writers.map(({ slowestRefusalMs }) => slowestRefusalMs)),
      ),
      refusals,
      words: [...words, ...verdicts.flatMap(({ words }) => words)],
    };
  }
}

/** How many things went wrong. */
export function countFaults(report: CrewReport): number {
  const { lost, doubled, outOfOrder, misnumbered, invented, misread } = report;
  return lost + doubled + outOfOrder + misnumbered + invented + misread;
}
