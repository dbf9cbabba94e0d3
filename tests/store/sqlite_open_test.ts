import { assert, assertEquals, assertRejects } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { openDatabase } from "../../lib/store/sqlite_open.ts";
import { MIGRATIONS } from "../../lib/store/sqlite_schema.ts";
import { SqliteStore } from "../../lib/store/sqlite_store.ts";
import { draft, UNLIMITED, WHOLE } from "./support/drafts.ts";
import { temporaryFile } from "./support/temporary_file.ts";

/** Makes a database of ours with some messages, and closes it. */
async function makeDatabase(file: string): Promise<void> {
  await using store = await SqliteStore.open(file, UNLIMITED);
  await store.append(Array.from({ length: 300 }, (_, i) => draft(`${i}`, { content: "x".repeat(500) })));
}

async function refuses(file: string, reason: string, busyTimeoutMs?: number): Promise<void> {
  const error = await assertRejects(() => SqliteStore.open(file, UNLIMITED, { busyTimeoutMs }), Error);
  assertEquals(error.message, `Cannot open the database "${file}": ${reason}`);
}

Deno.test("SqliteStore.open() refuses a file that is not a database, and leaves it alone", async () => {
  await using stack = new AsyncDisposableStack();
  const file = (await temporaryFile(stack)).replace("/new", "");
  await Deno.writeTextFile(file, "These are notes, not a database. ".repeat(50));
  await refuses(file, "it is not a database; name another file");
  assertEquals((await Deno.readTextFile(file)).length, 1650);
});

Deno.test("SqliteStore.open() refuses a file that is damaged", async () => {
  await using stack = new AsyncDisposableStack();
  const damaged = "it is damaged; restore a backup, or move it away to start with an empty one";
  const cut = await temporaryFile(stack);
  await makeDatabase(cut);
  await Deno.truncate(cut, (await Deno.stat(cut)).size / 2);
  await refuses(cut, damaged);

  const scratched = await temporaryFile(stack);
  await makeDatabase(scratched);
  using disk = await Deno.open(scratched, { write: true });
  for (let page = 3; page < 40; page++) {
    await disk.seek(page * 4096, Deno.SeekMode.Start);
    await disk.write(crypto.getRandomValues(new Uint8Array(4096)));
  }
  await refuses(scratched, damaged);
});

Deno.test("SqliteStore.open() refuses a database of another program, or of a newer version", async () => {
  await using stack = new AsyncDisposableStack();
  const foreign = (await temporaryFile(stack)).replace("/new", "");
  {
    using database = new DatabaseSync(foreign);
    database.exec("CREATE TABLE songs (title TEXT)");
  }
  await refuses(foreign, "it belongs to another program; name another file");
  const newer = await temporaryFile(stack);
  await makeDatabase(newer);
  {
    using database = new DatabaseSync(newer);
    database.exec("PRAGMA user_version = 99");
  }
  const reason = `it was written by a newer version (schema 99, this one knows ${MIGRATIONS.length}); ` +
    "start that version, or name another file";
  await refuses(newer, reason);
});

Deno.test("SqliteStore.open() refuses a folder, and a place where no folder can be made", async () => {
  await using stack = new AsyncDisposableStack();
  const folder = (await temporaryFile(stack)).replace("/new/parley.db", "");
  for (const file of [folder, "/dev/null/parley.db"]) {
    const { message } = await assertRejects(() => SqliteStore.open(file, UNLIMITED), Error);
    assert(message.startsWith(`Cannot open the database "${file}": `), message);
    assert(message.endsWith("; the file and its folder must be readable and writable"), message);
  }
});

Deno.test("SqliteStore.open() refuses a file that stays locked", async () => {
  await using stack = new AsyncDisposableStack();
  const file = await temporaryFile(stack);
  await makeDatabase(file);
  using database = new DatabaseSync(file);
  database.exec("BEGIN IMMEDIATE");
  await refuses(file, "another process holds a lock on it; end that process", 10);
});

Deno.test("openDatabase() has every commit wait for the disk", async () => {
  await using stack = new AsyncDisposableStack();
  using database = openDatabase(await temporaryFile(stack), 10);
  assertEquals({ ...database.prepare("PRAGMA synchronous").get() }, { synchronous: 2 });
  assertEquals({ ...database.prepare("PRAGMA journal_mode").get() }, { journal_mode: "wal" });
});

Deno.test("SqliteStore.open() makes a new file once when several open it at the same time", async () => {
  await using stack = new AsyncDisposableStack();
  const file = await temporaryFile(stack);
  const stores = await Promise.all([1, 2, 3].map(() => SqliteStore.open(file, UNLIMITED)));
  for (const store of stores) stack.use(store);
  for (const [i, store] of stores.entries()) await store.append([draft(`${i}`)]);
  for (const store of stores) assertEquals((await store.page("a", WHOLE)).messages.length, 3);
});
