import { assertEquals } from "@std/assert";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openDatabase } from "../../lib/store/sqlite_open.ts";
import { APPLICATION_ID, MIGRATIONS } from "../../lib/store/sqlite_schema.ts";
import { SqliteStore } from "../../lib/store/sqlite_store.ts";
import { draft, UNLIMITED } from "./support/drafts.ts";
import { FRESH } from "../contracts/store/bench.ts";
import { indexAll } from "./support/indexed_store.ts";
import { temporaryFile } from "./support/temporary_file.ts";

/** Makes a file as the first version did, with two rooms, three members, and messages. */
function makeFirstVersion(file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  using database = new DatabaseSync(file);
  database.exec(`PRAGMA journal_mode = WAL; ${MIGRATIONS[0]}`);
  database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = 1`);
  database.exec(`
    INSERT INTO room VALUES (1, 'a', 'epoch of a', 300, 1000, 'A', 'public', NULL),
      (2, 'b', 'epoch of b', 0, 2000, 'B', 'private', 'hash');
    INSERT INTO member VALUES (3, 1, 'ann', 'Ann', 0, 7, 5), (5, 1, 'bob', 'Bob', 2, 0, 0), (4, 2, 'bob', 'Bob', 1, 0, 0);
    WITH n (seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM n WHERE seq < 300)
    INSERT INTO message SELECT (1 << 36) | seq, 'ann', 'm' || seq, 0, 'Ann', '我家在上海东边 ' || seq, 1790000000000 + seq, NULL, NULL
      FROM n;
  `);
}

Deno.test("SqliteStore brings a file of the first version up to date, and loses nothing", async () => {
  await using stack = new AsyncDisposableStack();
  const file = await temporaryFile(stack);
  makeFirstVersion(file);
  await using store = await SqliteStore.open(file, UNLIMITED);
  const [a, b] = [(await store.room("a"))!, (await store.room("b"))!];
  assertEquals([a.epoch, a.head, b.passwordHash], ["epoch of a", 300, "hash"]);
  const ann = { roomId: "a", userId: "ann", username: "Ann", role: "owner", ...FRESH, delivered: 7, read: 5 };
  assertEquals<unknown>(await store.standing("a", "ann"), ann);
  assertEquals(
    (await store.memberships("bob", 9)).map(({ room, membership }) => [room.roomId, membership.role]),
    [
      ["a", "member"],
      ["b", "admin"],
    ],
  );
  const again = await store.append([draft("m300"), draft("new", { timestamp: 1_790_000_001_000 })]);
  assertEquals(again.map(({ seq, duplicate }) => [seq, duplicate]), [[300, true], [301, false]]);
  for (const _ of [1, 2]) {
    const { messages, more } = await store.search({ userId: "bob", words: ["上海", "29"], limit: 3 });
    assertEquals([messages.map(({ seq }) => seq), more], [[299, 298, 297], true]);
    indexAll(file);
  }
});

Deno.test("every way to the current schema leads to the same one", async () => {
  await using stack = new AsyncDisposableStack();
  const [old, fresh] = [await temporaryFile(stack), await temporaryFile(stack)];
  makeFirstVersion(old);
  const [one, two] = [old, fresh].map((file) => {
    using database = openDatabase(file, 10);
    return database.prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY name").all();
  });
  assertEquals(one, two);
});

Deno.test("looking a name up does not read everybody", async () => {
  await using stack = new AsyncDisposableStack();
  using database = openDatabase(await temporaryFile(stack), 10);
  const plan = database.prepare("EXPLAIN QUERY PLAN SELECT * FROM person WHERE username = ? ORDER BY user_id")
    .all("x");
  assertEquals(plan.map(({ detail }) => detail), ["SEARCH person USING INDEX person_named (username=?)"]);
});

Deno.test("SqliteStore does not write what is written already", async () => {
  await using stack = new AsyncDisposableStack();
  const file = await temporaryFile(stack);
  await using store = await SqliteStore.open(file, UNLIMITED);
  await store.putPerson({ userId: "ann", username: "Ann", lastSeen: 5 });
  const ann = await store.putMember("a", "ann", "Ann");
  using other = new DatabaseSync(file);
  other.exec("BEGIN IMMEDIATE");
  await store.putPerson({ userId: "ann", username: "Ann", lastSeen: 5 });
  assertEquals(await store.putMember("a", "ann", "Ann"), ann);
  other.exec("ROLLBACK");
});
