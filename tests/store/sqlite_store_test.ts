import { SqliteStore } from "../../lib/store/sqlite_store.ts";
import { testSearchOf, testStore } from "../contracts/store_contract.ts";
import { indexBefore } from "./support/indexed_store.ts";
import { temporaryFile } from "./support/temporary_file.ts";

testStore("SqliteStore", async ({ retention, now }, stack) => {
  return await SqliteStore.open(await temporaryFile(stack), retention, { now });
});

testSearchOf("SqliteStore, indexed", async ({ retention, now }, stack) => {
  const file = await temporaryFile(stack);
  return indexBefore(await SqliteStore.open(file, retention, { now }), file);
});
