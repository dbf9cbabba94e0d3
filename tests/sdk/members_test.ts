import { assertEquals } from "@std/assert";
import type { MemberInfo } from "../../static/sdk/mod.ts";
import { MemberList } from "../../static/sdk/member_list.ts";
import { chat, chats, joined, page } from "./support/chat_messages.ts";
import { joinedRoom, reconnected, testClient } from "./support/test_client.ts";

function member(userId: string, more: Partial<MemberInfo> = {}): MemberInfo {
  const standing = { status: "online", role: "member", connections: 1, delivered: 0, read: 0 };
  return { userId, username: userId, ...standing, ...more };
}

Deno.test("MemberList keeps nothing before somebody has asked", () => {
  const list = new MemberList();
  const news = { type: "system" as const, roomId: "r", event: "join", userId: "bo", timestamp: 1 };
  assertEquals([list.system(news), list.isKept, list.members], [false, false, []]);
});

Deno.test("MemberList moves cursors forward only, and takes what was read for delivered", () => {
  const list = new MemberList();
  list.take([member("bo")]);
  const cursors = () => list.members.map(({ delivered, read }) => [delivered, read])[0];
  assertEquals(list.receipt({ userId: "bo", seq: 5, status: "delivered" }), true);
  assertEquals(list.receipt({ userId: "bo", seq: 3, status: "read" }), true);
  assertEquals(list.receipt({ userId: "bo", seq: 2, status: "read" }), false);
  assertEquals(list.receipt({ userId: "stranger", seq: 2, status: "read" }), false);
  assertEquals(cursors(), [5, 3]);
  assertEquals([list.wrote(chat(9, { userId: "bo" })), cursors()], [true, [9, 9]]);
});

Deno.test("MemberList follows who is muted, and for those who are told, who is banned", () => {
  const list = new MemberList();
  const news = (event: string, userId: string, seconds?: number) =>
    list.system({
      type: "system",
      roomId: "r",
      event,
      userId,
      username: userId.toUpperCase(),
      timestamp: 1_000,
      seconds,
    });
  list.take([member("bo", { mutedUntil: 5 }), member("cy")]);
  const muted = () => list.members.map(({ mutedUntil }) => mutedUntil);
  assertEquals([muted(), list.banned], [[5, undefined], undefined]);
  assertEquals([news("mute", "cy", 60), news("mute", "bo"), muted()], [true, true, [null, 61_000]]);
  assertEquals([news("unmute", "cy"), news("unmute", "stranger"), muted()], [true, false, [null, undefined]]);
  assertEquals([news("ban", "eve"), list.banned], [false, undefined], "who is not told learns nothing");
  list.take([member("bo")], [{ userId: "eve", username: "Eve" }]);
  assertEquals([news("ban", "fay", 60), news("ban", "bo"), news("unban", "eve")], [true, true, true]);
  assertEquals([list.members, list.banned], [[], [
    { userId: "fay", username: "FAY", until: 61_000 },
    { userId: "bo", username: "BO", until: undefined },
  ]]);
});

Deno.test("A room that a fresh token does not reach any more is left, and says why", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test, chats(1, 3));
  const reasons: string[] = [];
  room.addEventListener("left", ({ detail }) => void reasons.push(detail.code));
  socket.receive({ type: "left", id: "a late answer", roomId: "general" }, {
    type: "left",
    roomId: "elsewhere",
  });
  assertEquals(reasons, []);
  socket.receive({ type: "left", roomId: "general" });
  assertEquals([reasons, test.client.room("general")], [["forbidden"], undefined]);
});

Deno.test("A room asks anew who is there when our own role has changed", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test, chats(1, 3));
  const asking = room.listMembers();
  await test.time.runMicrotasks();
  const [ask] = socket.takeSent();
  socket.receive({ type: "members", id: ask.id, roomId: "general", members: [member("ada"), member("bo")] });
  await asking;
  socket.receive({ type: "system", roomId: "general", event: "promote", userId: "bo", timestamp: 7 });
  await test.time.runMicrotasks();
  assertEquals(socket.takeSent(), []);
  socket.receive({ type: "system", roomId: "general", event: "promote", userId: "ada", timestamp: 7 });
  await test.time.runMicrotasks();
  const [again] = socket.takeSent();
  assertEquals(again.type, "members");
  const banned = [{ userId: "eve", username: "Eve" }];
  socket.receive({ type: "members", id: again.id, roomId: "general", members: [member("ada")], banned });
  await test.time.runMicrotasks();
  assertEquals(room.banned, banned);
});

Deno.test("A room keeps who is there, after it was asked, and asks again after a break", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test, chats(1, 3));
  let changes = 0;
  room.addEventListener("members", () => changes++);
  const asking = room.listMembers();
  await test.time.runMicrotasks();
  const [ask] = socket.takeSent();
  socket.receive({
    type: "members",
    id: ask.id,
    roomId: "general",
    members: [member("ada"), member("grace")],
  });
  await asking;
  const sketch = () =>
    room.people.map(({ userId, status, role, read }) => `${userId} ${status} ${role} ${read}`);
  const system = (event: string, userId: string) => ({
    type: "system",
    roomId: "general",
    event,
    userId,
    timestamp: 7,
  });
  socket.receive(
    { type: "presence", userId: "grace", username: "Grace", status: "away" },
    { type: "receipt", roomId: "general", userId: "grace", seq: 2, status: "read" },
    { type: "receipt", roomId: "elsewhere", userId: "grace", seq: 3, status: "read" },
    system("join", "alan"),
    system("promote", "ada"),
  );
  assertEquals(sketch(), ["ada online admin 0", "grace away member 2", "alan online member 0"]);
  assertEquals(room.role, "admin");
  socket.receive(system("leave", "alan"), system("ban", "grace"), system("demote", "ada"));
  assertEquals(sketch(), ["ada online member 0", "alan offline member 0"]);
  assertEquals([room.people[1].lastSeen, room.role, changes], [7, "member", 8]);
  const again = await reconnected(test);
  const [join] = again.takeSent();
  again.receive(page([], 3, { recovered: true }), joined(join.id, 3));
  await test.time.runMicrotasks();
  assertEquals(again.takeSent().map((sent) => sent.type), ["members"]);
});

Deno.test("A room asks again a second after somebody left, and when somebody with a role comes back", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test, chats(1, 3));
  const told = (event: string, userId: string) =>
    socket.receive({ type: "system", roomId: "general", event, userId, timestamp: 7 });
  const isAsked = async (answer: MemberInfo[]) => {
    await test.time.tickAsync(2_000);
    await test.time.runMicrotasks();
    const sent = socket.takeSent();
    assertEquals(sent.map(({ type }) => type), ["members"]);
    socket.receive({ type: "members", id: sent[0].id, roomId: "general", members: answer });
    await test.time.runMicrotasks();
  };
  const sketch = () => room.people.map(({ userId, role }) => `${userId} ${role}`);
  const admin = member("bo", { role: "admin" });

  told("leave", "bo");
  await test.time.tickAsync(2_000);
  assertEquals(socket.takeSent(), [], "nobody has asked who is there");
  void room.listMembers();
  await isAsked([member("ada"), admin, member("cy")]);
  told("leave", "cy");
  told("leave", "bo");
  await test.time.tickAsync(500);
  assertEquals(socket.takeSent(), [], "not at once");
  await isAsked([member("ada"), { ...admin, status: "offline", connections: 0 }]);
  assertEquals(sketch(), ["ada member", "bo admin"], "who has only lost the connection keeps their role");
  told("join", "cy");
  await test.time.tickAsync(2_000);
  assertEquals(socket.takeSent(), [], "who comes for the first time has no role");
  told("join", "bo");
  await isAsked([member("ada"), member("bo"), member("cy")]);
  assertEquals(sketch(), ["ada member", "bo member", "cy member"]);
});

Deno.test("refreshMembers() asks once however often it is called, and not about a room that was left meanwhile", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test, chats(1, 3));
  void room.refreshMembers();
  void room.refreshMembers();
  await test.time.tickAsync(2_000);
  await test.time.runMicrotasks();
  assertEquals(socket.takeSent().map(({ type }) => type), ["members"]);
  void room.refreshMembers();
  socket.receive({ type: "left", roomId: "general" });
  await test.time.tickAsync(2_000);
  await test.time.runMicrotasks();
  assertEquals(socket.takeSent(), []);
});

Deno.test("Rooms whose members are listed are the first to be joined again", async () => {
  using test = testClient();
  const { socket } = await joinedRoom(test);
  const joining = test.client.join("den");
  await test.time.runMicrotasks();
  const [{ id }] = socket.takeSent();
  socket.receive({ ...page([], 0), roomId: "den" }, { ...joined(id, 0), roomId: "den" });
  const listing = (await joining).listMembers();
  await test.time.runMicrotasks();
  const [asked] = socket.takeSent();
  socket.receive({ type: "members", id: asked.id, roomId: "den", members: [member("bo")] });
  await listing;
  const again = await reconnected(test);
  const joins = again.takeSent().filter(({ type }) => type === "join");
  assertEquals(joins.map(({ roomId }) => roomId), ["den", "general"]);
});
