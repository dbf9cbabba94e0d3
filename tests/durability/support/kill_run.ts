import { Chance } from "../../hostile/chance.ts";
import { ChildServer } from "../../support/child_server.ts";
import { Journal, type Verdict } from "./journal.ts";
import { Reader, readHistory } from "./reader.ts";
import { Writer } from "./writer.ts";

/** How a server is killed. */
export interface KillPlan {
  readonly seed: number;
  /** How often it is killed. */
  readonly rounds: number;
  /** How long it lives in each round, on average. */
  readonly meanLifeMs: number;
  readonly rooms: number;
  readonly writersPerRoom: number;
  readonly readersPerRoom: number;
  /** Messages that each writer has under way at once. */
  readonly window: number;
  /** Where the database goes; it must not exist. */
  readonly file: string;
  /** Workers that share the work. @default 1 */
  readonly workers?: number;
  readonly progress?: (words: string) => void;
}

/** What came of it. */
export interface KillReport extends Omit<Verdict, "words"> {
  readonly acknowledged: number;
  readonly duplicates: number;
  readonly history: number;
  readonly recovered: number;
  /** What readers were told that is not in the history, or not as they were told it. */
  readonly misread: number;
  readonly words: readonly string[];
}

/** Kills a server again and again while people write and read, then compares what they were told with what is there. */
export async function runKills(plan: KillPlan): Promise<KillReport> {
  const chance = new Chance(plan.seed);
  const journals = Array.from({ length: plan.rooms }, (_, i) => new Journal(`room ${i}`));
  const writers = journals.flatMap((journal, room) =>
    Array.from(
      { length: plan.writersPerRoom },
      (_, i) => new Writer(room * plan.writersPerRoom + i, journal, { window: plan.window }),
    )
  );
  const readers = journals.flatMap(({ roomId }, room) =>
    Array.from({ length: plan.readersPerRoom }, (_, i) => new Reader(`reader ${room} ${i}`, roomId))
  );
  const audited = journals.map(() => [] as string[]);
  let port = 0;
  const start = async () => {
    const settings = {
      STORE: `sqlite:${plan.file}`,
      PORT: String(port),
      WORKERS: String(plan.workers ?? 1),
      RECOVERY_LIMIT: "2000",
      LOG_LEVEL: "warn",
    };
    const server = await ChildServer.start(settings);
    port = server.port;
    return server;
  };

  for (let round = 1; round <= plan.rounds; round++) {
    await using server = await start();
    await audit(server, journals, audited);
    const lives = [
      ...writers.map((writer) => writer.write(server.address, chance)),
      ...readers.map((reader) => reader.read(server.address)),
    ];
    // From before anybody is in to long after: also the moments of joining are hit.
    await new Promise((resolve) => setTimeout(resolve, chance.next() * 2 * plan.meanLifeMs));
    server.signal("SIGKILL");
    await server.ended;
    await Promise.all(lives);
    const acknowledged = journals.reduce((sum, journal) => sum + journal.acknowledged, 0);
    plan.progress?.(`killed ${round} times, ${acknowledged} acknowledged`);
  }

  await using server = await start();
  await audit(server, journals, audited);
  await Promise.all(readers.map((reader, i) => {
    const { length } = audited[Math.floor(i / plan.readersPerRoom)];
    return reader.read(server.address, length);
  }));
  const reread = await Promise.all(journals.map(({ roomId }) => readHistory(server.address, roomId)));
  return report(journals, readers, audited, reread);
}

/** Reads what was added to the rooms since the last look. */
async function audit(server: ChildServer, journals: readonly Journal[], audited: string[][]): Promise<void> {
  await Promise.all(journals.map(async ({ roomId }, i) => {
    const added = await readHistory(server.address, roomId, audited[i].length);
    for (const content of added) audited[i].push(content);
  }));
}

function report(
  journals: readonly Journal[],
  readers: readonly Reader[],
  audited: readonly string[][],
  reread: readonly string[][],
): KillReport {
  const words: string[] = [];
  let misread = 0;
  const compare = (what: string, contents: readonly string[], history: readonly string[]) => {
    const at = history.findIndex((content, i) => content !== contents[i]);
    if (at < 0 && contents.length === history.length) return;
    misread++;
    words.push(`${what}: ${contents.length} messages instead of ${history.length}, first other at ${at + 1}`);
  };
  journals.forEach(({ roomId }, i) => compare(`${roomId} read again`, reread[i], audited[i]));
  for (const { follower } of readers) {
    const { roomId, violations, stretches } = follower;
    misread += violations.length + stretches.length - 1;
    words.push(...violations.slice(0, 5).map((violation) => `a reader of ${roomId}: ${violation}`));
    if (stretches.length > 1) words.push(`a reader of ${roomId} was told that its log does not continue`);
    const index = journals.findIndex((journal) => journal.roomId === roomId);
    compare(`a reader of ${roomId}`, follower.current?.contents ?? [], audited[index]);
  }
  const verdicts = journals.map((journal, i) => journal.compare(audited[i]));
  const sum = (count: (verdict: Verdict) => number) =>
    verdicts.reduce((total, verdict) => total + count(verdict), 0);
  return {
    acknowledged: journals.reduce((total, journal) => total + journal.acknowledged, 0),
    duplicates: journals.reduce((total, journal) => total + journal.duplicates, 0),
    history: audited.reduce((total, history) => total + history.length, 0),
    recovered: readers.reduce((total, { follower }) => total + follower.recovered, 0),
    lost: sum(({ lost }) => lost),
    doubled: sum(({ doubled }) => doubled),
    outOfOrder: sum(({ outOfOrder }) => outOfOrder),
    misnumbered: sum(({ misnumbered }) => misnumbered),
    invented: sum(({ invented }) => invented),
    unacknowledgedKept: sum(({ unacknowledgedKept }) => unacknowledgedKept),
    unacknowledgedGone: sum(({ unacknowledgedGone }) => unacknowledgedGone),
    misread,
    words: [...words, ...verdicts.flatMap(({ words }) => words)],
  };
}
