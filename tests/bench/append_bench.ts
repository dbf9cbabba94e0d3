import { openStore } from "../../lib/store/open_store.ts";
import type { Draft, Store } from "../../lib/store/store.ts";

const RETENTION = { historyLimit: 10_000, historyMaxAgeMs: Infinity };
const stores = new Map<string, Promise<Store>>();
const folder = await Deno.makeTempDir({ prefix: "parley_bench_" });
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

/** Opened when it is first measured, as the worker of a store keeps the processor from others. */
function storeOf(url: string): Promise<Store> {
  const store = stores.get(url) ?? openStore(url, RETENTION);
  stores.set(url, store);
  return store;
}

/** Messages of now, one person's, to one room. */
function drafts(count: number): Draft[] {
  return Array.from({ length: count }, () => ({
    id: crypto.randomUUID(),
    roomId: "general",
    userId: "u1",
    username: "User One",
    content: "How are you? ".repeat(6),
    timestamp: Date.now(),
  }));
}

for (const url of ["memory:", `sqlite:${folder}/parley.db`]) {
  const [kind] = url.split(":");
  for (const count of [1, 10, 100]) {
    Deno.bench(`append: ${count} to ${kind}`, { group: `append ${count}` }, async (timer) => {
      const store = await storeOf(url);
      const batch = drafts(count);
      timer.start();
      await store.append(batch);
      timer.end();
    });
  }
}
