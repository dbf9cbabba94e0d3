import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import type { User } from "../../lib/chat/member.ts";
import { Posting } from "../../lib/chat/posting.ts";
import { Rooms } from "../../lib/chat/rooms.ts";
import { Turn } from "../../lib/kit/turn.ts";
import { Refusal } from "../../lib/protocol/codes.ts";
import { type Appended, StoreUnavailable } from "../../lib/store/store.ts";
import { FakeStore } from "./fake_store.ts";
import { FakeMember, nextTurn } from "./fakes.ts";

const ANN: User = { userId: "ann", username: "Ann", role: "user" };

async function open() {
  const store = new FakeStore();
  const rooms = new Rooms(store, new Turn());
  const reports: unknown[] = [];
  const posting = new Posting(store, rooms, {
    appended: (count) => reports.push(count),
    failed: (count, error) => reports.push([count, error]),
  });
  const { lease } = await rooms.create({
    roomId: "general",
    roomName: "General",
    visibility: "public",
    passwordHash: null,
  });
  const { room } = lease;
  const witness = new FakeMember("witness");
  await room.seat(witness, room.evictions, () => Promise.resolve({ seq: 0, admit: () => [] }));
  lease[Symbol.dispose]();
  const outcomes: (Appended | Refusal)[] = [];
  const say = (content: string, id?: string, user = ANN) =>
    posting.post(user, room, { content, id }, (outcome) => outcomes.push(outcome));
  return { store, rooms, room, posting, witness, say, outcomes, reports };
}

Deno.test("post() appends everything that is said in one turn in one batch, in order", async () => {
  const { store, posting, witness, say, outcomes, reports } = await open();
  say("one");
  await Promise.resolve();
  say("two");
  say("three");
  assertEquals(store.batches, []);
  await posting.drained();
  await nextTurn();
  assertEquals([store.batches, reports], [[3], [3]]);
  assertEquals(outcomes.map((outcome) => outcome instanceof Refusal ? outcome : outcome.seq), [1, 2, 3]);
  assertEquals(witness.frames.length, 1);
  assertEquals(witness.take().map(({ seq, content }) => [seq, content]), [[1, "one"], [2, "two"], [
    3,
    "three",
  ]]);
});

Deno.test("post() tells what is in the log, under the sender's own identity and the server's time", async () => {
  const { store, posting, witness, say } = await open();
  const before = Date.now();
  say("Hello", "m1");
  await posting.drained();
  await nextTurn();
  const [told] = witness.take();
  const { messages: [kept] } = await store.page("general", { limit: 1, maxLength: 100 });
  assertEquals(told, { ...kept });
  const { timestamp, ...rest } = kept;
  assert(timestamp >= before && timestamp <= Date.now());
  const who = { userId: "ann", username: "Ann" };
  assertEquals(rest, { type: "chat", id: "m1", roomId: "general", seq: 1, ...who, content: "Hello" });
});

Deno.test("post() neither tells nor acknowledges a message that the store has not taken yet", async () => {
  const { store, posting, witness, say, outcomes } = await open();
  const gate = Promise.withResolvers<void>();
  const append = store.append.bind(store);
  store.append = async (drafts) => {
    await gate.promise;
    return await append(drafts);
  };
  say("Hello");
  for (let i = 0; i < 3; i++) await nextTurn();
  assertEquals([witness.frames, outcomes], [[], []]);
  gate.resolve();
  await posting.drained();
  await nextTurn();
  assertEquals([witness.frames.length, outcomes.length], [1, 1]);
});

Deno.test("post() gives the same number to a message sent twice, and tells it once", async () => {
  const { posting, witness, say, outcomes } = await open();
  say("Hello", "m1");
  say("Hello again", "m1");
  await posting.drained();
  say("Hello once more", "m1");
  say("Hello from Bob", "m1", { ...ANN, userId: "bob" });
  await posting.drained();
  await nextTurn();
  await nextTurn();
  const places = outcomes.map((outcome) =>
    outcome instanceof Refusal ? [] : [outcome.seq, outcome.duplicate]
  );
  assertEquals(places, [[1, false], [1, true], [1, true], [2, false]]);
  const [first, second, third] = outcomes as Appended[];
  assertEquals([second.timestamp, third.timestamp], [first.timestamp, first.timestamp]);
  assertEquals(witness.take().map(({ content }) => content), ["Hello", "Hello from Bob"]);
});

Deno.test("post() names a message that has no id, each by another name", async () => {
  const { posting, witness, say } = await open();
  say("Hello");
  say("Hello");
  await posting.drained();
  await nextTurn();
  const ids = witness.take().map(({ id }) => id);
  assertEquals(new Set(ids).size, 2);
  for (const id of ids) assert(typeof id === "string" && id.length >= 1 && id.length <= 64);
});

Deno.test("post() refuses with unavailable while the store is down, tells nothing, and takes the same id later", async () => {
  const { store, posting, witness, say, outcomes, reports } = await open();
  store.isDown = true;
  say("Hello", "m1");
  say("Hello", "m2");
  await posting.drained();
  await nextTurn();
  for (const outcome of outcomes.splice(0)) {
    assertInstanceOf(outcome, Refusal);
    assertEquals(outcome.code, "unavailable");
  }
  assertEquals(witness.frames, []);
  const [[count, error]] = reports.splice(0) as [[number, unknown]];
  assertEquals(count, 2);
  assertInstanceOf(error, StoreUnavailable);
  store.isDown = false;
  say("Hello", "m1");
  await posting.drained();
  await nextTurn();
  assertEquals((outcomes[0] as Appended).duplicate, false);
  assertEquals(witness.take().map(({ id, seq }) => [id, seq]), [["m1", 1]]);
});

Deno.test("drained() resolves at once if nothing is under way, and waits for what is posted meanwhile", async () => {
  const { posting, room, outcomes } = await open();
  await posting.drained();
  posting.post(ANN, room, { content: "one" }, (outcome) => {
    outcomes.push(outcome);
    posting.post(ANN, room, { content: "two" }, (outcome) => outcomes.push(outcome));
  });
  await posting.drained();
  assertEquals(outcomes.length, 2);
});

Deno.test("a room stays in memory until what was posted there is told, and no longer", async () => {
  const { rooms, room, posting, say } = await open();
  const lease = rooms.hold(room);
  assertEquals(room.connections, 1);
  lease[Symbol.dispose]();
  const { lease: empty } = await rooms.create({
    roomId: "empty",
    roomName: "Empty",
    visibility: "public",
    passwordHash: null,
  });
  posting.post(ANN, empty.room, { content: "Hello" }, () => assertEquals(rooms.live("empty"), empty.room));
  empty[Symbol.dispose]();
  assertEquals(rooms.live("empty"), empty.room);
  say("Hello");
  await posting.drained();
  assertEquals(rooms.live("empty"), undefined);
  assertEquals(rooms.live("general"), room);
});
