import { assertEquals, assertRejects } from "@std/assert";
import { openStore } from "../../lib/store/open_store.ts";
import { UNLIMITED } from "./support/drafts.ts";
import { temporaryFile } from "./support/temporary_file.ts";

const HINT = "use memory:, sqlite: and a file, as in sqlite:data/parley.db, or the address of a Redis, " +
  "as in redis://localhost:6379";

Deno.test("openStore() opens memory: and sqlite:<file>", async () => {
  await using stack = new AsyncDisposableStack();
  await using memory = await openStore("memory:", UNLIMITED);
  assertEquals(memory.kind, "memory");
  const file = await temporaryFile(stack);
  {
    await using sqlite = await openStore(`sqlite:${file}`, UNLIMITED);
    assertEquals(sqlite.kind, "sqlite");
  }
  assertEquals((await Deno.stat(file)).isFile, true);
});

Deno.test("openStore() takes no more of what it is given than retention", async () => {
  await using stack = new AsyncDisposableStack();
  const settings = { ...UNLIMITED, cannotBeCloned: () => {} };
  await using store = await openStore(`sqlite:${await temporaryFile(stack)}`, settings);
  assertEquals(store.kind, "sqlite");
});

Deno.test("openStore() refuses what it does not know, without repeating a password", async () => {
  const refusals = [
    ["postgres://me:secret@host:5432", 'a store of the kind "postgres:"'],
    ["kv:", 'a store of the kind "kv:"'],
    ["data/parley.db", 'a store of the kind "data/parley.db"'],
    ["", 'a store of the kind ""'],
    ["memory:x", '"memory:x"'],
    ["sqlite:", '"sqlite:"'],
    ["sqlite::memory:", '"sqlite::memory:"'],
    ["sqlite:data/", '"sqlite:data/"'],
    ["sqlite://data/parley.db", '"sqlite://data/parley.db"'],
  ];
  for (const [url, what] of refusals) {
    const { message } = await assertRejects(() => openStore(url, UNLIMITED), Error);
    assertEquals(message, `Cannot open ${what}: ${HINT}`);
  }
});
