import { assertEquals } from "@std/assert";
import { FOREVER } from "../../../lib/store/standing.ts";
import { count, FRESH, newRoom, START, type Test } from "./bench.ts";

/** What a store promises of who is out, silent, or invited, and of how far people have come. */
export function testStandings(test: Test): void {
  test("standing() tells nothing of who was never there", async ({ store }) => {
    await store.createRoom(newRoom("a"));
    assertEquals(await store.standing("a", "ann"), undefined);
    assertEquals(await store.standing("nowhere", "ann"), undefined);
  });

  test("changeStanding() makes a standing under the known name, which is no membership", async (bench) => {
    const { store } = bench;
    await store.createRoom(newRoom("a"));
    await bench.say("a", "1");
    await store.putPerson({ userId: "ann", username: "Ann", lastSeen: 0 });
    const banned = await store.changeStanding("a", "ann", { bannedUntil: FOREVER });
    const none = { roomId: "a", role: null, ...FRESH, delivered: 0, read: 0 };
    assertEquals(banned, { ...none, userId: "ann", username: "Ann", bannedUntil: FOREVER });
    assertEquals(await store.standing("a", "ann"), banned);
    const invited = await store.changeStanding("a", "bob", { isInvited: true });
    assertEquals(invited, { ...none, userId: "bob", username: "bob", isInvited: true });
    assertEquals(await store.members("a", 10), []);
    assertEquals(await store.memberships("ann", 10), []);
  });

  test("changeStanding() changes what it is given, and keeps the rest", async ({ store }) => {
    const ann = await store.putMember("a", "ann", "Ann");
    await store.changeStanding("a", "ann", { mutedUntil: START });
    const promoted = await store.changeStanding("a", "ann", { role: "admin", mutedUntil: undefined });
    assertEquals(promoted, { ...ann, role: "admin", mutedUntil: START });
    const banned = await store.changeStanding("a", "ann", { role: null, bannedUntil: FOREVER });
    assertEquals(banned, { ...ann, role: null, mutedUntil: START, bannedUntil: FOREVER });
    assertEquals(await store.members("a", 10), []);
    assertEquals(await store.changeStanding("a", "ann", { bannedUntil: 0, mutedUntil: 0 }), {
      ...ann,
      role: null,
    });
    assertEquals(await store.changeStanding("a", "ann", {}), { ...ann, role: null });
  });

  test("changeStanding() lists a member by the new role", async ({ store }) => {
    for (const user of ["ann", "bob", "cy"]) await store.putMember("a", user, user);
    await store.changeStanding("a", "cy", { role: "admin" });
    assertEquals((await store.members("a", 10)).map(({ userId, role }) => `${userId} ${role}`), [
      "cy admin",
      "ann member",
      "bob member",
    ]);
    await store.changeStanding("a", "ann", { mutedUntil: 5 });
    assertEquals((await store.members("a", 10)).map(({ mutedUntil }) => mutedUntil), [0, 5, 0]);
  });

  test("putMember() uses an invitation up, and counts as joining now", async (bench) => {
    const { store } = bench;
    for (const roomId of ["a", "b"]) await store.createRoom(newRoom(roomId, { visibility: "private" }));
    await store.changeStanding("a", "ann", { isInvited: true });
    await store.putMember("b", "ann", "Ann");
    await bench.say("a", "1", "2");
    const ann = await store.putMember("a", "ann", "Ann");
    assertEquals(ann, {
      ...{ roomId: "a", userId: "ann", username: "Ann", role: "member", ...FRESH },
      ...{ delivered: 2, read: 2 },
    });
    assertEquals((await store.memberships("ann", 10)).map(({ room }) => room.roomId), ["a", "b"]);
    await store.changeStanding("a", "ann", { isInvited: true });
    assertEquals(await store.putMember("a", "ann", "Ann"), ann);
  });

  test("removeMember() leaves bans and mutes, takes role and invitation", async ({ store }) => {
    await store.putMember("a", "ann", "Ann");
    await store.changeStanding("a", "ann", { mutedUntil: FOREVER, isInvited: true });
    await store.removeMember("a", "ann");
    const left = await store.standing("a", "ann");
    assertEquals([left?.role, left?.isInvited, left?.mutedUntil], [null, false, FOREVER]);
    assertEquals(await store.memberships("ann", 10), []);
    const back = await store.putMember("a", "ann", "Ann");
    assertEquals([back.role, back.mutedUntil], ["member", FOREVER]);
    await store.changeStanding("b", "ann", { isInvited: true });
    await store.removeMember("b", "ann");
    assertEquals(await store.standing("b", "ann"), undefined);
  });

  test("a ban stays whatever happens at the same time", async ({ store }) => {
    const ban = () =>
      store.changeStanding("a", "ann", { role: null, isInvited: false, bannedUntil: FOREVER });
    const join = () => store.putMember("a", "ann", "Ann");
    const mute = () => store.changeStanding("a", "ann", { mutedUntil: 7 });
    const leave = () => store.removeMember("a", "ann");
    for (
      const calls of [[ban, join, mute], [join, ban, mute], [mute, leave, join, ban], [
        ban,
        leave,
        join,
        mute,
      ]]
    ) {
      await store.changeStanding("a", "ann", { role: null, bannedUntil: 0, mutedUntil: 0 });
      await Promise.all(calls.map((call) => call() as Promise<unknown>));
      const { bannedUntil, mutedUntil } = (await store.standing("a", "ann"))!;
      assertEquals(bannedUntil, FOREVER);
      assertEquals(mutedUntil, 7);
    }
    await Promise.all([join(), ban()]);
    assertEquals((await store.standing("a", "ann"))?.role, null);
    assertEquals(await store.members("a", 10), []);
  });

  test("banned() lists who is out of a room now, by name, and no more than asked for", async ({ store }) => {
    assertEquals(await store.banned("a", START, 10), []);
    for (const [userId, username] of [["1", "Cy"], ["2", "Ann"], ["3", "Bob"], ["4", "Ann"], ["5", "Zoe"]]) {
      await store.putMember("a", userId, username);
    }
    for (const userId of ["1", "2", "4"]) {
      await store.changeStanding("a", userId, { role: null, bannedUntil: FOREVER });
    }
    const bob = await store.changeStanding("a", "3", { role: null, bannedUntil: START + 1 });
    await store.changeStanding("a", "5", { mutedUntil: FOREVER });
    await store.changeStanding("b", "5", { bannedUntil: FOREVER });
    const listed = async (now: number, limit: number) =>
      (await store.banned("a", now, limit)).map(({ userId }) => userId);
    assertEquals(await listed(START, 10), ["2", "4", "3", "1"]);
    assertEquals(await listed(START, 3), ["2", "4", "3"]);
    assertEquals((await store.banned("a", START, 10))[2], bob);
    assertEquals(await listed(START + 1, 10), ["2", "4", "1"]);
    await store.changeStanding("a", "1", { bannedUntil: 0 });
    await store.removeMember("a", "2");
    assertEquals(await listed(START + 1, 10), ["2", "4"]);
  });

  test("invitations() lists the rooms a person is asked into and not in, by id", async (bench) => {
    const { store } = bench;
    assertEquals(await store.invitations("ann", 10), []);
    for (const roomId of ["c", "a", "b", "d"]) {
      await store.createRoom(newRoom(roomId, { visibility: "private" }));
    }
    for (const roomId of ["c", "a", "b", "log"]) {
      await store.changeStanding(roomId, "ann", { isInvited: true });
      await store.changeStanding(roomId, "bob", { isInvited: true });
    }
    const listed = async (limit: number) =>
      (await store.invitations("ann", limit)).map(({ roomId }) => roomId);
    assertEquals(await listed(10), ["a", "b", "c"]);
    assertEquals(await listed(2), ["a", "b"]);
    await bench.say("a", "1");
    assertEquals((await store.invitations("ann", 1))[0], (await store.room("a"))!);
    await store.putMember("b", "ann", "Ann");
    assertEquals(await listed(10), ["a", "c"]);
    await store.changeStanding("b", "ann", { isInvited: true });
    assertEquals(await listed(10), ["a", "c"]);
    await store.removeMember("b", "ann");
    await store.changeStanding("a", "ann", { isInvited: false, bannedUntil: FOREVER });
    assertEquals(await listed(10), ["c"]);
    await store.removeMember("c", "ann");
    assertEquals(await listed(10), []);
    assertEquals((await store.invitations("bob", 10)).length, 3);
  });

  test("advance() moves cursors forward only, not beyond the head, and tells which moved", async (bench) => {
    const { store } = bench;
    const [ann, bob] = [await store.putMember("a", "ann", "Ann"), await store.putMember("a", "bob", "Bob")];
    await bench.say("a", ...count(1, 10).map(String));
    const [a, b] = [{ roomId: "a", userId: "ann" }, { roomId: "a", userId: "bob" }];
    const moved = await store.advance([
      { ...a, delivered: 4 },
      { ...a, delivered: 4 },
      { ...a, read: 3 },
      { ...a, read: 6 },
      { ...a, delivered: 5, read: 2 },
      { ...b, read: 99 },
      { ...b, delivered: 10 },
      { ...b },
      { ...b, read: -5 },
      { roomId: "a", userId: "nobody", read: 1 },
      { roomId: "nowhere", userId: "ann", read: 1 },
    ]);
    assertEquals(moved, [true, false, true, true, false, true, false, false, false, false, false]);
    assertEquals(await store.standing("a", "ann"), { ...ann, delivered: 6, read: 6 });
    assertEquals(await store.standing("a", "bob"), { ...bob, delivered: 10, read: 10 });
    assertEquals(await store.standing("a", "nobody"), undefined);
    assertEquals((await store.page("nowhere", { limit: 1, maxLength: 1 })).epoch, "");
    assertEquals(await store.advance([]), []);
    assertEquals((await store.members("a", 10)).map(({ read }) => read), [6, 10]);
  });

  test("advance() counts what was appended by calls before it", async (bench) => {
    await bench.store.putMember("a", "ann", "Ann");
    const cursor = { roomId: "a", userId: "ann", read: 2 };
    const [, moved] = await Promise.all([bench.say("a", "1", "2"), bench.store.advance([cursor])]);
    assertEquals(moved, [true]);
    assertEquals((await bench.store.memberships("ann", 1)).length, 0);
    assertEquals((await bench.store.standing("a", "ann"))?.read, 2);
  });

  test("append() takes what a member says as read by that member, and makes nobody one", async (bench) => {
    const { store } = bench;
    for (const user of ["ann", "bob"]) await store.putMember("a", user, user);
    const by = (userId: string, id: string) => bench.draft("a", id, { userId, id });
    await store.append([by("ann", "1"), by("zoe", "2"), by("ann", "3"), by("bob", "4"), by("ann", "1")]);
    const reads = async () => (await store.members("a", 10)).map(({ delivered, read }) => [delivered, read]);
    assertEquals(await reads(), [[3, 3], [4, 4]]);
    assertEquals(await store.standing("a", "zoe"), undefined);
    await store.append([by("bob", "5"), by("ann", "1")]);
    assertEquals(await reads(), [[3, 3], [5, 5]]);
    await store.changeStanding("a", "bob", { role: null, bannedUntil: FOREVER });
    await store.append([by("bob", "6")]);
    assertEquals((await store.standing("a", "bob"))?.read, 5);
  });
}
