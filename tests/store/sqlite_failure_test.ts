import { assert, assertEquals, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { DatabaseSync } from "node:sqlite";
import type { Call, Outcome } from "../../lib/store/sqlite_calls.ts";
import { SqliteDatabase } from "../../lib/store/sqlite_database.ts";
import { startSqliteWorker } from "../../lib/store/sqlite_link.ts";
import { openDatabase } from "../../lib/store/sqlite_open.ts";
import { SqliteStore } from "../../lib/store/sqlite_store.ts";
import { StoreUnavailable } from "../../lib/store/store.ts";
import { draft, UNLIMITED, WHOLE } from "./support/drafts.ts";
import { startIdle, startScript } from "./support/start_script.ts";
import { temporaryFile } from "./support/temporary_file.ts";

/** A database in this thread, whose connection can be told to fail. */
async function openHere(stack: AsyncDisposableStack) {
  const connection = openDatabase(await temporaryFile(stack), 10);
  const database = stack.use(new SqliteDatabase(connection, UNLIMITED));
  const execute = (...calls: Call[]) => database.execute(calls, 0);
  return { connection, execute };
}

function append(...ids: string[]): Call {
  return { method: "append", args: [ids.map((id) => draft(id))] };
}

/** The numbers an append gave, or how it failed. */
function seqs(outcome: Outcome): number[] | string {
  if (!("value" in outcome)) return "unavailable" in outcome ? "unavailable" : "failed";
  return (outcome.value as { seq: number }[]).map(({ seq }) => seq);
}

function contents(outcome: Outcome): string[] {
  assert("value" in outcome);
  return (outcome.value as { messages: { content: string }[] }).messages.map(({ content }) => content);
}

const PAGE: Call = { method: "page", args: ["a", WHOLE] };

Deno.test("SqliteStore refuses writes while another process holds the lock, and goes on after it", async () => {
  await using stack = new AsyncDisposableStack();
  const file = await temporaryFile(stack);
  await using store = await SqliteStore.open(file, UNLIMITED, { busyTimeoutMs: 10 });
  await store.append([draft("1")]);
  const ann = await store.putMember("a", "ann", "Ann");
  using other = new DatabaseSync(file);
  other.exec("BEGIN IMMEDIATE");
  const refused = [
    () => store.append([draft("2"), draft("3", { roomId: "b" })]),
    () => store.createRoom({ roomId: "a", roomName: "A", visibility: "public", passwordHash: null }),
    () => store.putMember("a", "ann", "Anne"),
    () => store.putMember("a", "bob", "Bob"),
    () => store.removeMember("a", "ann"),
  ];
  for (const call of refused) await assertRejects(call as () => Promise<unknown>, StoreUnavailable);
  // Reads go on, and so does what has nothing to write.
  assertEquals((await store.page("a", WHOLE)).head, 1);
  const together = [store.putMember("a", "ann", "Ann"), store.append([draft("2")]), store.room("a")];
  const ends = await Promise.allSettled<unknown>(together);
  assertEquals(ends.map(({ status }) => status), ["fulfilled", "rejected", "fulfilled"]);
  other.exec("ROLLBACK");
  assertEquals((await store.append([draft("2"), draft("1")])).map(({ seq }) => seq), [2, 1]);
  assertEquals(await store.members("a", 10), [{ ...ann, delivered: 2, read: 2, lastSeen: 0 }]);
  assertEquals((await store.page("b", WHOLE)).head, 0);
});

Deno.test("SqliteDatabase stores nothing of a batch while the disk is full, and goes on after it", async () => {
  await using stack = new AsyncDisposableStack();
  const { connection, execute } = await openHere(stack);
  assertEquals(seqs(execute(append("1"))[0]), [1]);
  const pages = connection.prepare("PRAGMA page_count").get()!.page_count;
  connection.exec(`PRAGMA max_page_count = ${pages}`);
  const large = draft("large", { content: "x".repeat(100_000) });
  const [first, second, page] = execute(append("2"), { method: "append", args: [[large]] }, PAGE);
  assertEquals([seqs(first), seqs(second), contents(page)], ["unavailable", "unavailable", ["1"]]);
  connection.exec("PRAGMA max_page_count = 100000");
  assertEquals(execute(append("2", "3"), append("2", "4")).map(seqs), [[2, 3], [2, 4]]);
});

Deno.test("SqliteDatabase stores nothing while the file is read-only, and goes on after it", async () => {
  await using stack = new AsyncDisposableStack();
  const { connection, execute } = await openHere(stack);
  execute(append("1"));
  connection.exec("PRAGMA query_only = ON");
  assertEquals(execute(append("2"), append("3")).map(seqs), ["unavailable", "unavailable"]);
  connection.exec("PRAGMA query_only = OFF");
  assertEquals(execute(append("3"), append("2")).map(seqs), [[2], [3]]);
});

Deno.test("SqliteDatabase fails a broken call alone", async () => {
  await using stack = new AsyncDisposableStack();
  const { connection, execute } = await openHere(stack);
  connection.exec(`CREATE TRIGGER fails BEFORE INSERT ON message WHEN new.content = 'broken'
    BEGIN SELECT RAISE(ABORT, 'broken'); END`);
  const member: Call = { method: "putMember", args: ["a", "ann", "Ann"] };
  const outcomes = execute(append("1"), append("2", "broken"), append("3"), append("broken"), member, PAGE);
  assertEquals(outcomes.slice(0, 4).map(seqs), [[1], "failed", [2], "failed"]);
  assertEquals((outcomes[4] as { value: { read: number } }).value.read, 2);
  assertEquals(contents(outcomes[5]), ["1", "3"]);
  assertEquals(execute(append("4")).map(seqs), [[3]]);
});

Deno.test("SqliteStore fails a call that it cannot understand alone, and not as passing", async () => {
  await using stack = new AsyncDisposableStack();
  await using store = await SqliteStore.open(await temporaryFile(stack), UNLIMITED);
  const broken = draft("3", { content: 5 as unknown as string });
  const calls = [[draft("1")], [draft("2"), broken], [draft("2")]].map((drafts) => store.append(drafts));
  const error = await assertRejects(() => calls[1], Error);
  assert(!(error instanceof StoreUnavailable));
  assertEquals([(await calls[0])[0].seq, (await calls[2])[0].seq], [1, 2]);
});

Deno.test("SqliteStore starts a worker that crashed again, and then later and later", async () => {
  using time = new FakeTime();
  await using stack = new AsyncDisposableStack();
  const workers = [
    () =>
      startScript(`onmessage = ({ data }) => {
        if ("open" in data) postMessage({ done: true });
        else throw new Error("a crash that belongs to a test");
      };`),
    () => startScript('onmessage = () => postMessage({ refused: "not yet" });'),
    startSqliteWorker,
  ];
  const options = { startWorker: () => workers.shift()!(), startSearchWorker: startIdle };
  await using store = await SqliteStore.open(await temporaryFile(stack), UNLIMITED, options);
  const lost = [store.append([draft("1")]), store.append([draft("2")]), store.room("a")];
  for (const call of lost) await assertRejects(() => call, StoreUnavailable, "crash");
  await assertRejects(() => store.append([draft("3")]), StoreUnavailable);
  assertEquals(workers.length, 2);
  await time.tickAsync(100);
  assertEquals(workers.length, 1);
  await assertRejects(() => store.append([draft("3")]), StoreUnavailable);
  await time.tickAsync(199);
  assertEquals(workers.length, 1);
  await time.tickAsync(1);
  assertEquals(workers.length, 0);
  assertEquals((await store.append([draft("4")]))[0].seq, 1);
});
