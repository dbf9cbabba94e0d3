import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Member } from "../../lib/chat/member.ts";
import { Room } from "../../lib/chat/room.ts";
import type { Seat } from "../../lib/chat/seat.ts";
import { Turn } from "../../lib/kit/turn.ts";
import { StoreUnavailable } from "../../lib/store/store.ts";
import { FakeMember, makeMessage, makeRecord, nextTurn } from "./fakes.ts";

function open(head = 0): Room {
  return new Room(makeRecord("general", head), new Turn(), {
    readAfter: () => Promise.resolve([]),
    patienceMs: 0,
  });
}

async function sit(room: Room, member: Member, answer: string[] = []): Promise<Seat> {
  let taken: Seat | undefined;
  await room.seat(member, room.evictions, () =>
    Promise.resolve({
      seq: room.head,
      admit(seat) {
        taken = seat;
        return answer;
      },
    }));
  return taken!;
}

async function fill(room: Room, count: number): Promise<FakeMember[]> {
  const members = Array.from({ length: count }, (_, i) => new FakeMember(`user ${i}`));
  for (const member of members) await sit(room, member);
  return members;
}

Deno.test("a quiet room tells at once, by the end of the running task", async () => {
  const room = open();
  const [ann] = await fill(room, 1);
  room.tell("a");
  assertEquals(ann.frames, []);
  await Promise.resolve();
  assertEquals(ann.frames, ["a"]);
});

Deno.test("a room tells what was said in one task as one frame", async () => {
  const room = open();
  const [ann, bob] = [new FakeMember("ann"), new FakeMember("bob", false)];
  for (const member of [ann, bob]) await sit(room, member);
  for (const text of ["a", "b", "c"]) room.tell(text);
  await nextTurn();
  assertEquals(ann.frames, ["a\nb\nc"]);
  assertEquals(bob.frames, ["a", "b", "c"]);
});

/** Says three things, each in a task of its own, within one turn. */
async function tellThrice(room: Room): Promise<void> {
  for (const text of ["a", "b", "c"]) {
    room.tell(text);
    await Promise.resolve();
  }
}

Deno.test("a large room gathers what arrives while it is being flushed, and tells it after that", async () => {
  const room = open();
  const [ann] = await fill(room, 65);
  await tellThrice(room);
  assertEquals(ann.frames, ["a"]);
  await nextTurn();
  await nextTurn();
  room.tell("d"); // Was read during the last slice, and comes from the log a turn later.
  await nextTurn();
  assertEquals(ann.frames, ["a", "b\nc\nd"]);
});

Deno.test("a small room waits for nothing", async () => {
  const room = open();
  const [ann] = await fill(room, 64);
  await tellThrice(room);
  assertEquals(ann.frames, ["a", "b", "c"]);
});

Deno.test("a large room is told in slices of 64, with a turn for others between", async () => {
  const room = open();
  const members = await fill(room, 150);
  const told = () => members.filter(({ frames }) => frames.length > 0).length;
  room.tell("a");
  await Promise.resolve();
  assertEquals(told(), 64);
  room.tell("b");
  await nextTurn();
  assertEquals(told(), 128);
  await nextTurn();
  assertEquals(told(), 150);
  for (let i = 0; i < 4; i++) await nextTurn();
  for (const { frames } of members) assertEquals(frames, ["a", "b"]);
});

Deno.test("who leaves while a large room is being told hears nothing more, and nobody is passed over", async () => {
  const room = open();
  const members = await fill(room, 150);
  const seats = new Map<FakeMember, Seat>();
  const [first, last] = [new FakeMember("first"), new FakeMember("last")];
  for (const member of [first, last]) seats.set(member, await sit(room, member));
  room.tell("a");
  await Promise.resolve();
  for (const seat of seats.values()) room.unseat(seat);
  const late = new FakeMember("late");
  await sit(room, late, ["joined"]);
  for (let i = 0; i < 4; i++) await nextTurn();
  for (const { frames } of members) assertEquals(frames, ["a"]);
  for (const { frames } of [first, last]) assertEquals(frames, []);
  assertEquals(late.frames, ["joined"]);
  assertEquals(room.connections, 151);
});

Deno.test("seat() tells first what was asked for, then what was told meanwhile, and nothing twice", async () => {
  const room = open(4);
  const member = new FakeMember();
  const answer = Promise.withResolvers<{ seq: number; admit: () => string[] }>();
  room.tell("before");
  const seated = room.seat(member, room.evictions, () => answer.promise);
  room.receive(makeMessage(5, "in the answer"));
  room.tell("typing");
  room.receive(makeMessage(6, "not in the answer"));
  await nextTurn();
  answer.resolve({ seq: 5, admit: () => ["history", "joined"] });
  await seated;
  room.receive(makeMessage(7, "live"));
  await nextTurn();
  await nextTurn();
  const lines = member.lines.map((line) => line.startsWith("{") ? JSON.parse(line).content : line);
  assertEquals(lines, ["history", "joined", "typing", "not in the answer", "live"]);
});

Deno.test("seat() waits until the room has told everything that the answer holds", async () => {
  const log = [makeMessage(1), makeMessage(2)];
  const room = new Room(makeRecord(), new Turn(), { readAfter: () => Promise.resolve(log), patienceMs: 0 });
  const ann = new FakeMember("ann");
  await sit(room, ann);
  const bob = new FakeMember("bob");
  await room.seat(bob, room.evictions, () => Promise.resolve({ seq: 2, admit: () => ["history up to 2"] }));
  await nextTurn();
  assertEquals(ann.take().map(({ seq }) => seq), [1, 2]);
  assertEquals(bob.lines, ["history up to 2"]);
  room.receive(makeMessage(2));
  room.receive(makeMessage(3));
  await nextTurn();
  await nextTurn();
  for (const member of [ann, bob]) assertEquals(JSON.parse(member.frames.at(-1)!).seq, 3);
});

Deno.test("seat() leaves the room as it was for a member that has gone meanwhile", async () => {
  const room = open();
  const member = new FakeMember();
  let isAdmitted = false;
  await room.seat(member, room.evictions, () => {
    member.isOpen = false;
    return Promise.resolve({ seq: 0, admit: () => [String(isAdmitted = true)] });
  });
  assertEquals([isAdmitted, room.connections, room.isIdle, member.frames], [false, 0, true, []]);
});

Deno.test("seat() rejects with what went wrong, and wants nothing of the room any more", async () => {
  const room = open();
  const member = new FakeMember();
  const trouble = () => Promise.reject(new StoreUnavailable("down"));
  await assertRejects(() => room.seat(member, room.evictions, trouble), StoreUnavailable, "down");
  assertEquals([room.connections, room.isIdle], [0, true]);
});

Deno.test("seat() rejects rather than leave a gap if too much was told meanwhile", async () => {
  const room = open();
  const member = new FakeMember();
  const seated = room.seat(member, room.evictions, async () => {
    await nextTurn();
    return { seq: 0, admit: () => [] };
  });
  for (let i = 0; i < 9; i++) room.tell("x".repeat(1 << 20));
  await assertRejects(() => seated, StoreUnavailable);
  assertEquals([room.connections, member.frames], [0, []]);
});

Deno.test("a member that is left out of a line gets everything else, in order", async () => {
  const room = open();
  const [ann, bob] = await fill(room, 2);
  room.tell("a");
  room.tell("typing", { except: ann, droppable: true });
  room.tell("b");
  await nextTurn();
  assertEquals(ann.lines, ["a", "b"]);
  assertEquals(bob.lines, ["a", "typing", "b"]);
});

Deno.test("unseat() takes a seat once, however often it is called", async () => {
  const room = open();
  const [ann, bob] = [new FakeMember("ann"), new FakeMember("bob")];
  const seat = await sit(room, ann);
  await sit(room, bob);
  room.unseat(seat);
  room.unseat(seat);
  assertEquals(room.connections, 1);
  room.tell("a");
  await nextTurn();
  assertEquals([ann.frames, bob.frames], [[], ["a"]]);
});

Deno.test("a room is idle only when nobody sits there, waits to, works there, or may come back", async () => {
  const room = open();
  assert(room.isIdle);
  const seat = await sit(room, new FakeMember());
  assert(!room.isIdle);
  room.unseat(seat);
  assert(room.isIdle);
  room.leases++;
  assert(!room.isIdle);
  room.leases--;
  room.attendance.enter("ann", "Ann", 0);
  assert(!room.isIdle);
  room.attendance.leave("ann");
  await room.seat(new FakeMember(), room.evictions, () => {
    assert(!room.isIdle);
    return Promise.resolve({ seq: 0, admit: () => [] });
  });
});

Deno.test("evict() takes every seat of a person, says whose they were, and tells them nothing more", async () => {
  const room = open();
  const [desk, phone, bob] = [new FakeMember("ann"), new FakeMember("ann", false), new FakeMember("bob")];
  for (const member of [desk, phone, bob]) await sit(room, member);
  const evicted: string[] = [];
  for (const member of [desk, phone]) member.evicted = (roomId) => void evicted.push(roomId);
  room.tell("before");
  assertEquals(room.evict("ann"), [desk, phone]);
  room.tell("after");
  await nextTurn();
  assertEquals([desk.frames, phone.frames, bob.frames], [[], [], ["before\nafter"]]);
  assertEquals([evicted, room.connections, room.evict("ann")], [["general", "general"], 1, []]);
});

Deno.test("seat() rejects whoever found out that they may come in before somebody was thrown out", async () => {
  const room = open();
  const member = new FakeMember("ann");
  const { evictions } = room;
  const seated = room.seat(member, evictions, async () => {
    await nextTurn();
    return { seq: 0, admit: () => ["joined"] };
  });
  room.evict("ann");
  await assertRejects(() => seated, StoreUnavailable);
  assertEquals([room.connections, room.isIdle, member.frames], [0, true, []]);
});

Deno.test("seat() seats who was on the way in while somebody else was thrown out", async () => {
  const room = open();
  const member = new FakeMember("ann");
  const seated = room.seat(member, room.evictions, async () => {
    await nextTurn();
    return { seq: 0, admit: () => ["joined"] };
  });
  room.evict("bob");
  room.unsettle("carl");
  await seated;
  await nextTurn();
  assertEquals([room.connections, member.frames], [1, ["joined"]]);
});
