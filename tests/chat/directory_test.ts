import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { Directory } from "../../lib/chat/directory.ts";
import type { User } from "../../lib/chat/member.ts";
import { People } from "../../lib/chat/people.ts";
import { Rooms } from "../../lib/chat/rooms.ts";
import { Turn } from "../../lib/kit/turn.ts";
import { Refusal } from "../../lib/protocol/codes.ts";
import type { NewRoom } from "../../lib/store/store.ts";
import { FakeStore } from "./fake_store.ts";
import { FakeMember } from "./fakes.ts";

function person(userId: string, rooms?: string[]): User {
  return { userId, username: userId.toUpperCase(), role: "user", rooms };
}

const [ANN, BOB, EVE] = ["ann", "bob", "eve"].map((userId) => person(userId));

/** Public `general`, `quiet` and `guarded`, private `secret` and a direct room; Ann is in all but `quiet`. */
async function open() {
  const store = new FakeStore();
  const rooms = new Rooms(store, new Turn());
  const make = (roomId: string, more: Partial<NewRoom> = {}) =>
    store.createRoom({
      roomId,
      roomName: `The ${roomId}`,
      visibility: "public",
      passwordHash: null,
      ...more,
    });
  const owner = { userId: "ann", username: "ANN" };
  await make("quiet");
  await make("dm:ann:bob", { visibility: "private", owner });
  await make("secret", { visibility: "private", owner });
  await make("guarded", { passwordHash: "a hash", owner });
  await make("general", { owner });
  const people = new People();
  return { store, rooms, people, directory: new Directory(store, rooms, people) };
}

function codeOf(refusal: unknown): string {
  assertInstanceOf(refusal, Refusal);
  return refusal.code;
}

Deno.test("rooms() shows public rooms and a person's own private ones, the fullest first", async () => {
  const { rooms, directory } = await open();
  const lease = await rooms.lease("quiet");
  lease!.room.attendance.enter("bob", "BOB", 0);
  const seen = await directory.rooms(ANN);
  assertEquals(seen[0], {
    roomId: "quiet",
    roomName: "The quiet",
    members: 1,
    protected: false,
    visibility: "public",
  });
  assertEquals(new Set(seen.map(({ roomId }) => roomId)), new Set(["quiet", "general", "guarded", "secret"]));
  assertEquals(seen.find(({ roomId }) => roomId === "guarded")?.protected, true);
});

Deno.test("rooms() shows others neither private rooms nor hashes, and nobody direct rooms", async () => {
  const { directory } = await open();
  const seen = await directory.rooms(EVE);
  assertEquals(seen.map(({ roomId }) => roomId), ["general", "guarded", "quiet"]);
  assertEquals(JSON.stringify(seen).includes("a hash"), false);
});

Deno.test("rooms() and belongings() keep to the token's list", async () => {
  const { directory } = await open();
  const limited = person("ann", ["g*"]);
  assertEquals((await directory.rooms(limited)).map(({ roomId }) => roomId), ["general", "guarded"]);
  assertEquals((await directory.belongings(limited)).map(({ roomId }) => roomId), ["general", "guarded"]);
});

Deno.test("belongings() tells a person's own rooms, direct ones too, with what they have not read", async () => {
  const { store, directory } = await open();
  await store.putMember("general", "bob", "BOB");
  const draft = { roomId: "general", userId: "ann", username: "ANN", content: "Hello", timestamp: 1 };
  await store.append([1, 2].map((i) => ({ ...draft, id: `m${i}` })));
  const { epoch } = await store.page("general", { limit: 1, maxLength: 1 });
  assertEquals(await directory.belongings(BOB), [
    { roomId: "general", roomName: "The general", seq: 2, epoch, read: 0, unread: 2 },
  ]);
  const own = (await directory.belongings(ANN)).map(({ roomId }) => roomId);
  assertEquals(own, ["general", "guarded", "secret", "dm:ann:bob"]);
  assertEquals(await directory.belongings(EVE), []);
});

Deno.test("members() tells who belongs to a room, those who are connected first", async () => {
  const { store, rooms, people, directory } = await open();
  await store.putMember("general", "bob", "BOB");
  const lease = await rooms.lease("general");
  lease!.room.attendance.enter("bob", "BOB", 0);
  lease!.room.attendance.enter("bob", "BOB", 0);
  people.add(new FakeMember("bob"));
  const rest = { delivered: 0, read: 0 };
  const unknown = { lastSeen: undefined, mutedUntil: undefined };
  assertEquals(await directory.members(ANN, "general"), {
    members: [
      {
        userId: "bob",
        username: "BOB",
        status: "online",
        role: "member",
        connections: 2,
        ...rest,
        ...unknown,
      },
      {
        userId: "ann",
        username: "ANN",
        status: "offline",
        role: "owner",
        connections: 0,
        ...rest,
        ...unknown,
      },
    ],
    banned: [],
  });
});

Deno.test("members() tells who is connected without being there, and who looks at none of their devices", async () => {
  const { people, directory } = await open();
  const [desk, phone] = [new FakeMember("ann"), new FakeMember("ann")];
  const status = async () => {
    const members = await directory.members(ANN, "general");
    assert(!(members instanceof Refusal));
    return members.members.map(({ status, connections }) => [status, connections]);
  };
  for (const visitor of [desk, phone]) people.add(visitor);
  desk.availability = "away";
  assertEquals(await status(), [["online", 0]]);
  phone.availability = "away";
  assertEquals(await status(), [["away", 0]]);
});

Deno.test("see() remembers a person's name, and when they were last here", async () => {
  const { store, directory } = await open();
  await directory.see(ANN);
  assertEquals(await store.person("ann"), { userId: "ann", username: "ANN", lastSeen: 0 });
  await directory.see(ANN, 7);
  await directory.see({ ...ANN, username: "Annie" });
  assertEquals(await store.person("ann"), { userId: "ann", username: "Annie", lastSeen: 7 });
});

Deno.test("belongings() names a direct room after who is at the other end", async () => {
  const { store, directory } = await open();
  const name = async () =>
    (await directory.belongings(ANN)).find(({ roomId }) => roomId === "dm:ann:bob")?.roomName;
  assertEquals(await name(), "bob");
  await store.putPerson({ userId: "bob", username: "Bob", lastSeen: 0 });
  assertEquals(await name(), "Bob");
});

Deno.test("members() is for members: others learn no more than that they would have to join", async () => {
  const { directory } = await open();
  const refusals: [User, string, string][] = [
    [EVE, "general", "not_a_member"],
    [EVE, "secret", "room_not_found"],
    [EVE, "no such room", "room_not_found"],
    [EVE, "dm:ann:bob", "room_not_found"],
    [person("ann", ["g*"]), "secret", "forbidden"],
  ];
  for (const [user, roomId, code] of refusals) {
    assertEquals(codeOf(await directory.members(user, roomId)), code, roomId);
    assertEquals(codeOf(await directory.checkMember(user, roomId)), code, roomId);
    assertEquals(codeOf(await directory.explainAbsence(user, roomId)), code, roomId);
  }
  assertEquals(await directory.checkMember(ANN, "secret"), undefined);
});

Deno.test("explainAbsence() asks a member without a seat to join", async () => {
  const { directory } = await open();
  for (const roomId of ["general", "secret", "dm:ann:bob"]) {
    assertEquals(codeOf(await directory.explainAbsence(ANN, roomId)), "not_a_member");
  }
});
