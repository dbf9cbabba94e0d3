import { assertEquals } from "@std/assert";
import { chats, page } from "./support/chat_messages.ts";
import { joinedRoom, testClient } from "./support/test_client.ts";

Deno.test("loadAround() reads a far part of the log, which grows until it meets the newest messages", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test, chats(91, 100));
  const answer = async (first: number, last: number) => {
    await test.time.runMicrotasks();
    const [{ id, after, before }] = socket.takeSent();
    socket.receive(page(chats(first, last), 100, { id, more: true }));
    return { after, before };
  };
  const opening = room.loadAround(40);
  assertEquals((await answer(15, 64)).after, 14);
  const excerpt = (await opening)!;
  assertEquals([excerpt.messages.length, excerpt.hasOlder, excerpt.isMerged], [50, true, false]);
  const older = excerpt.loadOlder(20);
  assertEquals((await answer(1, 14)).before, 15);
  assertEquals([await older, excerpt.messages[0].seq], [false, 1]);
  const newer = excerpt.loadNewer(50);
  assertEquals((await answer(65, 100)).after, 64);
  await newer;
  assertEquals(excerpt.isMerged, true);
  assertEquals(room.messages.map((message) => message.seq), chats(1, 100).map((message) => message.seq));
});

Deno.test("loadAround() reads nothing for a message that is here", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test, chats(91, 100));
  socket.takeSent();
  assertEquals(await room.loadAround(95), undefined);
  assertEquals(socket.takeSent(), []);
});

Deno.test("A page of another life of the log is no part of an excerpt", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test, chats(91, 100));
  socket.takeSent();
  const opening = room.loadAround(40);
  await test.time.runMicrotasks();
  socket.receive(page(chats(15, 64), 100, { id: socket.takeSent()[0].id, epoch: "e2" }));
  assertEquals((await opening)!.messages, []);
});
