import { MemoryStore } from "../../static/sdk/memory_store.ts";
import { checkUnsentStore } from "./support/unsent_store_contract.ts";

Deno.test("MemoryStore keeps what an unsent store must keep", () => checkUnsentStore(new MemoryStore()));
