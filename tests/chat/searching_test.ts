import { assertEquals } from "@std/assert";
import { Directory } from "../../lib/chat/directory.ts";
import type { User } from "../../lib/chat/member.ts";
import { People } from "../../lib/chat/people.ts";
import { Rooms } from "../../lib/chat/rooms.ts";
import { Searching } from "../../lib/chat/searching.ts";
import { Turn } from "../../lib/kit/turn.ts";
import { Refusal } from "../../lib/protocol/codes.ts";
import type { ChatMessage } from "../../lib/protocol/messages.ts";
import type { SearchQuery } from "../../lib/store/store.ts";
import { FakeStore } from "./fake_store.ts";
import { makeMessage } from "./fakes.ts";

const ANN: User = { userId: "ann", username: "Ann", role: "user" };

/** A store that finds what it was given, as far as time bounds it, and keeps what it was asked. */
class FoundStore extends FakeStore {
  readonly asked: SearchQuery[] = [];
  readonly #messages: ChatMessage[];

  /** Messages by their times, newest first; `roomOf` says in which room each was said. */
  constructor(timestamps: readonly number[], content = "a word", roomOf = (_seq: number) => "general") {
    super();
    const count = timestamps.length;
    this.#messages = timestamps.map((timestamp, i) => {
      const seq = count - i;
      return { ...makeMessage(seq, content), roomId: roomOf(seq), timestamp };
    });
  }

  override search(query: SearchQuery) {
    this.asked.push(query);
    const { before = Infinity, since = 0, limit } = query;
    const found = this.#messages.filter(({ timestamp }) => timestamp < before && timestamp >= since);
    return Promise.resolve({ messages: found.slice(0, limit), more: found.length > limit });
  }
}

function open(store: FoundStore): Searching {
  const rooms = new Rooms(store, new Turn());
  return new Searching(store, new Directory(store, rooms, new People()));
}

/** The numbers of every page in turn. */
async function pages(store: FoundStore, limit: number, user: User = ANN): Promise<number[][]> {
  const searching = open(store);
  const all: number[][] = [];
  let before: number | undefined;
  for (let more = true; more;) {
    const page = await searching.search(user, { query: "word", limit, before });
    if (page instanceof Refusal) throw new TypeError(page.message);
    all.push(page.results.map(({ seq }) => seq));
    before = page.results.at(-1)?.timestamp;
    more = page.more;
  }
  return all;
}

Deno.test("a page holds as many as were asked for, and says whether there are more", async () => {
  assertEquals(await pages(new FoundStore([50, 40, 30, 20, 10]), 2), [[5, 4], [3, 2], [1]]);
  assertEquals(await pages(new FoundStore([40, 30, 20, 10]), 2), [[4, 3], [2, 1]]);
  assertEquals(await pages(new FoundStore([]), 2), [[]]);
});

Deno.test("a page never ends within a millisecond, so that the next one loses nothing", async () => {
  assertEquals(await pages(new FoundStore([50, 40, 40, 30, 10]), 2), [[5], [4, 3], [2, 1]]);
  assertEquals(
    await pages(new FoundStore([50, 40, 40, 40, 10]), 2),
    [[5], [4, 3, 2], [1]],
    "a whole one is a page",
  );
  assertEquals(await pages(new FoundStore([50, 50, 50, 50, 50]), 2), [[5, 4, 3, 2, 1]]);
});

Deno.test("a page ends at 256 KiB of contents, however many were asked for", async () => {
  const long = `word ${"x".repeat(100 * 1024)}`;
  assertEquals(await pages(new FoundStore([50, 40, 30, 20, 10], long), 10), [[5, 4], [3, 2], [1]]);
  const longer = `word ${"x".repeat(300 * 1024)}`;
  assertEquals(await pages(new FoundStore([20, 10], longer), 10), [[2], [1]], "one is always a page");
});

Deno.test("search() asks for the person's own rooms, and the earlier of two bounds", async () => {
  const store = new FoundStore([10]);
  const searching = open(store);
  await searching.search(ANN, { query: "word before:2026-11-20", before: 5 });
  await searching.search(ANN, { query: "word before:2026-11-20 from:@bob after:2026-11-01" });
  const [page, days] = store.asked;
  assertEquals([page.userId, page.words, page.before], ["ann", ["word"], 5]);
  assertEquals([days.from, days.before, days.since], ["bob", Date.UTC(2026, 10, 20), Date.UTC(2026, 10, 2)]);
});

Deno.test("search() gives nothing from rooms that the token does not list", async () => {
  const found = await open(new FoundStore([20, 10])).search({ ...ANN, rooms: ["hall"] }, { query: "word" });
  assertEquals(found, { results: [], more: false });
});

Deno.test("search() fills every page with what the token reaches, however much lies between", async () => {
  const limited = { ...ANN, rooms: ["team-*"] };
  const times = Array.from({ length: 1_000 }, (_, i) => 10_000 - i);
  const isEvery = (n: number) => (seq: number) => seq % n === 0 ? "team-a" : "general";
  assertEquals(await pages(new FoundStore(times, "a word", isEvery(300)), 2, limited), [[900, 600], [300]]);
  const [first, ...rest] = await pages(new FoundStore(times, "a word", isEvery(4)), 100, limited);
  assertEquals([first.length, rest.map(({ length }) => length)], [100, [100, 50]]);
  const bursts = times.map((_, i) => 5_000 - Math.floor(i / 10));
  const all = await pages(new FoundStore(bursts, "a word", isEvery(2)), 3, limited);
  assertEquals(
    all.map(({ length }) => length),
    Array(100).fill(5),
    "what was said in a millisecond stays together",
  );
  assertEquals(all.flat(), Array.from({ length: 500 }, (_, i) => 1_000 - 2 * i));
});

Deno.test("search() looks through fifty pages for a token's rooms, and then says that there is more", async () => {
  const times = Array.from({ length: 5_200 }, (_, i) => 10_000 - i);
  const store = new FoundStore(times, "a word", (seq) => seq === 5_000 ? "team-a" : "general");
  const found = await open(store).search({ ...ANN, rooms: ["team-a"] }, { query: "word", limit: 2 });
  if (found instanceof Refusal) throw new TypeError(found.message);
  assertEquals([found.results.map(({ seq }) => seq), found.more, store.asked.length], [[5_000], true, 50]);
});
