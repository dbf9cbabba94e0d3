import { assert, assertEquals, assertRejects } from "@std/assert";
import { Rooms } from "../../lib/chat/rooms.ts";
import { Turn } from "../../lib/kit/turn.ts";
import type { NewRoom } from "../../lib/store/store.ts";
import { FakeStore } from "./fake_store.ts";
import { FakeMember, nextTurn } from "./fakes.ts";

const GENERAL: NewRoom = { roomId: "general", roomName: "General", visibility: "public", passwordHash: null };

function open() {
  const store = new FakeStore();
  return { store, rooms: new Rooms(store, new Turn()) };
}

Deno.test("create() makes a room, and says when there was one of that name", async () => {
  const { rooms } = open();
  const first = await rooms.create(GENERAL);
  const second = await rooms.create({ ...GENERAL, roomName: "Another" });
  assertEquals([first.created, second.created], [true, false]);
  assert(first.lease.room === second.lease.room);
  assertEquals(second.lease.room.record.roomName, "General");
});

Deno.test("lease() finds no room where there is none", async () => {
  const { rooms } = open();
  assertEquals(await rooms.lease("general"), undefined);
  assertEquals(rooms.size, 0);
});

Deno.test("a room is in memory only as long as somebody holds it", async () => {
  const { rooms } = open();
  const { lease } = await rooms.create(GENERAL);
  const another = await rooms.lease("general");
  lease[Symbol.dispose]();
  assertEquals(rooms.live("general"), another?.room);
  another![Symbol.dispose]();
  assertEquals([rooms.live("general"), rooms.size], [undefined, 0]);
});

Deno.test("a room that is opened by many at once is one room", async () => {
  const { rooms } = open();
  (await rooms.create(GENERAL)).lease[Symbol.dispose]();
  const leases = await Promise.all(Array.from({ length: 5 }, () => rooms.lease("general")));
  assertEquals(new Set(leases.map((lease) => lease!.room)).size, 1);
  for (const lease of leases) lease![Symbol.dispose]();
  assertEquals(rooms.size, 0);
});

Deno.test("a room that could not be read is read again by the next who asks", async () => {
  const { rooms, store } = open();
  (await rooms.create(GENERAL)).lease[Symbol.dispose]();
  const read = store.room.bind(store);
  store.room = () => Promise.reject(new Error("down"));
  await assertRejects(() => rooms.lease("general"), Error, "down");
  store.room = read;
  assert(await rooms.lease("general"));
});

Deno.test("a room reads from the log what it was not told of", async () => {
  const { rooms, store } = open();
  const { lease: { room } } = await rooms.create(GENERAL);
  const ann = new FakeMember("ann");
  await room.seat(ann, room.evictions, () => Promise.resolve({ seq: 0, admit: () => [] }));
  const draft = { roomId: "general", userId: "bob", username: "Bob", timestamp: 1 };
  await store.append(["a", "b", "c"].map((content, i) => ({ ...draft, id: `m${i}`, content })));
  const { messages } = await store.page("general", { limit: 10, maxLength: 100 });
  room.receive(messages[2]);
  for (let i = 0; i < 3; i++) await nextTurn();
  assertEquals(ann.take().map(({ content }) => content), ["a", "b", "c"]);
});
