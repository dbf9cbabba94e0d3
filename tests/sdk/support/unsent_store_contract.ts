import { assertEquals } from "@std/assert";
import type { StoredMessage, UnsentStore } from "../../../static/sdk/unsent_store.ts";

function stored(id: string, changes: Partial<StoredMessage> = {}): StoredMessage {
  return { id, roomId: "general", content: id, createdAt: 1, ...changes };
}

async function idsIn(store: UnsentStore, key: string): Promise<string[]> {
  return (await store.load(key)).map((message) => message.id).sort();
}

/** What every `UnsentStore` must do. */
export async function checkUnsentStore(store: UnsentStore): Promise<void> {
  assertEquals(await store.load("ada"), []);

  const whole = stored("m1", { replyTo: "m0", error: { code: "forbidden", message: "No", retryAfterMs: 5 } });
  await store.put("ada", whole);
  assertEquals(await store.load("ada"), [whole]);

  await store.put("ada", stored("m1", { content: "changed" }));
  assertEquals((await store.load("ada")).map((message) => message.content), ["changed"]);

  await store.put("ada", stored("m2"));
  await store.put("grace", stored("m1"));
  await store.put("ada/m1", stored("m9"));
  assertEquals([await idsIn(store, "ada"), await idsIn(store, "grace")], [["m1", "m2"], ["m1"]]);

  await store.remove("ada", "m1");
  await store.remove("ada", "never there");
  assertEquals([await idsIn(store, "ada"), await idsIn(store, "grace")], [["m2"], ["m1"]]);

  const many = Array.from({ length: 200 }, (_, n) => stored(`n${n}`, { createdAt: n }));
  await Promise.all(many.map((message) => store.put("many", message)));
  assertEquals((await store.load("many")).length, 200);
  await Promise.all(many.map((message) => store.remove("many", message.id)));
  assertEquals(await store.load("many"), []);
}
