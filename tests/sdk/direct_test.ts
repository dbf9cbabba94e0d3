import { assertEquals, assertRejects } from "@std/assert";
import { directRoomId, isDirect, MemoryStore, otherOf, ParleyError } from "../../static/sdk/mod.ts";
import { ackOf, chat, page } from "./support/chat_messages.ts";
import { connected, reconnected, testClient } from "./support/test_client.ts";

const ROOM = "dm:ada:grace";

function refusal({ id, roomId }: { id: string; roomId?: string }, code: string) {
  return { type: "error", code, message: code, id, roomId };
}

Deno.test("directRoomId() is the same from both ends, whatever the ids hold", () => {
  assertEquals(directRoomId("b:c", "a%/é"), "dm:a%25%2F%C3%A9:b%3Ac");
  assertEquals(directRoomId("a%/é", "b:c"), directRoomId("b:c", "a%/é"));
  assertEquals(otherOf(directRoomId("b:c", "a%/é"), "b:c"), "a%/é");
  assertEquals(otherOf("dm:ada:ada", "ada"), "ada");
  assertEquals([isDirect("dm:a:b"), isDirect("general"), otherOf("dm:%:b", "b")], [true, false, "%"]);
});

Deno.test("dm() goes without a joined room, under the same id after a break", async () => {
  using test = testClient();
  const socket = await connected(test);
  const message = test.client.dm("grace", "Hello");
  await test.time.runMicrotasks();
  const [first] = socket.takeSent();
  assertEquals([first.type, first.to, first.content, first.roomId], ["dm", "grace", "Hello", undefined]);
  const again = await reconnected(test);
  const [second] = again.takeSent();
  assertEquals([second.type, second.to, second.id], ["dm", "grace", first.id]);
  again.receive(ackOf({ id: second.id, roomId: ROOM }, 1));
  assertEquals([(await message.acked).roomId, message.roomId, message.status], [ROOM, ROOM, "acked"]);
});

Deno.test("dm() survives a reload", async () => {
  const storage = new MemoryStore();
  const options = { storage, userKey: "ada" };
  let id: string;
  {
    using before = testClient(options);
    void before.client.connect();
    id = before.client.dm("grace", "Kept").id;
    await before.time.runMicrotasks();
  }
  using after = testClient(options);
  const socket = await connected(after);
  await after.time.tickAsync(0);
  assertEquals(socket.takeSent().map((sent) => [sent.type, sent.id, sent.to]), [["dm", id, "grace"]]);
});

for (const userKey of [undefined, "ada"]) {
  Deno.test(`dm() before the first welcome waits for it, where users are ${userKey ? "named" : "not named"}`, async () => {
    const storage = new MemoryStore();
    using test = testClient({ storage, userKey });
    const early = test.client.dm("grace", "Early");
    const connecting = connected(test);
    const late = test.client.dm("@Grace", "Late");
    const socket = await connecting;
    await test.time.tickAsync(0);
    const sent = socket.takeSent().filter(({ type }) => type === "dm");
    assertEquals(sent.map(({ content }) => content).sort(), ["Early", "Late"]);
    for (const { id } of sent) socket.receive(ackOf({ id, roomId: ROOM }, 1));
    await Promise.all([early.acked, late.acked]);
    await test.time.tickAsync(0);
    for (const key of ["", "ada", "server.test/ada"]) assertEquals(await storage.load(key), [], key);
  });
}

Deno.test("dm() to a name that nobody has fails, and leaves nothing behind", async () => {
  const storage = new MemoryStore();
  using test = testClient({ storage, userKey: "ada" });
  const socket = await connected(test);
  const message = test.client.dm("@Nobody", "Hello");
  await test.time.runMicrotasks();
  socket.receive(refusal(socket.takeSent()[0] as { id: string }, "user_not_found"));
  await assertRejects(() => message.acked, ParleyError);
  await test.time.tickAsync(0);
  assertEquals([message.status, await storage.load("ada")], ["failed", []]);
});

Deno.test("dm() to a name learns its room from the answer, or from the message itself", async () => {
  using test = testClient();
  const socket = await connected(test);
  const first = test.client.dm("@Grace", "One");
  await test.time.runMicrotasks();
  const [{ id }] = socket.takeSent();
  socket.receive(chat(1, { id, roomId: ROOM, userId: "ada" }));
  assertEquals((await first.acked).roomId, ROOM);
  const second = test.client.dm("@Nobody", "Two");
  await test.time.runMicrotasks();
  socket.receive(refusal(socket.takeSent().find((sent) => sent.type === "dm")!, "user_not_found"));
  await assertRejects(() => second.acked, ParleyError);
  assertEquals([second.status, second.error?.code], ["failed", "user_not_found"]);
});

Deno.test("A direct room that nobody has written in is empty, and begins with the first message", async () => {
  using test = testClient();
  const socket = await connected(test);
  const joining = test.client.join(ROOM);
  await test.time.runMicrotasks();
  const [join] = socket.takeSent();
  socket.receive(refusal(join, "room_not_found"));
  const room = await joining;
  assertEquals([room.isDirect, room.messages.length, room.hasOlder], [true, 0, false]);
  const message = room.send("First");
  await test.time.runMicrotasks();
  const [sent] = socket.takeSent();
  assertEquals([sent.type, sent.to], ["dm", "grace"]);
  socket.receive(
    chat(1, { id: sent.id, roomId: ROOM, userId: "ada" }),
    ackOf({ id: sent.id, roomId: ROOM }, 1),
  );
  await message.acked;
  assertEquals(room.messages.map((said) => said.seq), [1]);
  const again = await reconnected(test);
  const [rejoin] = again.takeSent();
  assertEquals([rejoin.type, rejoin.after, rejoin.epoch], ["join", 1, undefined]);
  const reply = chat(2, { roomId: ROOM });
  let resets = 0;
  room.addEventListener("reset", () => resets++);
  again.receive(
    page([reply], 2, { roomId: ROOM, recovered: true }),
    {
      type: "joined",
      id: rejoin.id,
      roomId: ROOM,
      roomName: ROOM,
      members: 2,
      epoch: "e1",
      seq: 2,
      role: "member",
      read: 1,
    },
  );
  await test.time.runMicrotasks();
  assertEquals([room.messages.map((said) => said.seq), room.epoch, resets], [[1, 2], "e1", 0]);
});

Deno.test("A direct room appears when somebody writes in it, by their name", async () => {
  using test = testClient();
  const socket = await connected(test);
  const names: string[] = [];
  test.client.addEventListener("direct", (event) => names.push(event.detail.roomName));
  socket.receive(chat(1, { roomId: ROOM }));
  await test.time.runMicrotasks();
  const [join] = socket.takeSent();
  assertEquals([join.type, join.roomId], ["join", ROOM]);
  socket.receive(
    page([chat(1, { roomId: ROOM })], 1, { roomId: ROOM, recovered: false }),
    {
      type: "joined",
      id: join.id,
      roomId: ROOM,
      roomName: ROOM,
      members: 2,
      epoch: "e1",
      seq: 1,
      role: "member",
      read: 0,
    },
  );
  await test.time.runMicrotasks();
  assertEquals([names, test.client.room(ROOM)?.messages.length], [["Grace"], 1]);
});
