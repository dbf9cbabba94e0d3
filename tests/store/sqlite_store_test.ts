import { SqliteStore } from "../../lib/store/sqlite_store.ts";
import { testStore } from "../contracts/store_contract.ts";
import { temporaryFile } from "./support/temporary_file.ts";

testStore("SqliteStore", async ({ retention, now }, stack) => {
  return await SqliteStore.open(await temporaryFile(stack), retention, { now });
});
