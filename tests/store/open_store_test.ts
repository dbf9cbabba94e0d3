import { assert, assertEquals, assertRejects } from "@std/assert";
import { openStore } from "../../lib/store/open_store.ts";
import { UNLIMITED } from "./support/drafts.ts";
import { temporaryFile } from "./support/temporary_file.ts";

const HINT =
  "use memory:, kv:, sqlite: and a file, as in sqlite:data/parley.db, or the address of a Redis, " +
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

Deno.test("openStore() opens kv: with a file, and makes its folder", async () => {
  await using stack = new AsyncDisposableStack();
  const file = await temporaryFile(stack);
  await using kv = await openStore(`kv:${file}`, UNLIMITED);
  assertEquals(kv.kind, "kv");
  assertEquals((await Deno.stat(file)).isFile, true);
});

Deno.test("openStore() says what is missing where there is no key-value database", async () => {
  const openKv = Object.getOwnPropertyDescriptor(Deno, "openKv")!;
  Object.defineProperty(Deno, "openKv", { value: undefined, configurable: true });
  try {
    const { message } = await assertRejects(() => openStore("kv:", UNLIMITED), Error);
    assertEquals(
      message,
      "This runtime has no key-value database: run deno with --unstable-kv, or attach a database to the app",
    );
  } finally {
    Object.defineProperty(Deno, "openKv", openKv);
  }
});

Deno.test("openStore() says why a key-value database cannot be opened", async () => {
  const { message } = await assertRejects(() => openStore("kv:/proc/none/x.db", UNLIMITED), Error);
  assert(message.startsWith('Cannot open the key-value database "/proc/none/x.db": '), message);
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
