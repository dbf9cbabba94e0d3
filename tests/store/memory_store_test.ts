import { MemoryStore } from "../../lib/store/memory_store.ts";
import { testStore } from "../contracts/store_contract.ts";

testStore("MemoryStore", ({ retention, now }) => Promise.resolve(new MemoryStore(retention, now)));
