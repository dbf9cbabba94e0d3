import { assert, assertEquals } from "@std/assert";
import { SqliteStore } from "../../lib/store/sqlite_store.ts";
import { draft, UNLIMITED, WHOLE } from "./support/drafts.ts";
import { temporaryFile } from "./support/temporary_file.ts";

Deno.test("SqliteStore numbers a room without gaps when two stores append to one file", async () => {
  await using stack = new AsyncDisposableStack();
  const file = await temporaryFile(stack);
  const stores = [1, 2].map(() => SqliteStore.open(file, UNLIMITED));
  const [one, two] = (await Promise.all(stores)).map((store) => stack.use(store));
  const speak = async (store: SqliteStore, userId: string) => {
    const seqs: number[] = [];
    for (let i = 0; i < 40; i++) {
      const appended = await store.append([
        draft(`a${i}`, { userId }),
        draft(`b${i}`, { userId, roomId: "b" }),
      ]);
      seqs.push(appended[0].seq);
      assertEquals(
        (await store.page("a", { ...WHOLE, after: appended[0].seq - 1 })).messages[0].userId,
        userId,
      );
    }
    return seqs;
  };
  const spoken = await Promise.all([speak(one, "ann"), speak(two, "bob")]);
  for (const seqs of spoken) assertEquals(seqs, seqs.toSorted((a, b) => a - b));
  assertEquals(spoken.flat().sort((a, b) => a - b), Array.from({ length: 80 }, (_, i) => i + 1));
  for (const roomId of ["a", "b"]) {
    const page = await one.page(roomId, WHOLE);
    assertEquals(page, await two.page(roomId, WHOLE));
    assertEquals(page.messages.map(({ seq }) => seq), Array.from({ length: 80 }, (_, i) => i + 1));
  }
});

Deno.test("SqliteStore finds duplicates between two stores on one file", async () => {
  await using stack = new AsyncDisposableStack();
  const file = await temporaryFile(stack);
  const one = stack.use(await SqliteStore.open(file, UNLIMITED));
  const two = stack.use(await SqliteStore.open(file, UNLIMITED));
  const calls = Array.from({ length: 40 }, (_, i) => (i % 2 ? one : two).append([draft(`${i >> 2}`)]));
  const appended = (await Promise.all(calls)).flat();
  assertEquals(appended.filter(({ duplicate }) => !duplicate).length, 10);
  for (let i = 0; i < 40; i += 4) {
    assertEquals(new Set(appended.slice(i, i + 4).map(({ seq }) => seq)).size, 1);
  }
  assertEquals((await one.page("a", WHOLE)).messages.length, 10);
});

Deno.test("SqliteStore goes on from where another store was, also after that was forgotten", async () => {
  await using stack = new AsyncDisposableStack();
  const file = await temporaryFile(stack);
  let now = 1_790_000_000_000;
  const open = () => SqliteStore.open(file, { ...UNLIMITED, historyMaxAgeMs: 60_000 }, { now: () => now });
  const [one, two] = [stack.use(await open()), stack.use(await open())];
  await one.append([draft("1")]);
  await two.append([draft("2"), draft("3")]);
  now += 11 * 60_000;
  while (await two.retain());
  assertEquals((await one.append([draft("4", { timestamp: now })]))[0].seq, 4);
});

Deno.test("SqliteStore makes a room once when two stores are asked at the same time", async () => {
  await using stack = new AsyncDisposableStack();
  const file = await temporaryFile(stack);
  const stores = [stack.use(await SqliteStore.open(file, UNLIMITED))];
  stores.push(stack.use(await SqliteStore.open(file, UNLIMITED)));
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
