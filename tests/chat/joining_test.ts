import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { Passwords } from "../../lib/auth/passwords.ts";
import { History } from "../../lib/chat/history.ts";
import { Joining } from "../../lib/chat/joining.ts";
import type { User } from "../../lib/chat/member.ts";
import { People } from "../../lib/chat/people.ts";
import { Posting } from "../../lib/chat/posting.ts";
import { Presence } from "../../lib/chat/presence.ts";
import { Rooms } from "../../lib/chat/rooms.ts";
import { Turn } from "../../lib/kit/turn.ts";
import { Refusal } from "../../lib/protocol/codes.ts";
import type { Command } from "../../lib/protocol/commands.ts";
import { StoreUnavailable } from "../../lib/store/store.ts";
import { FakeStore } from "./fake_store.ts";
import { FakeMember, nextTurn } from "./fakes.ts";

const GRACE_MS = 5_000;

function open(roomCreation: "anyone" | "admin" = "anyone") {
  const store = new FakeStore();
  const rooms = new Rooms(store, new Turn());
  const people = new People();
  const presence = new Presence(rooms, people, { presenceGraceMs: GRACE_MS, presenceDetailLimit: 200 });
  const history = new History(store, { recoveryLimit: 300 });
  const joining = new Joining(store, rooms, history, presence, new Passwords(), { roomCreation });
  const posting = new Posting(store, rooms, { appended() {}, failed() {} });
  function join(member: FakeMember, more: Partial<Command<"join">> = {}) {
    people.add(member);
    return joining.join(member, { type: "join", roomId: "general", ...more });
  }
  function lose(member: FakeMember): void {
    people.delete(member);
    joining.lose(member);
  }
  async function say(member: FakeMember, content: string): Promise<void> {
    posting.post(member.user, member.places.get("general")!.room, { content }, () => {});
    await posting.drained();
    await settled();
  }
  async function roleOf(userId: string) {
    return (await store.standing("general", userId))?.role ?? null;
  }
  return {
    ...{ store, rooms, people, joining, join, lose, say, roleOf },
    [Symbol.dispose]: () => presence[Symbol.dispose](),
  };
}

async function settled(): Promise<void> {
  for (let i = 0; i < 3; i++) await nextTurn();
}

/** What a member was told, in short. */
function heard(member: FakeMember): unknown[] {
  return member.take().map(({ type, event, content }) => event ?? content ?? type);
}

function codeOf(refusal: unknown): string {
  assertInstanceOf(refusal, Refusal);
  return refusal.code;
}

Deno.test("join() makes a room that is not there yet, and its first member the owner", async () => {
  using story = open();
  const ann = new FakeMember("ann");
  assertEquals(await story.join(ann, { id: "i1", roomName: "The General" }), undefined);
  const { epoch } = (await story.store.room("general"))!;
  const place = { roomId: "general", epoch, seq: 0 };
  assertEquals(ann.take(), [
    { type: "room_history", ...place, history: [], recovered: false, more: false },
    { type: "joined", id: "i1", ...place, roomName: "The General", members: 1, role: "owner", read: 0 },
  ]);
});

Deno.test("join() brings later ones in as members, and keeps the room as it is", async () => {
  using story = open();
  const [ann, bob] = [new FakeMember("ann"), new FakeMember("bob")];
  await story.join(ann);
  await story.say(ann, "Hello");
  await story.join(bob, { roomName: "Bob's" });
  await settled();
  const [history, joined] = bob.take();
  assertEquals((history.history as { content: string }[]).map(({ content }) => content), ["Hello"]);
  const { roomName, members, role, seq, read } = joined;
  assertEquals([roomName, members, role, seq, read], ["general", 2, "member", 1, 1]);
  assertEquals(heard(ann), ["room_history", "joined", "Hello", "join"]);
});

Deno.test("join() refuses to make a room for who may not", async () => {
  using story = open("admin");
  const admin: User = { userId: "root", username: "root", role: "admin" };
  const ann = new FakeMember("ann");
  assertEquals(codeOf(await story.join(ann)), "room_not_found");
  assertEquals(await story.join(new FakeMember(admin)), undefined);
  assertEquals(await story.join(ann), undefined);
});

Deno.test("join() makes no direct rooms, and knows none of others", async () => {
  using story = open();
  const ann = new FakeMember("ann");
  for (const roomId of ["dm:ann:bob", "dm:bob:eve", "dm:"]) {
    assertEquals(codeOf(await story.join(ann, { roomId })), "room_not_found");
    assertEquals(await story.store.room(roomId), undefined);
  }
  await story.store.createRoom({
    roomId: "dm:ann:bob",
    roomName: "",
    visibility: "private",
    passwordHash: null,
  });
  assertEquals(await story.join(ann, { roomId: "dm:ann:bob" }), undefined);
  assertEquals(codeOf(await story.join(new FakeMember("eve"), { roomId: "dm:ann:bob" })), "room_not_found");
});

Deno.test("join() forbids rooms that are not on the token's list, whether or not there are any", async () => {
  using story = open();
  const ann = new FakeMember({ userId: "ann", username: "Ann", role: "user", rooms: ["team-*"] });
  assertEquals(codeOf(await story.join(ann)), "forbidden");
  assertEquals(await story.store.room("general"), undefined);
  assertEquals(await story.join(ann, { roomId: "team-red" }), undefined);
});

Deno.test("join() continues where the reader left off", async () => {
  using story = open();
  const [ann, bob] = [new FakeMember("ann"), new FakeMember("bob")];
  await story.join(ann);
  for (const content of ["one", "two", "three"]) await story.say(ann, content);
  const { epoch } = (await story.store.room("general"))!;
  await story.join(bob, { after: 1, epoch });
  const [{ history, recovered, seq }] = bob.take();
  assertEquals((history as { content: string }[]).map(({ content }) => content), ["two", "three"]);
  assertEquals([recovered, seq], [true, 3]);
});

Deno.test("join() delivers what is said while it is answered after the answer, once", async () => {
  using story = open();
  const [ann, bob] = [new FakeMember("ann"), new FakeMember("bob")];
  await story.join(ann);
  const page = story.store.page.bind(story.store);
  story.store.page = async (...args) => {
    const answer = await page(...args);
    await story.say(ann, "meanwhile");
    return answer;
  };
  await story.join(bob);
  story.store.page = page;
  await story.say(ann, "afterwards");
  assertEquals(heard(bob), ["room_history", "joined", "meanwhile", "afterwards"]);
});

Deno.test("a connection that joins again takes a new seat without anybody noticing", async () => {
  using time = new FakeTime();
  using story = open();
  const [ann, bob] = [new FakeMember("ann"), new FakeMember("bob")];
  for (const member of [ann, bob]) await story.join(member);
  await settled();
  for (const member of [ann, bob]) member.take();
  await story.join(bob, { after: 0 });
  await story.say(ann, "Hello");
  assertEquals(heard(bob), ["room_history", "joined", "Hello"]);
  time.tick(60_000);
  await settled();
  assertEquals(heard(ann), ["Hello"]);
  assertEquals(story.rooms.live("general")!.attendance.get("bob")?.connections, 1);
});

Deno.test("a connection that cannot join again has lost its seat, and is missed like one that is gone", async () => {
  using time = new FakeTime();
  using story = open();
  const [ann, bob] = [new FakeMember("ann"), new FakeMember("bob")];
  for (const member of [ann, bob]) await story.join(member);
  await settled();
  for (const member of [ann, bob]) member.take();
  story.store.isDown = true;
  await assertRejects(() => story.join(bob), StoreUnavailable);
  story.store.isDown = false;
  await story.say(ann, "Hello");
  assertEquals([heard(bob), bob.places.size], [[], 0]);
  time.tick(GRACE_MS);
  await settled();
  assertEquals(heard(ann), ["Hello", "leave"]);
});

Deno.test("a connection that is gone before its join is answered never was in the room", async () => {
  using story = open();
  const ann = new FakeMember("ann");
  const page = story.store.page.bind(story.store);
  story.store.page = (...args) => {
    ann.isOpen = false;
    story.lose(ann);
    return page(...args);
  };
  assertEquals(await story.join(ann), undefined);
  assertEquals([ann.frames, ann.places.size, story.rooms.size], [[], 0, 0]);
});

Deno.test("a connection that is gone while it joins again leaves nobody behind", async () => {
  using time = new FakeTime();
  using story = open();
  const ann = new FakeMember("ann");
  await story.join(ann);
  const page = story.store.page.bind(story.store);
  story.store.page = (...args) => {
    ann.isOpen = false;
    story.lose(ann);
    return page(...args);
  };
  await story.join(ann);
  time.tick(GRACE_MS);
  assertEquals([ann.places.size, story.rooms.size], [0, 0]);
});

Deno.test("leave() tells the others at once, and ends the membership", async () => {
  using story = open();
  const [ann, bob] = [new FakeMember("ann"), new FakeMember("bob")];
  for (const member of [ann, bob]) await story.join(member);
  await settled();
  ann.take();
  assertEquals(await story.joining.leave(bob, "general"), undefined);
  await story.say(ann, "Hello");
  assertEquals(heard(ann), ["leave", "Hello"]);
  assertEquals(heard(bob), ["room_history", "joined"]);
  assertEquals(await story.roleOf("bob"), null);
  assertEquals(await story.roleOf("ann"), "owner");
});

Deno.test("leave() takes one connection out; the person stays until the last of them", async () => {
  using story = open();
  const [first, second] = [new FakeMember("ann"), new FakeMember("ann")];
  for (const member of [first, second]) await story.join(member);
  await story.joining.leave(first, "general");
  assertEquals(await story.roleOf("ann"), "owner");
  assertEquals(story.rooms.live("general")!.attendance.get("ann")?.connections, 1);
  // A connection without a seat takes nothing from the one that has one.
  await story.joining.leave(first, "general");
  assertEquals(await story.roleOf("ann"), "owner");
  await story.joining.leave(second, "general");
  assertEquals(await story.roleOf("ann"), null);
  assertEquals(story.rooms.size, 0);
});

Deno.test("leave() by a connection without a seat ends the membership of somebody who is away", async () => {
  using time = new FakeTime();
  using story = open();
  const [ann, bob] = [new FakeMember("ann"), new FakeMember("bob")];
  for (const member of [ann, bob]) await story.join(member);
  await settled();
  ann.take();
  story.lose(bob);
  const another = new FakeMember("bob");
  story.people.add(another);
  assertEquals(await story.joining.leave(another, "general"), undefined);
  await settled();
  assertEquals(heard(ann), ["leave"]);
  assertEquals(await story.roleOf("bob"), null);
  time.tick(60_000);
  await settled();
  assertEquals(heard(ann), []);
});

Deno.test("leave() says nothing of rooms that one may not see", async () => {
  using story = open();
  const eve = new FakeMember("eve");
  const room = { roomName: "", visibility: "private", passwordHash: null } as const;
  await story.store.createRoom({ roomId: "secret", ...room, owner: { userId: "ann", username: "Ann" } });
  for (const roomId of ["secret", "no such room", "dm:ann:bob"]) {
    assertEquals(codeOf(await story.joining.leave(eve, roomId)), "room_not_found", roomId);
  }
  assertEquals(await story.joining.leave(new FakeMember("ann"), "secret"), undefined);
});

Deno.test("lose() gives up every seat; the person remains a member, and is missed after the grace", async () => {
  using time = new FakeTime();
  using story = open();
  const [ann, bob] = [new FakeMember("ann"), new FakeMember("bob")];
  for (const roomId of ["general", "other"]) {
    for (const member of [ann, bob]) await story.join(member, { roomId });
  }
  await settled();
  ann.take();
  bob.take();
  story.lose(bob);
  story.lose(bob);
  await story.say(ann, "Hello");
  assertEquals([heard(bob), bob.places.size], [[], 0]);
  assertEquals(await story.roleOf("bob"), "member");
  time.tick(GRACE_MS);
  await settled();
  assertEquals(ann.take().map(({ event, content, status, roomId }) => [event ?? content ?? status, roomId]), [
    ["Hello", "general"],
    ["leave", "general"],
    ["leave", "other"],
    ["offline", undefined],
  ]);
});
