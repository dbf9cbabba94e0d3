import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import type { Member } from "../../lib/chat/member.ts";
import { People } from "../../lib/chat/people.ts";
import { Presence, type PresenceOptions } from "../../lib/chat/presence.ts";
import { Rooms } from "../../lib/chat/rooms.ts";
import type { Seat } from "../../lib/chat/seat.ts";
import { Turn } from "../../lib/kit/turn.ts";
import { FakeStore } from "./fake_store.ts";
import { FakeMember, nextTurn } from "./fakes.ts";

const NOW = Date.UTC(2030, 0, 1);

/** One room with its presence, and a witness in it who hears what is told. */
async function open(options: Partial<PresenceOptions> = {}) {
  const store = new FakeStore();
  const rooms = new Rooms(store, new Turn());
  const people = new People();
  const limits = { presenceGraceMs: 5_000, presenceDetailLimit: 200, ...options };
  const presence = new Presence(rooms, people, limits);
  const { lease } = await rooms.create({
    roomId: "general",
    roomName: "General",
    visibility: "public",
    passwordHash: null,
  });
  const { room } = lease;
  const seats = new Map<Member, Seat>();
  async function enter(member: FakeMember): Promise<void> {
    people.add(member);
    const admit = (seat: Seat) => {
      seats.set(member, seat);
      member.places.set("general", { room, seat, attendee: presence.enter(room, member, 0) });
      return [];
    };
    await room.seat(member, room.evictions, () => Promise.resolve({ seq: 0, admit }));
  }
  function exit(member: FakeMember, how: "lose" | "leave"): void {
    if (how === "lose") people.delete(member);
    member.places.clear();
    room.unseat(seats.get(member)!);
    presence[how](room, member.user);
  }
  const witness = new FakeMember("witness");
  await enter(witness);
  lease[Symbol.dispose]();
  async function heard(): Promise<Record<string, unknown>[]> {
    await nextTurn();
    await nextTurn();
    return witness.take();
  }
  return {
    ...{ rooms, room, people, presence, witness, enter, exit, heard },
    [Symbol.dispose]: () => presence[Symbol.dispose](),
  };
}

Deno.test("Presence tells the others once that somebody has joined, and not themselves", async () => {
  using time = new FakeTime(NOW);
  using story = await open();
  const [ann, second] = [new FakeMember("ann"), new FakeMember("ann")];
  await story.enter(ann);
  assertEquals(await story.heard(), [{
    type: "system",
    roomId: "general",
    event: "join",
    userId: "ann",
    username: "ann",
    message: "ann joined the room",
    members: 2,
    timestamp: time.now,
  }]);
  await story.enter(second);
  assertEquals(await story.heard(), []);
  assertEquals([ann.lines, second.lines], [[], []]);
});

Deno.test("Presence tells that somebody left once their last connection has been gone for the grace", async () => {
  using time = new FakeTime(NOW);
  using story = await open();
  const [ann, second] = [new FakeMember("ann"), new FakeMember("ann")];
  for (const member of [ann, second]) await story.enter(member);
  await story.heard();
  story.exit(ann, "lose");
  time.tick(60_000);
  assertEquals(await story.heard(), []);
  story.exit(second, "lose");
  time.tick(4_999);
  assertEquals(await story.heard(), []);
  assertEquals(story.room.attendance.size, 2);
  time.tick(1);
  const [left, ...rest] = await story.heard();
  assertEquals([left.event, left.userId, left.message, left.members], [
    "leave",
    "ann",
    "ann left the room",
    1,
  ]);
  const offline = {
    type: "presence",
    userId: "ann",
    username: "ann",
    status: "offline",
    lastSeen: time.now - 5_000,
  };
  assertEquals([rest, story.room.attendance.size], [[offline], 1]);
});

Deno.test("Presence tells nothing of somebody who comes back in time, however often", async () => {
  using time = new FakeTime(NOW);
  using story = await open();
  let ann = new FakeMember("ann");
  await story.enter(ann);
  await story.heard();
  for (let i = 0; i < 5; i++) {
    story.exit(ann, "lose");
    time.tick(4_000);
    ann = new FakeMember("ann");
    await story.enter(ann);
  }
  time.tick(60_000);
  assertEquals(await story.heard(), []);
  story.exit(ann, "lose");
  time.tick(4_999);
  assertEquals(await story.heard(), []);
});

Deno.test("Presence tells at once who leaves on purpose, or is lost where there is no grace", async () => {
  for (const [presenceGraceMs, how] of [[5_000, "leave"], [0, "lose"], [0, "leave"]] as const) {
    using _time = new FakeTime(NOW);
    using story = await open({ presenceGraceMs });
    const ann = new FakeMember("ann");
    await story.enter(ann);
    story.exit(ann, how);
    // Who leaves on purpose is still connected.
    assertEquals(
      (await story.heard()).map(({ event, status }) => event ?? status),
      how === "leave" ? ["join", "leave"] : ["join", "leave", "offline"],
      `${how} ${presenceGraceMs}`,
    );
  }
});

Deno.test("Presence tells once that somebody left who was only missed before", async () => {
  using time = new FakeTime(NOW);
  using story = await open();
  const ann = new FakeMember("ann");
  await story.enter(ann);
  story.exit(ann, "lose");
  story.people.add(new FakeMember("ann"));
  assertEquals(story.presence.leave(story.room, ann.user), true);
  time.tick(60_000);
  assertEquals((await story.heard()).map(({ event }) => event), ["join", "leave"]);
  assertEquals(story.presence.leave(story.room, ann.user), false);
});

Deno.test("leave() says whether the person is out of the room", async () => {
  using _time = new FakeTime(NOW);
  using story = await open();
  const [ann, second] = [new FakeMember("ann"), new FakeMember("ann")];
  for (const member of [ann, second]) await story.enter(member);
  assertEquals(story.presence.leave(story.room, ann.user), false);
  assertEquals(story.presence.leave(story.room, second.user), true);
});

Deno.test("a large room tells its number of people, at most once a second, not each coming and going", async () => {
  using time = new FakeTime(NOW);
  using story = await open({ presenceDetailLimit: 3 });
  const people = ["a", "b", "c", "d"].map((name) => new FakeMember(name));
  for (const member of people) await story.enter(member);
  assertEquals((await story.heard()).map(({ event, members }) => [event, members]), [["join", 2], [
    "join",
    3,
  ]]);
  time.tick(999);
  assertEquals(await story.heard(), []);
  time.tick(1);
  const summary = { type: "system", roomId: "general", event: "members", members: 5, timestamp: time.now };
  assertEquals(await story.heard(), [summary]);
  time.tick(60_000);
  assertEquals(await story.heard(), []);
  story.exit(people[0], "leave");
  time.tick(500);
  await story.enter(people[0]);
  time.tick(500);
  assertEquals(await story.heard(), [{ ...summary, timestamp: time.now }]);
});

Deno.test("a room that has grown small again tells who comes and goes", async () => {
  using time = new FakeTime(NOW);
  using story = await open({ presenceDetailLimit: 2 });
  const [ann, bob] = [new FakeMember("ann"), new FakeMember("bob")];
  for (const member of [ann, bob]) await story.enter(member);
  time.tick(1_000);
  await story.heard();
  story.exit(bob, "leave");
  assertEquals((await story.heard()).map(({ event, userId }) => [event, userId]), [["leave", "bob"]]);
});

Deno.test("a room is let go from memory once the last who might come back has not", async () => {
  using time = new FakeTime(NOW);
  using story = await open();
  const ann = new FakeMember("ann");
  await story.enter(ann);
  story.exit(story.witness, "leave");
  story.exit(ann, "lose");
  assertEquals(story.rooms.size, 1);
  time.tick(5_000);
  assertEquals(story.rooms.size, 0);
});

Deno.test("turn() tells the others when somebody turns away from all of their devices, or back to one", async () => {
  using _time = new FakeTime(NOW);
  using story = await open();
  const [desk, phone] = [new FakeMember("ann"), new FakeMember("ann")];
  for (const member of [desk, phone]) await story.enter(member);
  await story.heard();
  async function turn(member: FakeMember, availability: "online" | "away") {
    member.availability = availability;
    story.presence.turn(member);
    return (await story.heard()).map(({ type, userId, status }) => [type, userId, status]);
  }
  assertEquals(await turn(desk, "away"), []);
  assertEquals(await turn(phone, "away"), [["presence", "ann", "away"]]);
  assertEquals(await turn(phone, "away"), []);
  assertEquals(await turn(desk, "online"), [["presence", "ann", "online"]]);
  assertEquals(desk.take().map(({ status }) => status), ["away"], "not what this device said itself");
});

Deno.test("a large room is not told who turns away or is gone", async () => {
  using time = new FakeTime(NOW);
  using story = await open({ presenceDetailLimit: 1, presenceGraceMs: 0 });
  const [ann, bob, carl] = ["ann", "bob", "carl"].map((name) => new FakeMember(name));
  for (const member of [ann, bob, carl]) await story.enter(member);
  ann.availability = "away";
  story.presence.turn(ann);
  story.exit(bob, "lose");
  time.tick(1_000);
  assertEquals((await story.heard()).map(({ event, status }) => event ?? status), ["members"]);
});

Deno.test("remove() takes a person out without a word, those too who might have come back", async () => {
  using time = new FakeTime(NOW);
  using story = await open();
  const [ann, bob] = [new FakeMember("ann"), new FakeMember("bob")];
  for (const member of [ann, bob]) await story.enter(member);
  await story.heard();
  story.exit(bob, "lose");
  for (const userId of ["ann", "bob", "eve"]) story.presence.remove(story.room, userId);
  assertEquals(story.room.attendance.size, 1);
  time.tick(60_000);
  assertEquals(await story.heard(), []);
});
