import { assert, assertEquals } from "@std/assert";
import { count, FRESH, newRoom, type Test, WHOLE } from "./bench.ts";

/** What a store promises of the records of rooms. */
export function testRooms(test: Test): void {
  test("createRoom() makes a room, its log, and its owner", async (bench) => {
    const { store } = bench;
    assertEquals(await store.room("a"), undefined);
    const wanted = newRoom("a", {
      visibility: "private",
      passwordHash: "hash",
      owner: { userId: "ann", username: "Ann" },
    });
    const { room, created } = await store.createRoom(wanted);
    assertEquals(created, true);
    const { epoch } = await store.page("a", WHOLE);
    const expected = { roomId: "a", roomName: "Room a", visibility: "private", passwordHash: "hash" };
    assertEquals<unknown>(room, { ...expected, epoch, head: 0 });
    assert(epoch !== "");
    await bench.say("a", "1", "2");
    assertEquals<unknown>(await store.room("a"), { ...expected, epoch, head: 2 });
    assertEquals(await store.members("a", 10), [
      {
        roomId: "a",
        userId: "ann",
        username: "Ann",
        role: "owner",
        ...FRESH,
        delivered: 0,
        read: 0,
        lastSeen: 0,
      },
    ]);
  });

  test("createRoom() leaves a room that exists as it is", async ({ store }) => {
    await store.createRoom(newRoom("a", { owner: { userId: "ann", username: "Ann" } }));
    const before = await store.room("a");
    const again = newRoom("a", {
      roomName: "Other",
      visibility: "private",
      passwordHash: "x",
      owner: { userId: "eve", username: "Eve" },
    });
    assertEquals(await store.createRoom(again), { room: before!, created: false });
    assertEquals(await store.room("a"), before);
    assertEquals(await store.standing("a", "eve"), undefined);
  });

  test("createRoom() makes a room once when several ask at the same time", async ({ store }) => {
    const made = await Promise.all(
      count(1, 10).map((i) => {
        const owner = { userId: `u${i}`, username: `U${i}` };
        return store.createRoom(newRoom("a", { roomName: `${i}`, owner }));
      }),
    );
    assertEquals(made.filter(({ created }) => created).length, 1);
    assertEquals(new Set(made.map(({ room }) => room.roomName + room.epoch)).size, 1);
    assertEquals((await store.members("a", 10)).length, 1);
  });

  test("createRoom() counts what was appended by calls before it", async (bench) => {
    const [, { room }] = await Promise.all([bench.say("a", "1", "2"), bench.store.createRoom(newRoom("a"))]);
    assertEquals(room.head, 2);
  });

  test("createRoom() gives a log a record, and keeps the log", async (bench) => {
    const { store } = bench;
    await bench.say("a", "1", "2");
    assertEquals(await store.room("a"), undefined);
    assertEquals(await store.rooms("ann", 10), []);
    const { epoch } = await store.page("a", WHOLE);
    const { room, created } = await store.createRoom(
      newRoom("a", { owner: { userId: "ann", username: "Ann" } }),
    );
    assertEquals([created, room.head, room.epoch], [true, 2, epoch]);
    assertEquals((await store.standing("a", "ann"))?.read, 2);
    assertEquals((await store.rooms("eve", 10)).map(({ roomId }) => roomId), ["a"]);
  });

  test("rooms() shows public rooms and one's own, newest activity first", async (bench) => {
    const { store } = bench;
    const tick = () => bench.now += 1000;
    for (const roomId of ["p1", "p2", "p3"]) {
      await store.createRoom(newRoom(roomId));
      tick();
    }
    for (const roomId of ["s1", "s2"]) {
      await store.createRoom(newRoom(roomId, { visibility: "private" }));
      tick();
    }
    await store.putMember("s1", "ann", "Ann");
    const seen = async (userId: string, limit = 10) =>
      (await store.rooms(userId, limit)).map(({ roomId, head }) => `${roomId}:${head}`);
    assertEquals(await seen("eve"), ["p3:0", "p2:0", "p1:0"]);
    assertEquals(await seen("ann"), ["s1:0", "p3:0", "p2:0", "p1:0"]);
    await bench.say("p1", "1");
    tick();
    assertEquals(await seen("ann"), ["p1:1", "s1:0", "p3:0", "p2:0"]);
    await bench.say("s1", "1", "2");
    assertEquals(await seen("ann"), ["s1:2", "p1:1", "p3:0", "p2:0"]);
    assertEquals(await seen("ann", 2), ["s1:2", "p1:1"]);
    assertEquals(await seen("eve", 1), ["p1:1"]);
    await store.removeMember("s1", "ann");
    assertEquals(await seen("ann"), ["p1:1", "p3:0", "p2:0"]);
  });

  test("a duplicate is no activity", async (bench) => {
    const { store } = bench;
    await store.createRoom(newRoom("a"));
    await store.append([bench.draft("a", "1", { id: "1" })]);
    bench.now += 1000;
    await store.createRoom(newRoom("b"));
    bench.now += 1000;
    await store.append([bench.draft("a", "1", { id: "1" })]);
    assertEquals((await store.rooms("ann", 10)).map(({ roomId }) => roomId), ["b", "a"]);
  });

  test("updateRoom() changes what it is given, and keeps the rest", async (bench) => {
    const { store } = bench;
    const { room } = await store.createRoom(newRoom("a"));
    await bench.say("a", "1");
    const renamed = { ...room, roomName: "New", head: 1 };
    assertEquals(await store.updateRoom("a", { roomName: "New" }), renamed);
    assertEquals(await store.room("a"), renamed);
    const closed = { ...renamed, visibility: "private" as const, passwordHash: "hash" };
    assertEquals(await store.updateRoom("a", { visibility: "private", passwordHash: "hash" }), closed);
    assertEquals(await store.updateRoom("a", { roomName: undefined }), closed);
    assertEquals(await store.updateRoom("a", {}), closed);
    const opened = { ...closed, passwordHash: null };
    assertEquals(await store.updateRoom("a", { passwordHash: null }), opened);
    assertEquals(await store.room("a"), opened);
  });

  test("updateRoom() makes no room", async (bench) => {
    assertEquals(await bench.store.updateRoom("a", { roomName: "A" }), undefined);
    await bench.say("log", "1");
    assertEquals(await bench.store.updateRoom("log", { roomName: "A" }), undefined);
    assertEquals(await bench.store.rooms("ann", 10), []);
  });

  test("updateRoom() loses nothing that others change at the same time", async (bench) => {
    await bench.store.createRoom(newRoom("a"));
    await Promise.all([
      bench.store.updateRoom("a", { roomName: "New" }),
      bench.say("a", "1"),
      bench.store.updateRoom("a", { passwordHash: "hash" }),
      bench.store.updateRoom("a", { visibility: "private" }),
      bench.store.createRoom(newRoom("a", { roomName: "Other" })),
    ]);
    const { roomName, visibility, passwordHash, head } = (await bench.store.room("a"))!;
    assertEquals([roomName, visibility, passwordHash, head], ["New", "private", "hash", 1]);
  });

  test("updateRoom() hides a room and shows it again where its activity has it", async (bench) => {
    const { store } = bench;
    for (const roomId of ["a", "b", "c"]) {
      await store.createRoom(newRoom(roomId));
      bench.now += 1000;
    }
    await store.putMember("b", "ann", "Ann");
    const seen = async (userId: string) =>
      (await store.rooms(userId, 10)).map(({ roomId }) => roomId).join("");
    await store.updateRoom("b", { visibility: "private" });
    assertEquals([await seen("eve"), await seen("ann")], ["ca", "cba"]);
    await store.updateRoom("b", { visibility: "public" });
    assertEquals([await seen("eve"), await seen("ann")], ["cba", "cba"]);
    await bench.say("a", "1");
    assertEquals(await seen("eve"), "acb");
  });

  test("rooms() shows every room but those of two people to nobody in particular", async ({ store }) => {
    for (
      const [roomId, visibility] of [["a", "public"], ["b", "private"], ["dm:ann:bob", "private"]] as const
    ) {
      await store.createRoom(newRoom(roomId, { visibility }));
    }
    assertEquals((await store.rooms(undefined, 10)).map(({ roomId }) => roomId).sort(), ["a", "b"]);
  });
}
