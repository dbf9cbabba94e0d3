import { assert, assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { MemoryStore, ParleyClient, type Room } from "../../static/sdk/mod.ts";
import { type Fate, ModelServer } from "./support/model_server.ts";

const ROOMS = ["general", "other"];

/** Numbers from 0 to 1, the same for the same seed. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6D2B79F5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function open(server: ModelServer, storage: MemoryStore, random: () => number) {
  const { WebSocket } = server.network;
  const client = new ParleyClient({ url: "ws://server.test/ws", token: "t", WebSocket, storage, random });
  void client.connect();
  const rooms = Promise.all(ROOMS.map((roomId) => client.join(roomId)));
  rooms.catch(() => {}); // a reload may come first
  return { client, rooms };
}

/** Lets time pass until every message written is in the log, for ten minutes at most. */
async function settle(time: FakeTime, isDone: () => boolean): Promise<void> {
  for (let step = 0; step < 1_200 && !isDone(); step++) await time.tickAsync(500);
  await time.runMicrotasks();
}

const CUTS: Fate[] = [
  "cut before",
  "cut when kept",
  "cut after ack",
  "ack lost",
  "rate_limited",
  "unavailable",
];

for (const cut of CUTS) {
  Deno.test(`Every message arrives once and in order, whichever of them meets "${cut}"`, async () => {
    using time = new FakeTime();
    for (let victim = 0; victim < 5; victim++) {
      const server = new ModelServer();
      let arrivals = 0;
      server.fate = () => arrivals++ === victim ? cut : "served";
      const { client, rooms } = open(server, new MemoryStore(), Math.random);
      await time.runMicrotasks();
      const [room] = await rooms;
      const written = ["a", "b", "c", "d", "e"];
      const messages = written.map((content) => room.send(content));
      await settle(time, () => room.outgoing.length === 0);
      const acks = await Promise.all(messages.map((message) => message.acked));
      assertEquals(acks.map((ack) => ack.seq), [1, 2, 3, 4, 5]);
      room.send("end"); // with its number it shows whether anything before it is missing
      await settle(time, () => room.outgoing.length === 0);
      assertEquals(server.contents(), [...written, "end"], `victim ${victim}`);
      assertEquals(room.messages.map((message) => message.content), [...written, "end"]);
      assertEquals(server.fates.get(cut), 1);
      client.close();
      await time.runMicrotasks();
    }
  });
}

Deno.test("A refusal in one room does not hold another room back", async () => {
  using time = new FakeTime();
  const server = new ModelServer();
  server.fate = ({ roomId }) => roomId === "general" ? "unavailable" : "served";
  const { client, rooms } = open(server, new MemoryStore(), Math.random);
  await time.runMicrotasks();
  const [general, other] = await rooms;
  general.send("stuck");
  for (let n = 0; n < 20; n++) other.send(String(n));
  await settle(time, () => other.outgoing.length === 0);
  assertEquals(server.contents("other"), Array.from({ length: 20 }, (_, n) => String(n)));
  assertEquals(general.outgoing.map((message) => message.content), ["stuck"]);
  server.fate = () => "served";
  await settle(time, () => general.outgoing.length === 0);
  assertEquals(server.contents(), ["stuck"]);
  client.close();
});

Deno.test("A reload at any moment loses nothing and doubles nothing", async () => {
  using time = new FakeTime();
  for (let moment = 0; moment < 24; moment++) {
    const server = new ModelServer();
    const storage = new MemoryStore();
    const { client, rooms } = open(server, storage, Math.random);
    await time.runMicrotasks();
    const [room] = await rooms;
    const written = ["a", "b", "c", "d"];
    for (const content of written) room.send(content);
    for (let turn = 0; turn < moment; turn++) await Promise.resolve();
    client.close();
    server.cutAll();
    const reloaded = open(server, storage, Math.random);
    await settle(time, () => server.contents().length === written.length);
    const [again] = await reloaded.rooms;
    await settle(time, () => again.outgoing.length === 0);
    assertEquals(server.contents(), written, `reload after ${moment} turns`);
    assertEquals([again.outgoing, await storage.load("server.test/ada")], [[], []]);
    reloaded.client.close();
    await time.runMicrotasks();
  }
});

for (let seed = 1; seed <= 5; seed++) {
  Deno.test(`Every message arrives once and in order through a storm of failures (${seed})`, async () => {
    using time = new FakeTime();
    const random = chance(seed);
    const server = new ModelServer();
    const storage = new MemoryStore();
    const fates: Fate[] = [...CUTS, "served", "served", "served", "served"];
    server.fate = () => fates[Math.floor(random() * fates.length)];
    let session = open(server, storage, random);
    const written: Record<string, string[]> = { general: [], other: [] };
    let rooms: Room[] | undefined;
    for (let step = 0; step < 150; step++) {
      session.rooms.then((joined) => rooms = joined, () => {});
      await time.tickAsync(Math.floor(random() * 400));
      const room = rooms?.[Math.floor(random() * ROOMS.length)];
      if (room) written[room.roomId].push(room.send(`${room.roomId} ${step}`).content);
      if (random() < 0.05) server.cutAll();
      if (random() < 0.04) {
        await time.runMicrotasks();
        session.client.close();
        rooms = undefined;
        session = open(server, storage, random);
      }
    }
    server.fate = () => random() < 0.7 ? "served" : "unavailable";
    const isDone = () => ROOMS.every((roomId) => server.contents(roomId).length >= written[roomId].length);
    await settle(time, isDone);
    await settle(time, () => session.client.room("general")?.outgoing.length === 0);
    for (const roomId of ROOMS) assertEquals(server.contents(roomId), written[roomId], roomId);
    assertEquals(session.client.room("general")?.messages.at(-1)?.content, written.general.at(-1));
    assert(server.arrived.length > written.general.length, "nothing was ever sent twice");
    session.client.close();
    await time.runMicrotasks();
  });
}
