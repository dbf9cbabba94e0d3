import { assert, assertEquals, assertRejects } from "@std/assert";
import { afterThisTurn } from "../../lib/kit/turn.ts";
import { KvLink } from "../../lib/kv/kv_link.ts";
import { KvStore } from "../../lib/store/kv_store.ts";
import { StoreUnavailable } from "../../lib/store/store.ts";
import { draft, UNLIMITED, WHOLE } from "./support/drafts.ts";
import { FaultyKv } from "../support/faulty_kv.ts";

async function open(stack: AsyncDisposableStack) {
  const faulty = new FaultyKv(await Deno.openKv(":memory:"));
  const store = stack.use(new KvStore(new KvLink(faulty.kv), UNLIMITED));
  return { store, faulty };
}

Deno.test("KvStore appends once, and as new, when the answer to a commit is lost", async () => {
  await using stack = new AsyncDisposableStack();
  const { store, faulty } = await open(stack);
  faulty.fates.push("unheard", "done", "unheard", "unheard");
  assertEquals(await store.append([draft("1"), draft("2", { unique: true })]), [
    { seq: 1, timestamp: draft("1").timestamp, duplicate: false },
    { seq: 2, timestamp: draft("2").timestamp, duplicate: false },
  ]);
  const [third, first] = await store.append([draft("3"), draft("1")]);
  assertEquals([third.seq, third.duplicate, first.seq, first.duplicate], [3, false, 1, true]);
  const [fourth] = await store.append([draft("4", { unique: true })]);
  assertEquals([fourth.seq, fourth.duplicate], [4, false]);
  assertEquals((await store.page("a", WHOLE)).messages.map(({ content }) => content), ["1", "2", "3", "4"]);
});

Deno.test("KvStore appends once when a commit is done late, after it was tried again", async () => {
  await using stack = new AsyncDisposableStack();
  const { store, faulty } = await open(stack);
  await store.append([draft("0")]);
  for (
    const [i, fates] of ([["late"], ["late", "lost"], ["late", "unheard"], ["lost", "late"]] as const)
      .entries()
  ) {
    faulty.fates.push(...fates);
    const [place] = await store.append([draft(`${i}`, { unique: true })]);
    assertEquals([place.seq, place.duplicate], [i + 2, false]);
    assertEquals((await store.page("a", WHOLE)).head, i + 2);
  }
});

Deno.test("KvStore appends after another who came in between an answer that was lost and the next try", async () => {
  await using stack = new AsyncDisposableStack();
  const { store, faulty } = await open(stack);
  const other = new KvStore(new KvLink(faulty.kv), UNLIMITED);
  await store.append([draft("0")]);
  faulty.fates.push("lost");
  let calls = 0;
  faulty.before = async () => {
    if (++calls === 2) await other.append([draft("between", { userId: "bob" })]);
  };
  const [place] = await store.append([draft("1")]);
  assertEquals([place.seq, place.duplicate], [3, false]);
  const { messages } = await store.page("a", WHOLE);
  assertEquals(messages.map(({ content }) => content), ["0", "between", "1"]);
});

Deno.test("KvStore makes a room, and is its maker, when the answer to the commit is lost", async () => {
  await using stack = new AsyncDisposableStack();
  const { store, faulty } = await open(stack);
  faulty.fates.push("unheard");
  const room = { roomId: "a", roomName: "A", visibility: "public", passwordHash: null } as const;
  assertEquals((await store.createRoom(room)).created, true);
  assertEquals((await store.createRoom(room)).created, false);
});

Deno.test("KvStore gives up within 3 s, and says that the same call may succeed later", async () => {
  await using stack = new AsyncDisposableStack();
  const { store, faulty } = await open(stack);
  const startedAt = performance.now();
  faulty.fates.push(...Array.from({ length: 1_000 }, () => "lost" as const));
  await assertRejects(() => store.append([draft("1")]), StoreUnavailable, "the connection broke");
  assert(performance.now() - startedAt < 3_500);
  faulty.fates.length = 0;
  assertEquals((await store.append([draft("1")]))[0].seq, 1);
});

Deno.test("KvStore lets nobody wait behind somebody who waited in vain", async () => {
  await using stack = new AsyncDisposableStack();
  const faulty = new FaultyKv(await Deno.openKv(":memory:"));
  const store = stack.use(new KvStore(new KvLink(faulty.kv, 300), UNLIMITED));
  faulty.isDown = true;
  const first = assertRejects(() => store.append([draft("1")]), StoreUnavailable);
  await new Promise<void>(afterThisTurn);
  let isSettled = false;
  const late = assertRejects(() => store.append([draft("late")]), StoreUnavailable)
    .then(() => isSettled = true);
  await first;
  await new Promise<void>(afterThisTurn);
  assert(isSettled);
  await late;
  faulty.isDown = false;
  assertEquals((await store.append([draft("1")]))[0].seq, 1);
});

Deno.test("KvStore takes a message that stands alone to the log in one call to the database", async () => {
  await using stack = new AsyncDisposableStack();
  const { store, faulty } = await open(stack);
  await store.append([draft("1")]);
  faulty.commits = 0;
  for (let i = 2; i <= 20; i++) await store.append([draft(`${i}`)]);
  assertEquals(faulty.commits, 19);
});

Deno.test("KvStore rejects with StoreUnavailable once its database is closed", async () => {
  const store = await KvStore.open(":memory:", UNLIMITED);
  await store[Symbol.asyncDispose]();
  await assertRejects(() => store.append([draft("1")]), StoreUnavailable);
  await assertRejects(() => store.page("a", WHOLE), StoreUnavailable);
});

Deno.test("KvStore brings to an end what is under way before it closes its database", async () => {
  const faulty = new FaultyKv(await Deno.openKv(":memory:"));
  const store = new KvStore(new KvLink(faulty.kv), UNLIMITED);
  faulty.fates.push("lost", "lost", "lost");
  const appending = store.append([draft("1")]);
  const joining = store.putMember("a", "ann", "Ann");
  await store[Symbol.asyncDispose]();
  assertEquals([(await appending)[0].seq, (await joining).role], [1, "member"]);
});

Deno.test("KvStore asks for no more than ten checks in one commit", async () => {
  await using stack = new AsyncDisposableStack();
  const { store, faulty } = await open(stack);
  const people = Array.from({ length: 40 }, (_, i) => `user ${i}`);
  for (const userId of people) await store.putMember("a", userId, userId);
  for (const count of [1, 9, 10, 40]) {
    await store.append(Array.from({ length: count }, () => draft(crypto.randomUUID())));
    await store.advance(people.map((userId) => ({ roomId: "a", userId, read: count })));
  }
  await store.createRoom({
    ...{ roomId: "a", roomName: "A", visibility: "public", passwordHash: null },
    owner: { userId: "ann", username: "Ann" },
  });
  assertEquals(faulty.mostChecks, 10);
});
