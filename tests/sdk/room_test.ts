import { assertEquals } from "@std/assert";
import { chat, chats, page } from "./support/chat_messages.ts";
import { joinedRoom, testClient } from "./support/test_client.ts";

Deno.test("loadOlder() puts older messages in front until there are no more", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test, chats(5, 6));
  let told = 0;
  room.addEventListener("older", () => told++);
  const first = room.loadOlder(2);
  assertEquals(room.loadOlder(2), first);
  await test.time.runMicrotasks();
  const [command] = socket.takeSent();
  assertEquals([command.type, command.before, command.limit], ["history", 5, 2]);
  socket.receive(page(chats(3, 4), 6, { id: command.id, more: true }));
  assertEquals(await first, true);
  const second = room.loadOlder(2);
  await test.time.runMicrotasks();
  socket.receive(page(chats(1, 2), 6, { id: socket.takeSent()[0].id }));
  assertEquals(await second, false);
  assertEquals(await room.loadOlder(), false);
  assertEquals([room.messages.map((message) => message.seq), told], [[1, 2, 3, 4, 5, 6], 2]);
  assertEquals(socket.takeSent(), []);
});

Deno.test("loadOlder() ends where the server's log begins", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test, chats(50, 51));
  const older = room.loadOlder();
  await test.time.runMicrotasks();
  socket.receive(page([], 51, { id: socket.takeSent()[0].id }));
  assertEquals(await older, false);
});

Deno.test("typing() says true at most once in 3 s and false once", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test);
  const said: unknown[] = [];
  const collect = async () => {
    await test.time.runMicrotasks();
    said.push(...socket.takeSent().map((command) => command.isTyping));
  };
  for (let second = 0; second < 7; second++) {
    room.typing(true);
    await collect();
    await test.time.tickAsync(1_000);
  }
  assertEquals(said, [true, true, true]);
  room.typing(false);
  room.typing(false);
  await collect();
  assertEquals(said, [true, true, true, false]);
});

Deno.test("typing() says nothing without a connection", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test);
  socket.end(1006);
  room.typing(true);
  assertEquals(socket.takeSent(), []);
});

Deno.test("A room tells what happens in it, and the client tells it for all rooms", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test);
  const heard: string[] = [];
  for (const target of [room, test.client]) {
    target.addEventListener("system", (event) => heard.push((event as CustomEvent).detail.event));
    target.addEventListener("typing", (event) => heard.push((event as CustomEvent).detail.username));
  }
  socket.receive(
    {
      type: "system",
      roomId: "general",
      event: "join",
      userId: "alan",
      username: "Alan",
      members: 3,
      timestamp: 1,
    },
    { type: "typing", roomId: "general", userId: "alan", username: "Alan", isTyping: true },
  );
  assertEquals([heard, room.members], [["join", "join", "Alan", "Alan"], 3]);
});

Deno.test("A fast room keeps its newest 1 000 messages", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test);
  for (let first = 1; first <= 5_000; first += 500) socket.receive(...chats(first, first + 499));
  assertEquals([room.messages.length, room.messages[0].seq, room.seq], [1_000, 4_001, 5_000]);
});

Deno.test("Every object comes out of the client's own iterator, until it closes", async () => {
  using test = testClient();
  const { socket } = await joinedRoom(test);
  const heard: string[] = [];
  const listening = (async () => {
    for await (const message of test.client) heard.push(message.type);
  })();
  socket.receive(chat(1), { type: "presence", userId: "g", username: "G", status: "away" });
  await test.time.runMicrotasks();
  test.client.close();
  await listening;
  assertEquals(heard, ["chat", "presence"]);
});
