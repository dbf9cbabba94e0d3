import { assert, assertEquals } from "@std/assert";
import { KvStore } from "../../lib/store/kv_store.ts";
import { draft, UNLIMITED, WHOLE } from "./support/drafts.ts";
import { temporaryFile } from "./support/temporary_file.ts";

const ROUNDS = 30;

async function openTwo(stack: AsyncDisposableStack): Promise<KvStore[]> {
  const file = await temporaryFile(stack);
  const one = stack.use(await KvStore.open(file, UNLIMITED));
  return [one, stack.use(await KvStore.open(file, UNLIMITED))];
}

Deno.test("KvStore numbers a room without gaps when two stores append to one database", async () => {
  await using stack = new AsyncDisposableStack();
  const [one, two] = await openTwo(stack);
  const speak = async (store: KvStore, userId: string) => {
    const seqs: number[] = [];
    for (let i = 0; i < ROUNDS; i++) {
      const drafts = [draft(`a${i}`, { userId }), draft(`b${i}`, { userId, roomId: "b", unique: true })];
      const [{ seq }] = await store.append(drafts);
      seqs.push(seq);
      assertEquals((await store.page("a", { ...WHOLE, after: seq - 1 })).messages[0].userId, userId);
    }
    return seqs;
  };
  const spoken = await Promise.all([speak(one, "ann"), speak(two, "bob")]);
  for (const seqs of spoken) assertEquals(seqs, seqs.toSorted((a, b) => a - b));
  const all = Array.from({ length: 2 * ROUNDS }, (_, i) => i + 1);
  assertEquals(spoken.flat().sort((a, b) => a - b), all);
  for (const roomId of ["a", "b"]) {
    const page = await one.page(roomId, WHOLE);
    assertEquals(page, await two.page(roomId, WHOLE));
    assertEquals(page.messages.map(({ seq }) => seq), all);
  }
});

Deno.test("KvStore finds duplicates between two stores on one database", async () => {
  await using stack = new AsyncDisposableStack();
  const stores = await openTwo(stack);
  const calls = Array.from({ length: 40 }, (_, i) => stores[i % 2].append([draft(`${i >> 2}`)]));
  const appended = (await Promise.all(calls)).flat();
  assertEquals(appended.filter(({ duplicate }) => !duplicate).length, 10);
  for (let i = 0; i < 40; i += 4) {
    assertEquals(new Set(appended.slice(i, i + 4).map(({ seq }) => seq)).size, 1);
  }
  assertEquals((await stores[0].page("a", WHOLE)).messages.length, 10);
});

Deno.test("KvStore makes a room once when two stores are asked at the same time", async () => {
  await using stack = new AsyncDisposableStack();
  const stores = await openTwo(stack);
  const made = await Promise.all(stores.map((store, i) => {
    const owner = { userId: `u${i}`, username: `U${i}` };
    return store.createRoom({
      roomId: "a",
      roomName: `${i}`,
      visibility: "public",
      passwordHash: null,
      owner,
    });
  }));
  assertEquals(made.filter(({ created }) => created).length, 1);
  assertEquals(made[0].room, made[1].room);
  const members = await Promise.all(stores.map((store) => store.members("a", 10)));
  assertEquals(members[0], members[1]);
  assert(members[0].length === 1);
});

Deno.test("KvStore keeps cursors and standings right when two stores change them at the same time", async () => {
  await using stack = new AsyncDisposableStack();
  const stores = await openTwo(stack);
  await stores[0].putMember("a", "ann", "Ann");
  await stores[0].append(Array.from({ length: 40 }, (_, i) => draft(`${i}`, { userId: "zoe" })));
  const work = Array.from({ length: 40 }, (_, i) => {
    const store = stores[i % 2];
    return i % 8 === 7
      ? store.changeStanding("a", "ann", { mutedUntil: i })
      : store.advance([{ roomId: "a", userId: "ann", read: i + 1 }]);
  });
  await Promise.all(work);
  const standing = await stores[1].standing("a", "ann");
  assertEquals(standing?.read, 39);
  assertEquals(await stores[0].standing("a", "ann"), standing);
});

Deno.test("KvStore has one of several stores go through the rooms to forget", async () => {
  await using stack = new AsyncDisposableStack();
  const file = await temporaryFile(stack);
  let now = 1_790_000_000_000;
  const retention = { historyLimit: 1, historyMaxAgeMs: Infinity };
  const [one, two] = [
    stack.use(await KvStore.open(file, retention, () => now)),
    stack.use(await KvStore.open(file, retention, () => now)),
  ];
  for (let i = 0; i < 60; i++) {
    await one.append([draft("1", { roomId: `${i}` }), draft("2", { roomId: `${i}` })]);
  }
  now += 11 * 60_000;
  assertEquals([await one.retain(), await two.retain()], [true, false]);
  now += 2 * 60_000; // The first has gone.
  while (await two.retain());
  assertEquals([await one.retain(), await two.retain()], [false, false]);
  const again = await one.append(
    Array.from({ length: 60 }, (_, i) => draft("1", { roomId: `${i}`, timestamp: now })),
  );
  assertEquals(again.filter(({ duplicate }) => duplicate), []);
});
