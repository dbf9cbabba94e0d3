import { DatabaseSync } from "node:sqlite";
import { openStore } from "../../../lib/store/open_store.ts";
import type { Draft } from "../../../lib/store/store.ts";
import { ChildServer } from "../../support/child_server.ts";
import { Peer } from "../../support/peer.ts";
import { Babble } from "./babble.ts";
import { describeTimes, SmallTalk, type TalkReport } from "./small_talk.ts";

/** A large log, somebody who searches it, and a talk beside. */
export interface SearchPlan {
  /** Where the messages go: SQLite or Redis, as in the settings; nothing may be there. */
  readonly store: string;
  readonly messages: number;
  /** How long the talk goes on without searches, and then with them. */
  readonly seconds: number;
  readonly searchesPerSecond: number;
  /** Told how far it is. */
  progress?(words: string): void;
}

export interface SearchReport {
  readonly messages: number;
  readonly filledInSeconds: number;
  readonly indexedInSeconds: number;
  readonly searches: TalkReport;
  /** The 99th percentile of each kind of query. */
  readonly p99MsOf: Record<string, number>;
  readonly foundOnAverage: number;
  readonly alone: TalkReport;
  readonly besideSearches: TalkReport;
}

const ROOMS = 2_000;
const PEOPLE = 5_000;
/** The searcher's rooms: some of the busiest, and some that are quiet. */
const OWN_ROOMS = [0, 2, 5, 9, 14, 20, 35, 60, 100, 160, 250, 400, 700, 1_100, 1_700];
const BATCH = 1_000;
const BEGINNING = 1_760_000_000_000;
/** A million messages are a year. */
const GAP_MS = 30_000;
const INDEX_LOOK_MS = 500;

/** Fills a log with what nobody means, and measures what is found in it how fast. */
export async function measureSearch(plan: SearchPlan): Promise<SearchReport> {
  const { store, messages, seconds, progress = () => {} } = plan;
  const babble = new Babble(1);
  const filling = performance.now();
  const indexing = await fill(store, messages, babble, progress);
  const indexed = performance.now();
  await using server = await ChildServer.start({ STORE: store, LOG_LEVEL: "warn" });
  await using talk = await SmallTalk.begin(server);
  await using searcher = await Peer.signIn(server, "searcher");
  const searches = new Searches(searcher, babble, messages);
  await talk.last(seconds / 5);
  const alone = await talk.last(seconds);
  const searching = searches.last(seconds, plan.searchesPerSecond);
  const besideSearches = await talk.last(seconds);
  await searching;
  const inSeconds = (ms: number) => Number((ms / 1000).toFixed(1));
  return {
    messages,
    filledInSeconds: inSeconds(indexing - filling),
    indexedInSeconds: inSeconds(indexed - indexing),
    ...searches.report(),
    alone,
    besideSearches,
  };
}

/** Resolves, when all is indexed, to when all was written. */
async function fill(
  address: string,
  count: number,
  babble: Babble,
  progress: (words: string) => void,
): Promise<number> {
  await using store = await openStore(address, { historyLimit: Infinity, historyMaxAgeMs: Infinity });
  await Promise.all(Array.from({ length: ROOMS }, (_, i) => {
    const room = {
      roomId: `room ${i}`,
      roomName: `Room ${i}`,
      visibility: "public",
      passwordHash: null,
    } as const;
    return store.createRoom(room);
  }));
  for (const i of OWN_ROOMS) await store.putMember(`room ${i}`, "searcher", "searcher");
  for (let written = 0; written < count; written += BATCH) {
    const drafts = Array.from(
      { length: Math.min(BATCH, count - written) },
      (_, i) => makeDraft(babble, written + i),
    );
    await store.append(drafts);
    if (written % 100_000 === 0) progress(`${written} of ${count} messages`);
  }
  const writtenAt = performance.now();
  if (store.kind === "redis") { while (await store.retain()); }
  else await untilIndexed(address.slice("sqlite:".length), progress);
  return writtenAt;
}

async function untilIndexed(file: string, progress: (words: string) => void): Promise<void> {
  using database = new DatabaseSync(file, { readOnly: true });
  const waiting = database.prepare("SELECT coalesce(sum(head - indexed), 0) AS count FROM room");
  for (let rounds = 0, left; (left = Number(waiting.get()!.count)) > 0; rounds++) {
    if (rounds % 20 === 0) progress(`${left} messages to be indexed`);
    await new Promise((resolve) => setTimeout(resolve, INDEX_LOOK_MS));
  }
}

function makeDraft(babble: Babble, index: number): Draft {
  const person = babble.rank(PEOPLE);
  return {
    id: `m${index}`,
    roomId: `room ${babble.rank(ROOMS)}`,
    userId: `user ${person}`,
    username: `User ${person}`,
    content: babble.message(),
    timestamp: BEGINNING + index * GAP_MS,
  };
}

/** What somebody looks for, one query after another, of all kinds. */
class Searches {
  readonly #peer: Peer;
  readonly #kinds: Record<string, () => string>;
  readonly #tookMs = new Map<string, number[]>();
  #found = 0;

  constructor(peer: Peer, babble: Babble, messages: number) {
    this.#peer = peer;
    const day = () => {
      const time = BEGINNING + messages * GAP_MS * (1 - babble.rank(1_000) / 1_000);
      return new Date(time).toISOString().slice(0, 10);
    };
    this.#kinds = {
      "a word": () => babble.word(),
      "a common word": () => babble.word(60),
      "two words": () => `${babble.word(300)} ${babble.word(3_000)}`,
      "a phrase": () => `"${babble.word(60)} ${babble.word(60)}"`,
      "a Chinese word": () => babble.chineseWord(),
      "two Chinese words": () => `上海 ${babble.chineseWord()}`,
      "a word of somebody": () => `${babble.word(2_000)} from:"User ${babble.rank(PEOPLE)}"`,
      "a word in a room": () => `${babble.word(2_000)} in:"room ${OWN_ROOMS[babble.rank(OWN_ROOMS.length)]}"`,
      "a word before a day": () => `${babble.word(2_000)} before:${day()}`,
      "nothing that is there": () => `qqqq${babble.rank(1_000_000)}zzzz`,
    };
  }

  /** Searches at an even rate; a search that takes long delays the next. */
  async last(seconds: number, perSecond: number): Promise<void> {
    const kinds = Object.entries(this.#kinds);
    const startedAt = performance.now();
    for (let i = 0; i < seconds * perSecond; i++) {
      const waitMs = startedAt + i * 1000 / perSecond - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      const [kind, makeQuery] = kinds[i % kinds.length];
      const askedAt = performance.now();
      const answer = await this.#peer.ask({ type: "search", query: makeQuery() });
      if (answer.type !== "search_results") {
        throw new Error(`A search was refused: ${JSON.stringify(answer)}`);
      }
      const took = this.#tookMs.get(kind) ?? [];
      took.push(performance.now() - askedAt);
      this.#tookMs.set(kind, took);
      this.#found += (answer.results as unknown[]).length;
    }
  }

  report() {
    const searches = describeTimes([...this.#tookMs.values()].flat());
    const kinds = [...this.#tookMs].map(([kind, tookMs]) => [kind, describeTimes(tookMs).p99Ms]);
    const foundOnAverage = Number((this.#found / searches.count).toFixed(1));
    return { searches, p99MsOf: Object.fromEntries(kinds), foundOnAverage };
  }
}
