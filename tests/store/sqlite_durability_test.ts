import { assert, assertEquals, assertRejects } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { SqliteStore } from "../../lib/store/sqlite_store.ts";
import { FOREVER } from "../../lib/store/standing.ts";
import { StoreUnavailable } from "../../lib/store/store.ts";
import { draft, UNLIMITED, WHOLE } from "./support/drafts.ts";
import { temporaryFile } from "./support/temporary_file.ts";

Deno.test("SqliteStore finds everything again after it was closed", async () => {
  await using stack = new AsyncDisposableStack();
  const file = await temporaryFile(stack);
  const read = async (store: SqliteStore) => [
    await store.page("a", WHOLE),
    await store.room("b"),
    await store.members("b", 10),
    await store.memberships("ann", 10),
    await store.rooms("ann", 10),
    await store.standing("b", "eve"),
    await store.standing("b", "bob"),
    await store.person("ann"),
    await store.peopleNamed("Ann", 10),
    await store.search({ userId: undefined, words: ["2"], limit: 10 }),
  ];
  let before: unknown[];
  {
    await using store = await SqliteStore.open(file, UNLIMITED);
    await store.append([draft("1"), draft("2"), draft("3", { unique: true })]);
    const owner = { userId: "ann", username: "Ann" };
    await store.createRoom({ roomId: "b", roomName: "B", visibility: "private", passwordHash: "x", owner });
    await store.putMember("b", "bob", "Bob");
    await store.changeStanding("b", "eve", { bannedUntil: FOREVER, isInvited: true });
    await store.putPerson({ userId: "ann", username: "Ann", lastSeen: 5 });
    await store.updateRoom("b", { roomName: "New", visibility: "public" });
    await store.append([draft("4", { roomId: "b" }), draft("5", { roomId: "b" })]);
    await store.advance([{ roomId: "b", userId: "bob", read: 1, delivered: 2 }]);
    before = await read(store);
  }
  await using store = await SqliteStore.open(file, UNLIMITED);
  assertEquals(await read(store), before);
  const again = await store.append([draft("2"), draft("6")]);
  assertEquals(again.map(({ seq, duplicate }) => [seq, duplicate]), [[2, true], [4, false]]);
});

Deno.test("SqliteStore finishes what it accepted before it closes, and takes no more", async () => {
  await using stack = new AsyncDisposableStack();
  const file = await temporaryFile(stack);
  const store = await SqliteStore.open(file, UNLIMITED);
  const accepted = Array.from({ length: 200 }, (_, i) => store.append([draft(`${i}`)]));
  const page = store.page("a", WHOLE);
  const closing = store[Symbol.asyncDispose]();
  await assertRejects(() => store.append([draft("late")]), StoreUnavailable);
  assertEquals((await Promise.all(accepted)).flat().map(({ seq }) => seq), accepted.map((_, i) => i + 1));
  assertEquals((await page).messages.length, 200);
  await closing;
  await store[Symbol.asyncDispose]();
  await assertRejects(() => store.room("a"), StoreUnavailable);
  await using reopened = await SqliteStore.open(file, UNLIMITED);
  assertEquals((await reopened.page("a", WHOLE)).head, 200);
});

Deno.test("SqliteStore leaves one file behind when it is closed", async () => {
  await using stack = new AsyncDisposableStack();
  const file = await temporaryFile(stack);
  {
    await using store = await SqliteStore.open(file, UNLIMITED);
    await store.append([draft("1")]);
  }
  const names = await Array.fromAsync(Deno.readDir(file.replace(/\/[^/]*$/, "")), ({ name }) => name);
  assertEquals(names, ["parley.db"]);
});

Deno.test("SqliteStore forgets messages in steps that stay small", async () => {
  await using stack = new AsyncDisposableStack();
  const file = await temporaryFile(stack);
  let now = 1_790_000_000_000;
  await using store = await SqliteStore.open(file, { ...UNLIMITED, historyLimit: 10 }, { now: () => now });
  using database = new DatabaseSync(file, { readOnly: true });
  const rows = () => Number(database.prepare("SELECT count(*) AS count FROM message").get()!.count);
  await store.append(Array.from({ length: 1700 }, (_, i) => draft(`${i}`, { timestamp: now })));
  assertEquals(await store.retain(), false);
  assertEquals(rows(), 1700);
  now += 11 * 60_000;
  const left: number[] = [];
  for (let more = true; more;) {
    more = await store.retain();
    left.push(rows());
  }
  assertEquals(left, [1200, 700, 200, 10]);
});

Deno.test("SqliteStore loses nothing that it acknowledged when its process is killed", async () => {
  await using stack = new AsyncDisposableStack();
  const file = await temporaryFile(stack);
  const script = new URL("./support/append_until_killed.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--no-config", "--no-lock", script, file],
    stdout: "piped",
  }).spawn();
  const acknowledged: string[] = [];
  let rest = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    acknowledged.push(...lines);
    if (acknowledged.length >= 500) child.kill("SIGKILL");
  }
  assertEquals((await child.status).signal, "SIGKILL");
  assert(acknowledged.length >= 500);

  await using store = await SqliteStore.open(file, UNLIMITED);
  const { head, messages } = await store.page("a", { limit: Infinity, maxLength: Infinity });
  const kept = messages.map(({ seq, content }) => `${seq} ${content}`);
  assertEquals(messages.map(({ seq }) => seq), Array.from({ length: head }, (_, i) => i + 1));
  assertEquals(acknowledged.filter((line) => !kept.includes(line)), []);
  const [userId, id] = messages[0].content.split(" ");
  assertEquals((await store.append([draft(id, { userId })]))[0].duplicate, true);
});
