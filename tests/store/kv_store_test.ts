import { KvStore } from "../../lib/store/kv_store.ts";
import { testStore } from "../contracts/store_contract.ts";

testStore("KvStore", ({ retention, now }) => KvStore.open(":memory:", retention, now));
