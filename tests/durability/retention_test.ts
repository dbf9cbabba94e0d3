import { assertEquals } from "@std/assert";
import { SqliteStore } from "../../lib/store/sqlite_store.ts";
import { Peer, type Said } from "../support/peer.ts";
import { TestServer } from "../support/server.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const UNLIMITED = { historyLimit: Infinity, historyMaxAgeMs: Infinity };

/** Makes a log of a hundred messages, the first forty of them two days old. */
async function makeLog(file: string): Promise<string> {
  await using store = await SqliteStore.open(file, UNLIMITED);
  const owner = { userId: "ann", username: "Ann" };
  const room = {
    roomId: "general",
    roomName: "general",
    visibility: "public",
    passwordHash: null,
    owner,
  } as const;
  const { epoch } = (await store.createRoom(room)).room;
  const now = Date.now();
  await store.append(Array.from({ length: 100 }, (_, i) => ({
    ...{ id: `m${i + 1}`, roomId: "general", userId: "ann", username: "Ann", content: `${i + 1}` },
    timestamp: now - (i < 40 ? 2 * DAY_MS : 0),
  })));
  return epoch;
}

for (
  const [name, settings, first] of [
    ["number", { HISTORY_LIMIT: "30" }, 71],
    ["age", { HISTORY_MAX_AGE_DAYS: "1" }, 41],
    ["number, where age would keep more", { HISTORY_LIMIT: "30", HISTORY_MAX_AGE_DAYS: "1" }, 71],
    ["age, where number would keep more", { HISTORY_LIMIT: "90", HISTORY_MAX_AGE_DAYS: "1" }, 41],
  ] as const
) {
  Deno.test(`a position that fell off the log by ${name} is not recovered, the next one is`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "parley_retention_" });
    const epoch = await makeLog(`${folder}/parley.db`);
    {
      await using server = await TestServer.start({ STORE: `sqlite:${folder}/parley.db`, ...settings });
      await using bob = await Peer.signIn(server, "bob");
      const ask = async (after: number) => {
        bob.send({ type: "join", roomId: "general", after, epoch });
        const { recovered, history, seq, epoch: same } = await bob.next("room_history");
        await bob.next("joined");
        const [oldest, newest] = [(history as Said[])[0]?.seq, (history as Said[]).at(-1)?.seq];
        return [recovered, oldest, newest, seq, same === epoch];
      };
      const newestPage = [false, Math.max(first, 51), 100, 100, true];
      assertEquals(await ask(0), newestPage);
      assertEquals(await ask(first - 2), newestPage);
      assertEquals(await ask(first - 1), [true, first, 100, 100, true]);
      assertEquals(await ask(100), [true, undefined, undefined, 100, true]);
      const older = await bob.ask({ type: "history", roomId: "general", before: first + 5, limit: 50 });
      assertEquals((older.history as Said[]).map(({ seq }) => seq), [0, 1, 2, 3, 4].map((i) => first + i));
      assertEquals(older.more, false);
      const { seq } = await bob.ask({ type: "chat", roomId: "general", content: "101" });
      assertEquals(seq, 101);
    }
    await Deno.remove(folder, { recursive: true });
  });
}
