import { assertEquals, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { existsSync } from "node:fs";
import { startSqliteWorker } from "../../lib/store/sqlite_link.ts";
import { StoreUnavailable } from "../../lib/store/store.ts";
import { testStore } from "../contracts/store_contract.ts";
import { draft, UNLIMITED, WHOLE } from "./support/drafts.ts";
import { SharedDatabase } from "./support/shared_database.ts";
import { startScript } from "./support/start_script.ts";
import { temporaryFile } from "./support/temporary_file.ts";

testStore("SqliteStore over shared workers", async ({ retention, now }, stack) => {
  const database = stack.use(new SharedDatabase(await temporaryFile(stack)));
  return await database.open(retention, now);
});

Deno.test("SharedSqlite numbers a room without gaps for all who write, and all read what one has written", async () => {
  await using stack = new AsyncDisposableStack();
  const database = stack.use(new SharedDatabase(await temporaryFile(stack)));
  const stores = await Promise.all([1, 2, 3].map(() => database.open(UNLIMITED)));
  for (const store of stores) stack.use(store);
  const speak = async (i: number) => {
    const seqs: number[] = [];
    for (let j = 0; j < 40; j++) {
      const [{ seq }] = await stores[i].append([draft(`${i}.${j}`, { userId: `u${i}` })]);
      const { messages } = await stores[(i + 1) % 3].page("a", { ...WHOLE, after: seq - 1 });
      assertEquals(messages[0].userId, `u${i}`);
      seqs.push(seq);
    }
    return seqs;
  };
  const spoken = await Promise.all([0, 1, 2].map(speak));
  assertEquals(spoken.flat().sort((a, b) => a - b), Array.from({ length: 120 }, (_, i) => i + 1));
  for (const seqs of spoken) assertEquals(seqs, seqs.toSorted((a, b) => a - b));
});

Deno.test("SharedSqlite goes on for the others when one has gone, and leaves no log beside the file", async () => {
  await using stack = new AsyncDisposableStack();
  const file = await temporaryFile(stack);
  {
    await using database = new SharedDatabase(file);
    await using one = await database.open(UNLIMITED);
    const two = await database.open(UNLIMITED);
    await Promise.all([one.append([draft("1")]), two.append([draft("2")])]);
    await two[Symbol.asyncDispose]();
    await assertRejects(() => two.append([draft("3")]), StoreUnavailable);
    assertEquals((await one.append([draft("4")]))[0].seq, 3);
  }
  assertEquals([existsSync(file), existsSync(`${file}-wal`)], [true, false]);
});

Deno.test("SharedSqlite refuses each who opens a file that cannot be opened, in one sentence", async () => {
  await using stack = new AsyncDisposableStack();
  const file = await Deno.makeTempFile();
  stack.defer(() => Deno.remove(file));
  await Deno.writeTextFile(file, "This is no database. ".repeat(100));
  const database = stack.use(new SharedDatabase(file));
  for (let i = 0; i < 2; i++) await assertRejects(() => database.open(UNLIMITED), Error, "not a database");
});

Deno.test("SharedSqlite starts a worker that crashed again, for all who use it", async () => {
  using time = new FakeTime();
  await using stack = new AsyncDisposableStack();
  const workers = [
    () =>
      startScript(`onmessage = ({ data: { connect: port } }) => {
        port.onmessage = ({ data }) => {
          if ("open" in data) port.postMessage({ done: true });
          else setTimeout(() => { throw new Error("a crash that belongs to a test"); });
        };
      };`),
    startSqliteWorker,
  ];
  const start = { log: () => workers.shift()!(), search: startSearcher };
  const database = stack.use(new SharedDatabase(await temporaryFile(stack), start));
  const stores = [await database.open(UNLIMITED), await database.open(UNLIMITED)];
  for (const store of stores) stack.use(store);
  const lost = stores.map((store) => store.append([draft("1")]));
  for (const call of lost) await assertRejects(() => call, StoreUnavailable, "crash");
  await time.tickAsync(100);
  assertEquals(workers.length, 0);
  const kept = await Promise.all(stores.map((store, i) => store.append([draft(`after ${i}`)])));
  assertEquals(kept.flat().map(({ seq }) => seq).sort(), [1, 2]);
});

/** A worker for searches that finds nothing. */
function startSearcher(): Worker {
  return startScript(`onmessage = ({ data }) => {
    if ("close" in data) postMessage({ done: true });
    else data.connect.onmessage = () => data.connect.postMessage({ done: true });
  };`);
}
