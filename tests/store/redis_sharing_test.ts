import { assertEquals } from "@std/assert";
import { RedisLink } from "../../lib/redis/redis_link.ts";
import { encodeChat } from "../../lib/protocol/encode.ts";
import { placeDraft } from "../../lib/store/message.ts";
import { RedisStore } from "../../lib/store/redis_store.ts";
import { RedisServer, redisTest } from "../support/redis_server.ts";
import { draft, UNLIMITED, WHOLE } from "./support/drafts.ts";

redisTest(
  "RedisStore numbers what several nodes append at once without gaps, and nothing twice",
  async () => {
    await using server = await RedisServer.start({ aof: "none" });
    await using one = await RedisStore.open(server.url, UNLIMITED);
    await using two = await RedisStore.open(server.url, UNLIMITED);
    const seqs = new Map<string, Set<number>>();
    await Promise.all(Array.from({ length: 20 }, async (_, writer) => {
      const store = writer % 2 === 0 ? one : two;
      for (let i = 0; i < 50; i++) {
        // Each message is sent twice, by a writer on one node and by one on the other.
        const id = `${writer >> 1}/${i}`;
        const [{ seq }] = await store.append([draft(id)]);
        const known = seqs.get(id);
        if (known === undefined) seqs.set(id, new Set([seq]));
        else known.add(seq);
      }
    }));
    assertEquals([...seqs.values()].filter(({ size }) => size !== 1), []);
    const { messages } = await two.page("a", WHOLE);
    assertEquals(messages.map(({ seq }) => seq), Array.from({ length: 500 }, (_, i) => i + 1));
    assertEquals(messages.map(({ id, seq }) => seqs.get(id)?.has(seq)), messages.map(() => true));
  },
);

redisTest(
  "RedisStore publishes what is new in the step that keeps it, in the words of the wire",
  async () => {
    await using server = await RedisServer.start({ aof: "none" });
    await using store = await RedisStore.open(server.url, UNLIMITED, { nodeId: "node-1" });
    await using link = await RedisLink.open(server.url);
    const heard: string[] = [];
    let done = Promise.withResolvers<void>();
    await using _ear = await link.listen(["parley:bus:room:a", "parley:bus:room:b", "end"], {
      heard: (channel, text) => channel === "end" ? done.resolve() : heard.push(`${channel} ${text}`),
      lost: () => {},
      returned: () => {},
    });
    const file = { fileId: "f", name: "ü\u0000\ud83d", size: 1, mime: "text/plain", url: "/f" };
    const drafts = [
      draft("1", { content: 'a "quoted"\n上海 \ud83d\u0000', replyTo: "0", file }),
      draft("2", { roomId: "b", unique: true }),
      draft("1", { content: "again" }),
      draft("3"),
    ];
    await store.append(drafts);
    await store.append([draft("3")]);
    await link.send("PUBLISH", "end", "");
    await done.promise;
    const line = (roomId: string, ...places: [number, number][]) => {
      const messages = places.map(([i, seq]) => encodeChat(placeDraft(drafts[i], seq)));
      return `parley:bus:room:${roomId} node-1 {"kind":"messages","messages":[${messages.join(",")}]}`;
    };
    // What it has already is published again: who sent it may have ended before it was, and whoever knows it drops it.
    assertEquals(heard.sort(), [line("a", [0, 1], [0, 1], [3, 2]), line("a", [3, 2]), line("b", [1, 1])]);

    heard.length = 0;
    done = Promise.withResolvers<void>();
    const long = Array.from({ length: 100 }, (_, i) => draft(`long ${i}`, { content: "x".repeat(10_000) }));
    await store.append(long);
    await link.send("PUBLISH", "end", "");
    await done.promise;
    const letters = heard.map((text) => JSON.parse(text.slice("parley:bus:room:a node-1 ".length)));
    assertEquals(letters.flatMap(({ messages }) => messages.map(({ id }: { id: string }) => id)), [
      ...long.map(({ id }) => id),
    ]);
    assertEquals(heard.every(({ length }) => length < 80_000), true);
  },
);

redisTest("RedisStore shows on every node at once what was done on another", async () => {
  await using server = await RedisServer.start({ aof: "none" });
  await using one = await RedisStore.open(server.url, UNLIMITED);
  await using two = await RedisStore.open(server.url, UNLIMITED);
  const owner = { userId: "ann", username: "Ann" };
  await one.createRoom({ roomId: "a", roomName: "A", visibility: "private", passwordHash: null, owner });
  assertEquals((await two.memberships("ann", 9)).map(({ room }) => room.roomName), ["A"]);
  await two.changeStanding("a", "bob", { isInvited: true });
  assertEquals((await one.invitations("bob", 9)).map(({ roomId }) => roomId), ["a"]);
  await Promise.all([one, two, one, two].map((store) => store.putMember("a", "bob", "Bob")));
  assertEquals((await one.members("a", 9)).map(({ userId }) => userId), ["ann", "bob"]);
  assertEquals(await two.invitations("bob", 9), []);
  await Promise.all([one.removeMember("a", "bob"), two.putMember("a", "bob", "Bob")]);
  const isThere = (await one.members("a", 9)).length === 2;
  assertEquals((await two.memberships("bob", 9)).length, isThere ? 1 : 0);
});

redisTest("RedisStore writes nothing where nothing changes", async () => {
  await using server = await RedisServer.start({ aof: "none" });
  await using store = await RedisStore.open(server.url, UNLIMITED);
  const changes = async () => {
    const info = String(await server.ask("INFO", "persistence"));
    return /rdb_changes_since_last_save:(\d+)/.exec(info)![1];
  };
  await store.append([draft("1")]);
  await store.putMember("a", "ann", "Ann");
  await store.putPerson({ userId: "ann", username: "Ann", lastSeen: 5 });
  while (await store.retain());
  const before = await changes();
  await store.append([draft("1")]);
  await store.putMember("a", "ann", "Ann");
  await store.putPerson({ userId: "ann", username: "Ann", lastSeen: 5 });
  await store.advance([{ roomId: "a", userId: "ann", read: 1 }]);
  await store.page("a", WHOLE);
  await store.retain();
  assertEquals(await changes(), before);
});
