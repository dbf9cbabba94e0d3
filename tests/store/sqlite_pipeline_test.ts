import { assertEquals, assertRejects } from "@std/assert";
import { SqliteStore } from "../../lib/store/sqlite_store.ts";
import { StoreUnavailable } from "../../lib/store/store.ts";
import { draft, UNLIMITED } from "./support/drafts.ts";
import { startIdle, startScript } from "./support/start_script.ts";

/** Answers every call with what came with it, but nothing before it is told to go. */
const HELD = `
  let held = [];
  const answer = ({ calls }) => postMessage(
    calls ? { outcomes: calls.map(() => ({ value: calls.map(({ method }) => method).join(" ") })) } : { done: true },
  );
  onmessage = ({ data }) => {
    if (data === "go") {
      held.forEach(answer);
      held = undefined;
    } else if (held && data.calls) held.push(data);
    else answer(data);
  };`;

async function openHeld() {
  const worker = startScript(HELD);
  const store = await SqliteStore.open("unused.db", UNLIMITED, {
    startWorker: () => worker,
    startSearchWorker: startIdle,
  });
  return { store, go: () => worker.postMessage("go") };
}

/** What went together with each of four appends and reads, asked for in a turn of the microtasks of their own. */
async function companyOf(contentLength: number): Promise<unknown[]> {
  const { store, go } = await openHeld();
  await using _ = store;
  const calls: Promise<unknown>[] = [];
  for (const id of ["1", "2", "3", "4"]) {
    calls.push(store.append([draft(id, { content: "x".repeat(contentLength) })]), store.room("a"));
    await Promise.resolve();
    await Promise.resolve();
  }
  go();
  return await Promise.all(calls);
}

Deno.test("SqliteStore gathers what is asked for while its worker is busy, writes first", async () => {
  const late = "append append append room room room";
  assertEquals(await companyOf(100), ["append room", "append room", ...Array(6).fill(late)]);
});

Deno.test("SqliteStore has the next transaction ready for its worker where much waits", async () => {
  const late = Array(4).fill("append append room room");
  assertEquals(await companyOf(20_000), [...Array(4).fill("append room"), ...late]);
});

Deno.test("SqliteStore has its worker write a long text in several transactions", async () => {
  const { store, go } = await openHeld();
  await using _ = store;
  const long = draft("1", { content: "x".repeat(400_000) });
  const calls: Promise<unknown>[] = Array.from({ length: 5 }, () => store.append([long]));
  go();
  assertEquals<unknown[]>(await Promise.all(calls), [
    ...Array(3).fill("append append append"),
    ...Array(2).fill("append append"),
  ]);
});

Deno.test("SqliteStore holds up no writes for more than a few reads", async () => {
  const { store, go } = await openHeld();
  await using _ = store;
  const calls: Promise<unknown>[] = Array.from({ length: 70 }, () => store.room("a"));
  go();
  const batches = (await Promise.all(calls)).map((methods) => String(methods).split(" ").length);
  assertEquals(batches, [...Array(64).fill(32), ...Array(6).fill(6)]);
});

Deno.test("SqliteStore refuses calls once too much text waits", async () => {
  const { store, go } = await openHeld();
  await using _ = store;
  const million = draft("1", { content: "x".repeat(1_000_000) });
  const calls = Array.from({ length: 33 }, () => store.append([million]));
  await assertRejects(() => store.append([million]), StoreUnavailable, "does not keep up");
  calls.push(store.append([draft("2")]));
  go();
  await Promise.all(calls);
  await store.append([million]);
});

Deno.test("SqliteStore refuses calls once too many wait", async () => {
  const { store, go } = await openHeld();
  await using _ = store;
  const calls = Array.from({ length: 20_000 }, () => store.room("a"));
  await assertRejects(() => store.room("a"), StoreUnavailable, "does not keep up");
  go();
  await Promise.all(calls);
  await store.room("a");
});
