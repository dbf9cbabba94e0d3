import { assert, assertEquals } from "@std/assert";
import { History } from "../../lib/chat/history.ts";
import type { Draft } from "../../lib/store/store.ts";
import { FakeStore } from "./fake_store.ts";

const PAGE_BYTES = 256 * 1024;

function makeDraft(content: string): Draft {
  const id = crypto.randomUUID();
  return { id, roomId: "general", userId: "ann", username: "Ann", content, timestamp: 1 };
}

async function open(contents: string[], { historyLimit = 1_000, recoveryLimit = 300 } = {}) {
  const store = new FakeStore(historyLimit);
  await store.append(contents.map(makeDraft));
  const history = new History(store, { recoveryLimit });
  const { epoch } = await store.page("general", { limit: 1, maxLength: 1 });
  return { store, history, epoch };
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `message ${i + 1}`);
}

function seqs({ history }: { history: string[] }): number[] {
  return history.map((line) => JSON.parse(line).seq);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

function bytes({ history }: { history: string[] }): number {
  return history.reduce((sum, line) => sum + new TextEncoder().encode(line).length + 1, 0);
}

Deno.test("page() is the newest 50 messages, oldest first, unless more or fewer are asked for", async () => {
  const { history, epoch } = await open(numbered(60));
  const page = await history.page("general");
  assertEquals([seqs(page), page.seq, page.epoch, page.more], [range(11, 60), 60, epoch, true]);
  assertEquals(seqs(await history.page("general", { limit: 3 })), [58, 59, 60]);
  const all = await history.page("general", { limit: 100 });
  assertEquals([seqs(all), all.more], [range(1, 60), false]);
});

Deno.test("page() goes back from before, forward from after, and stays between both", async () => {
  const { history } = await open(numbered(60));
  const back = await history.page("general", { before: 21, limit: 5 });
  assertEquals([seqs(back), back.more], [range(16, 20), true]);
  const start = await history.page("general", { before: 4 });
  assertEquals([seqs(start), start.more], [[1, 2, 3], false]);
  const forward = await history.page("general", { after: 50, limit: 5 });
  assertEquals([seqs(forward), forward.more], [range(51, 55), true]);
  const between = await history.page("general", { after: 10, before: 14 });
  assertEquals([seqs(between), between.more], [[11, 12, 13], false]);
  assertEquals(seqs(await history.page("general", { after: 60 })), []);
});

Deno.test("page() never holds more than the recovery limit", async () => {
  const { history } = await open(numbered(60), { recoveryLimit: 7 });
  assertEquals(seqs(await history.page("general", { limit: 1_000_000 })), range(54, 60));
  assertEquals(seqs(await history.page("general")), range(54, 60));
});

Deno.test("page() of a room that was never written to is empty", async () => {
  const { history } = await open([]);
  assertEquals(await history.page("general"), { epoch: "", seq: 0, history: [], more: false });
});

for (
  const [kind, content] of [["plain", "x".repeat(20_000)], ["Chinese", "上".repeat(7_000)], [
    "quoted",
    '"'.repeat(11_000),
  ]]
) {
  Deno.test(`a page of ${kind} messages ends at 256 KiB as written, in both directions`, async () => {
    const { history, epoch } = await open(Array(40).fill(content));
    const forward = await history.recover("general", 0, epoch);
    const back = await history.page("general");
    for (const page of [forward, back]) {
      assertEquals(page.more, true);
      assert(bytes(page) <= PAGE_BYTES && bytes(page) > PAGE_BYTES * 0.8, `${bytes(page)} bytes`);
    }
    const count = forward.history.length;
    assertEquals(seqs(forward), range(1, count));
    assertEquals(seqs(back), range(41 - count, 40));
    const next = await history.page("general", { after: count });
    assertEquals(seqs(next)[0], count + 1);
  });
}

Deno.test("one message that is longer than a page makes a page by itself", async () => {
  const long = "上".repeat(100_000);
  const { history } = await open(["first", long, "last"]);
  const forward = await history.page("general", { after: 1 });
  assertEquals([seqs(forward), forward.more], [[2], true]);
  const back = await history.page("general", { before: 3 });
  assertEquals([seqs(back), back.more], [[2], true]);
});

Deno.test("recover() gives everything missed, in order, and says that nothing is missing", async () => {
  const { history, epoch } = await open(numbered(60));
  const some = await history.recover("general", 55, epoch);
  assertEquals([seqs(some), some.recovered, some.more, some.seq], [range(56, 60), true, false, 60]);
  const none = await history.recover("general", 60, epoch);
  assertEquals([seqs(none), none.recovered, none.more], [[], true, false]);
  const all = await history.recover("general", 0, epoch);
  assertEquals([seqs(all), all.recovered], [range(1, 60), true]);
});

Deno.test("recover() ends a page at the recovery limit, with more to come", async () => {
  const { history, epoch } = await open(numbered(60), { recoveryLimit: 10 });
  const page = await history.recover("general", 20, epoch);
  assertEquals([seqs(page), page.recovered, page.more, page.seq], [range(21, 30), true, true, 60]);
});

Deno.test("recover() takes the reader's word for the epoch if it names none", async () => {
  const { history } = await open(numbered(60));
  const page = await history.recover("general", 58, undefined);
  assertEquals([seqs(page), page.recovered], [[59, 60], true]);
});

Deno.test("recover() gives the newest page, and says so, wherever a gap cannot be ruled out", async () => {
  const { history, epoch } = await open(numbered(200), { historyLimit: 100 });
  const cases: [why: string, after: number | undefined, epoch: string | undefined][] = [
    ["a first join", undefined, undefined],
    ["a first join that names an epoch", undefined, epoch],
    ["another life of the log", 190, "another"],
    ["beyond the head", 201, epoch],
    ["no longer kept", 99, epoch],
    ["never handed out", -1, epoch],
  ];
  for (const [why, after, life] of cases) {
    const page = await history.recover("general", after, life);
    assertEquals([seqs(page), page.recovered, page.more, page.seq], [range(151, 200), false, true, 200], why);
  }
  const oldest = await history.recover("general", 100, epoch);
  assertEquals([oldest.history.length, oldest.recovered], [100, true]);
});

Deno.test("recover() of an empty log continues at its beginning", async () => {
  const { store, history } = await open([]);
  await store.createRoom({
    roomId: "general",
    roomName: "General",
    visibility: "public",
    passwordHash: null,
  });
  const page = await history.recover("general", 0, undefined);
  assertEquals([page.history, page.seq, page.recovered, page.more], [[], 0, true, false]);
  assertEquals((await history.recover("general", 5, undefined)).recovered, false);
});
