import { assertEquals } from "@std/assert";
import { count, FRESH, newRoom, type Test } from "./bench.ts";

/** What a store promises of memberships. */
export function testMembers(test: Test): void {
  test("putMember() makes a member who has read everything so far", async (bench) => {
    const { store } = bench;
    await store.createRoom(newRoom("a"));
    await bench.say("a", "1", "2", "3");
    assertEquals(await store.standing("a", "ann"), undefined);
    const member = await store.putMember("a", "ann", "Ann");
    assertEquals(member, {
      roomId: "a",
      userId: "ann",
      username: "Ann",
      role: "member",
      ...FRESH,
      delivered: 3,
      read: 3,
    });
    await bench.say("a", "4");
    assertEquals(await store.standing("a", "ann"), member);
  });

  test("putMember() counts what was appended by calls before it", async (bench) => {
    const [, member] = await Promise.all([
      bench.say("a", "1", "2"),
      bench.store.putMember("a", "ann", "Ann"),
    ]);
    assertEquals(member.read, 2);
  });

  test("putMember() renames a member, keeping role and cursors", async (bench) => {
    const { store } = bench;
    await store.createRoom(newRoom("a", { owner: { userId: "ann", username: "Ann" } }));
    await bench.say("a", "1", "2");
    const renamed = await store.putMember("a", "ann", "Anne");
    assertEquals(renamed, {
      roomId: "a",
      userId: "ann",
      username: "Anne",
      role: "owner",
      ...FRESH,
      delivered: 0,
      read: 0,
    });
    assertEquals(await store.standing("a", "ann"), renamed);
    assertEquals(await store.putMember("a", "ann", "Anne"), renamed);
  });

  test("putMember() makes one member when asked several times at once", async ({ store }) => {
    await Promise.all(count(1, 10).map(() => store.putMember("a", "ann", "Ann")));
    assertEquals((await store.members("a", 10)).length, 1);
  });

  test("removeMember() ends a membership, and only that", async (bench) => {
    const { store } = bench;
    await store.createRoom(newRoom("a"));
    for (const user of ["ann", "bob"]) await store.putMember("a", user, user);
    await store.putMember("b", "ann", "ann");
    await store.removeMember("a", "ann");
    await store.removeMember("a", "nobody");
    await store.removeMember("nowhere", "ann");
    assertEquals(await store.standing("a", "ann"), undefined);
    assertEquals((await store.members("a", 10)).map(({ userId }) => userId), ["bob"]);
    assertEquals((await store.members("b", 10)).map(({ userId }) => userId), ["ann"]);
    await bench.say("a", "1");
    assertEquals((await store.putMember("a", "ann", "ann")).read, 1);
  });

  test("members() lists the owner first, then members by name", async ({ store }) => {
    assertEquals(await store.members("a", 10), []);
    await store.createRoom(newRoom("a", { owner: { userId: "z", username: "Zoe" } }));
    for (const [userId, username] of [["3", "Cy"], ["2", "Bo"], ["1", "Cy"], ["4", "Al"]]) {
      await store.putMember("a", userId, username);
    }
    const listed = async (limit: number) => (await store.members("a", limit)).map(({ userId }) => userId);
    assertEquals(await listed(10), ["z", "4", "2", "1", "3"]);
    assertEquals(await listed(2), ["z", "4"]);
    await store.putMember("a", "4", "Yo");
    assertEquals(await listed(10), ["z", "2", "1", "3", "4"]);
    await store.removeMember("a", "2");
    assertEquals(await listed(10), ["z", "1", "3", "4"]);
  });

  test("members() tells when each was last here, and 0 of who never went", async ({ store }) => {
    for (const user of ["ann", "bob", "cy"]) await store.putMember("a", user, user);
    await store.putPerson({ userId: "bob", username: "Bob", lastSeen: 5 });
    await store.putPerson({ userId: "cy", username: "cy", lastSeen: 0 });
    const seen = async () => (await store.members("a", 10)).map(({ userId, lastSeen }) => [userId, lastSeen]);
    assertEquals(await seen(), [["ann", 0], ["bob", 5], ["cy", 0]]);
    await store.putPerson({ userId: "ann", username: "ann", lastSeen: 7 });
    assertEquals(await seen(), [["ann", 7], ["bob", 5], ["cy", 0]]);
    assertEquals((await store.members("a", 1))[0].username, "ann");
  });

  test("memberships() lists a person's rooms, most recently joined first", async (bench) => {
    const { store } = bench;
    assertEquals(await store.memberships("ann", 10), []);
    for (const roomId of ["a", "b", "c"]) await store.createRoom(newRoom(roomId, { visibility: "private" }));
    for (const roomId of ["b", "a", "c"]) await store.putMember(roomId, "ann", "Ann");
    await store.putMember("a", "bob", "Bob");
    const listed = async () => (await store.memberships("ann", 10)).map(({ room }) => room.roomId);
    assertEquals(await listed(), ["c", "a", "b"]);
    await store.putMember("b", "ann", "Anne");
    assertEquals(await listed(), ["c", "a", "b"]);
    await store.removeMember("b", "ann");
    await store.putMember("b", "ann", "Ann");
    await bench.say("b", "1", "2");
    const [newest] = await store.memberships("ann", 1);
    assertEquals(newest.room, (await store.room("b"))!);
    assertEquals([newest.room.head, newest.membership.read], [2, 0]);
    assertEquals(await listed(), ["b", "c", "a"]);
  });

  test("a room that is only a log can have members, and shows in no list of rooms", async (bench) => {
    const { store } = bench;
    await bench.say("log", "1");
    assertEquals((await store.putMember("log", "ann", "Ann")).read, 1);
    assertEquals((await store.standing("log", "ann"))?.username, "Ann");
    assertEquals(await store.memberships("ann", 10), []);
    assertEquals(await store.rooms("ann", 10), []);
  });
}
