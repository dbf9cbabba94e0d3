import { SqliteStore } from "../../../lib/store/sqlite_store.ts";

/** Appends to the file it is given until it is killed, and writes each `seq` once it was acknowledged. */
const [file] = Deno.args;
const retention = { historyLimit: Infinity, historyMaxAgeMs: Infinity };
const store = await SqliteStore.open(file, retention);

async function speak(userId: string): Promise<void> {
  for (let i = 1;; i++) {
    const draft = {
      id: `${i}`,
      roomId: "a",
      userId,
      username: userId,
      content: `${userId} ${i}`,
      timestamp: i,
    };
    const [{ seq }] = await store.append([draft]);
    console.log(`${seq} ${draft.content}`);
  }
}

await Promise.all(["ann", "bob", "cy"].map(speak));
