import { assertEquals } from "@std/assert";
import { RedisStore } from "../../lib/store/redis_store.ts";
import { RedisServer, redisTest } from "../support/redis_server.ts";
import { draft, UNLIMITED, WHOLE } from "./support/drafts.ts";
import { whenAvailable } from "./support/patience.ts";

const BACK_WITHIN_MS = 5000;

// A Redis that finds half a transaction at the end of its file does that half when it is started for the second time.

for (const isNew of [false, true]) {
  const what = isNew ? "the first messages of a room" : "messages";
  redisTest(
    `RedisStore keeps what it acknowledged after ${what} of which Redis has written a part`,
    async () => {
      const [head, begun] = isNew ? [0, []] : [1, ["begun"]];
      for (let eighth = 1; eighth < 8; eighth++) {
        await using server = await RedisServer.start({ aof: "always" });
        await using store = await RedisStore.open(server.url, UNLIMITED);
        const say = async (...ids: string[]) => {
          const { result } = await whenAvailable(
            () => store.append(ids.map((id) => draft(id))),
            BACK_WITHIN_MS,
          );
          return result.map(({ seq }) => seq - head);
        };
        const read = async () =>
          (await whenAvailable(() => store.page("a", WHOLE), BACK_WITHIN_MS)).result.messages.map(({ id }) =>
            id
          );
        await say(...begun);
        const size = server.fileSize;
        await say("lost 1", "lost 2", "lost 3");
        await server.restartTorn(Math.round((server.fileSize - size) * eighth / 8));
        assertEquals(await read(), begun);
        assertEquals(await say("2", "3"), [1, 2]);
        for (let run = 0; run < 2; run++) {
          await server.restart();
          assertEquals(await read(), [...begun, "2", "3"], `with ${eighth}/8 missing`);
        }
        assertEquals(await say("3", "lost 2", "4"), [2, 3, 4], `with ${eighth}/8 missing`);
        assertEquals(await read(), [...begun, "2", "3", "lost 2", "4"]);
      }
    },
  );
}

redisTest("RedisStore keeps a single change, too, after one of which Redis has written a part", async () => {
  for (let eighth = 1; eighth < 8; eighth++) {
    await using server = await RedisServer.start({ aof: "always" });
    await using store = await RedisStore.open(server.url, UNLIMITED);
    await store.createRoom({ roomId: "a", roomName: "A", visibility: "public", passwordHash: null });
    // Nobody is left who was told that it is there.
    const other = await RedisStore.open(server.url, UNLIMITED);
    const size = server.fileSize;
    await other.append([draft("lost")]);
    await other[Symbol.asyncDispose]();
    await server.restartTorn(Math.round((server.fileSize - size) * eighth / 8));
    await whenAvailable(() => store.page("a", WHOLE), BACK_WITHIN_MS);
    await store.updateRoom("a", { roomName: "B" });
    await server.restart();
    const { result } = await whenAvailable(() => store.room("a"), BACK_WITHIN_MS);
    assertEquals(result?.roomName, "B");
  }
});

redisTest(
  "RedisStore makes a room as it is asked to after one of which Redis has written a part",
  async () => {
    for (let eighth = 1; eighth < 8; eighth++) {
      await using server = await RedisServer.start({ aof: "always" });
      await using store = await RedisStore.open(server.url, UNLIMITED);
      const room = { roomId: "a", roomName: "A", visibility: "private" } as const;
      const size = server.fileSize;
      await store.createRoom({ ...room, passwordHash: "lost" });
      await server.restartTorn(Math.round((server.fileSize - size) * eighth / 8));
      const owner = { userId: "ann", username: "Ann" };
      const make = () => store.createRoom({ ...room, passwordHash: null, owner });
      assertEquals((await whenAvailable(make, BACK_WITHIN_MS)).result.created, true);
      await server.restart();
      const { result } = await whenAvailable(() => store.room("a"), BACK_WITHIN_MS);
      assertEquals([result?.roomName, result?.passwordHash], ["A", null]);
      assertEquals((await store.standing("a", "ann"))?.role, "owner");
    }
  },
);
