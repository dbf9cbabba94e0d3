import { assertEquals } from "@std/assert";
import { Company } from "../support/company.ts";
import type { Peer, Said } from "../support/peer.ts";
import { TestServer } from "../support/server.ts";

/** What the welcome says of each room: how far the log goes, how far one has read, how much is unread. */
async function countsOf(company: Company, userId: string): Promise<Record<string, unknown[]>> {
  const { rooms } = await company.welcome(userId);
  return Object.fromEntries(
    (rooms as Said[]).map(({ roomId, seq, read, unread }) => [roomId, [seq, read, unread]]),
  );
}

async function say(peer: Peer, roomId: string, ...contents: string[]): Promise<void> {
  for (const content of contents) await peer.ask({ type: "chat", roomId, content });
}

Deno.test("what was said while one was offline is unread, and recovered by its numbers", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, bob] = await company.gather("hall", "ann", "bob");
  await say(ann, "hall", "one");
  await bob.ask({ type: "receipt", roomId: "hall", seq: 1, status: "read" });
  await Company.part(bob);
  await say(ann, "hall", "two", "three");
  const welcome = await company.welcome("bob");
  const [room, ...others] = welcome.rooms as Said[];
  assertEquals(others, []);
  const { epoch, ...counts } = room;
  assertEquals(counts as object, { roomId: "hall", roomName: "hall", seq: 3, read: 1, unread: 2 });
  const back = await company.connect("bob");
  back.send({ type: "join", roomId: "hall", after: room.read, epoch });
  const { history, recovered, more } = await back.next("room_history");
  assertEquals((history as Said[]).map(({ content }) => content), ["two", "three"]);
  assertEquals([recovered, more], [true, false]);
  assertEquals((await back.next("joined")).read, 1, "what came is not read yet");
  assertEquals(await countsOf(company, "bob"), { hall: [3, 1, 2] });
});

Deno.test("one's own messages are not unread, whichever device they came from", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [desk, phone, bob] = await company.gather("hall", "ann", "ann", "bob");
  await say(desk, "hall", "one", "two");
  await say(phone, "hall", "three");
  for (const peer of [desk, phone]) await Company.part(peer);
  assertEquals(await countsOf(company, "ann"), { hall: [3, 3, 0] });
  await say(bob, "hall", "four");
  assertEquals(await countsOf(company, "ann"), { hall: [4, 3, 1] });
  assertEquals(await countsOf(company, "bob"), { hall: [4, 4, 0] });
});

Deno.test("what is read on one device is read on the next", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, bob] = await company.gather("hall", "ann", "bob");
  await say(ann, "hall", "one", "two", "three");
  assertEquals(await countsOf(company, "bob"), { hall: [3, 0, 3] }, "being there is not reading");
  await bob.ask({ type: "receipt", roomId: "hall", seq: 3, status: "delivered" });
  assertEquals(await countsOf(company, "bob"), { hall: [3, 0, 3] }, "nor is having it delivered");
  await bob.ask({ type: "receipt", roomId: "hall", seq: 2, status: "read" });
  assertEquals(await countsOf(company, "bob"), { hall: [3, 2, 1] });
  await bob.ask({ type: "receipt", roomId: "hall", seq: 3, status: "read" });
  assertEquals(await countsOf(company, "bob"), { hall: [3, 3, 0] });
});

Deno.test("who joins has nothing unread of what was said before", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann] = await company.gather("hall", "ann");
  await say(ann, "hall", "one", "two");
  const bob = await company.connect("bob");
  assertEquals((await bob.join("hall")).read, 2);
  assertEquals(await countsOf(company, "bob"), { hall: [2, 2, 0] });
});

Deno.test("a receipt needs no seat: it is enough to belong to the room", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, bob] = await company.gather("hall", "ann", "bob");
  await Company.part(bob);
  await say(ann, "hall", "one", "two");
  await ann.drained();
  const phone = await company.connect("bob");
  await phone.ask({ type: "receipt", roomId: "hall", seq: 2, status: "read" });
  assertEquals((await ann.next("receipt")).userId, "bob");
  assertEquals(await countsOf(company, "bob"), { hall: [2, 2, 0] });
});

Deno.test("each room counts for itself, and only one's own rooms are told", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, bob] = await company.gather("hall", "ann", "bob");
  for (const peer of [ann, bob]) await peer.join("study");
  for (const roomId of ["others", "left"]) await ann.join(roomId);
  await bob.join("left");
  await bob.ask({ type: "leave", roomId: "left" });
  await Company.part(bob);
  await say(ann, "hall", "one");
  await say(ann, "study", "one", "two");
  await say(ann, "others", "one");
  await say(ann, "left", "one");
  assertEquals(await countsOf(company, "bob"), { hall: [1, 0, 1], study: [2, 0, 2] });
});

Deno.test("who has left and joins again begins anew", async () => {
  await using server = await TestServer.start();
  await using company = new Company(server);
  const [ann, bob] = await company.gather("hall", "ann", "bob");
  await say(ann, "hall", "one");
  await bob.ask({ type: "leave", roomId: "hall" });
  await say(ann, "hall", "two");
  assertEquals((await bob.join("hall")).read, 2);
  await say(ann, "hall", "three");
  assertEquals(await countsOf(company, "bob"), { hall: [3, 2, 1] });
});
