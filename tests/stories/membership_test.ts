import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { Peer, type Said } from "../support/peer.ts";
import { TestServer } from "../support/server.ts";

/** Signs people in and seats them in the hall, and forgets what they heard of it. */
async function gather(server: TestServer, ...names: string[]): Promise<Peer[]> {
  const peers = await Promise.all(names.map((name) => Peer.signIn(server, name)));
  for (const peer of peers) await peer.join("hall");
  for (const peer of peers) await peer.drained();
  return peers;
}

Deno.test("leaving is answered by left, and told to the others at once", async () => {
  await using server = await TestServer.start({ PRESENCE_GRACE_MS: "60000" });
  const [ann, bob] = await gather(server, "ann", "bob");
  await using _ = ann;
  ann.send({ type: "leave", roomId: "hall", id: "l" });
  assertEquals(await ann.next(), { type: "left", id: "l", roomId: "hall" });
  const { timestamp, ...told } = await bob.next();
  assertEquals(told, {
    ...{ type: "system", roomId: "hall", event: "leave", userId: "ann", username: "ann" },
    ...{ message: "ann left the room", members: 1 },
  });
  assert(Math.abs(Number(timestamp) - Date.now()) < 10_000);
  await bob.ask({ type: "chat", roomId: "hall", content: "alone" });
  assertEquals(await ann.drained(), [], "nothing comes from a room that was left");
  await bob[Symbol.asyncDispose]();
});

Deno.test("leaving a room that one is not in is nothing new", async () => {
  await using server = await TestServer.start();
  const [bob] = await gather(server, "bob");
  await using _ = bob;
  await using ann = await Peer.signIn(server, "ann");
  for (let i = 0; i < 2; i++) {
    ann.send({ type: "leave", roomId: "hall", id: "l" });
    assertEquals(await ann.next(), { type: "left", id: "l", roomId: "hall" });
  }
  assertEquals(await bob.drained(), []);
});

Deno.test("a lost connection is told once, when its grace is over", async () => {
  await using server = await TestServer.start({ PRESENCE_GRACE_MS: "150" });
  const [ann, bob] = await gather(server, "ann", "bob");
  await using _ = bob;
  const lostAt = Date.now();
  await ann[Symbol.asyncDispose]();
  const { event, userId, message, members } = await bob.next();
  assertEquals([event, userId, message, members], ["leave", "ann", "ann left the room", 1]);
  assertGreaterOrEqual(Date.now() - lostAt, 149);
  const { lastSeen, ...gone } = await bob.next();
  assertEquals(gone, { type: "presence", userId: "ann", username: "ann", status: "offline" });
  assert(Math.abs(Number(lastSeen) - lostAt) < 10_000);
  assertEquals(await bob.drained(), []);
});

Deno.test("who comes back within the grace was never gone", async () => {
  await using server = await TestServer.start({ PRESENCE_GRACE_MS: "2000" });
  const [ann, bob, carl] = await gather(server, "ann", "bob", "carl");
  await using _ = bob;
  await ann[Symbol.asyncDispose]();
  await using back = await Peer.signIn(server, "ann");
  assertEquals((await back.join("hall")).members, 3);
  await carl[Symbol.asyncDispose]();
  const { event, userId } = await bob.next();
  assertEquals([event, userId], ["leave", "carl"], "carl went later, so ann's grace is over as well");
  const { status, ...gone } = await bob.next("presence");
  assertEquals([status, gone.userId], ["offline", "carl"]);
  assertEquals(await bob.drained(), []);
});

Deno.test("without a grace a lost connection is told at once", async () => {
  await using server = await TestServer.start({ PRESENCE_GRACE_MS: "0" });
  const [ann, bob] = await gather(server, "ann", "bob");
  await using _ = bob;
  await ann[Symbol.asyncDispose]();
  assertEquals((await bob.next()).message, "ann left the room");
});

Deno.test("a person is in a room while any of their connections is", async () => {
  await using server = await TestServer.start({ PRESENCE_GRACE_MS: "0" });
  const [desk, phone, tablet, bob] = await gather(server, "ann", "ann", "ann", "bob");
  await using _ = bob;
  await desk[Symbol.asyncDispose]();
  assertEquals((await phone.ask({ type: "leave", roomId: "hall" })).type, "left");
  const { members } = await bob.ask({ type: "members", roomId: "hall" });
  const ann = (members as Said[]).find(({ userId }) => userId === "ann");
  assertEquals([ann?.status, ann?.connections], ["online", 1]);
  assertEquals(await bob.drained(), [], "ann is still here");
  await tablet.ask({ type: "leave", roomId: "hall" });
  assertEquals((await bob.next()).message, "ann left the room");
  for (const peer of [phone, tablet]) await peer[Symbol.asyncDispose]();
});

Deno.test("leaving ends a membership, losing the connection does not", async () => {
  await using server = await TestServer.start({ PRESENCE_GRACE_MS: "0" });
  const [ann, bob] = await gather(server, "ann", "bob");
  await using _ = bob;
  await ann[Symbol.asyncDispose]();
  await bob.next("system", ({ event }) => event === "leave");
  const belong = async () => {
    const { members } = await bob.ask({ type: "members", roomId: "hall" });
    return (members as Said[]).map(({ userId }) => userId).sort();
  };
  assertEquals(await belong(), ["ann", "bob"]);
  await using back = await Peer.signIn(server, "ann");
  assertEquals(
    (await back.ask({ type: "leave", roomId: "hall" })).type,
    "left",
    "without having joined again",
  );
  assertEquals(await belong(), ["bob"]);
  assertEquals((await back.ask({ type: "members", roomId: "hall" })).code, "not_a_member");
});

Deno.test("who comes back within the grace only to leave has left at once", async () => {
  await using server = await TestServer.start({ PRESENCE_GRACE_MS: "60000" });
  const [ann, bob] = await gather(server, "ann", "bob");
  await using _ = bob;
  await ann[Symbol.asyncDispose]();
  await using back = await Peer.signIn(server, "ann");
  assertEquals((await back.ask({ type: "leave", roomId: "hall" })).type, "left");
  assertEquals((await bob.next("system")).message, "ann left the room");
  const { members } = await bob.ask({ type: "members", roomId: "hall" });
  assertEquals((members as Said[]).map(({ userId }) => userId), ["bob"]);
});

Deno.test("members lists who belongs to a room, those who are there first", async () => {
  await using server = await TestServer.start({ PRESENCE_GRACE_MS: "0" });
  await using ann = await Peer.signIn(server, "ann", { username: "Ann" });
  await using phone = await Peer.signIn(server, "ann", { username: "Ann" });
  const bob = await Peer.signIn(server, "bob");
  await ann.join("hall");
  await bob.join("hall");
  await ann.ask({ type: "chat", roomId: "hall", content: "x" });
  await phone.join("hall");
  await bob[Symbol.asyncDispose]();
  await ann.next("system", ({ event }) => event === "leave");
  ann.send({ type: "members", roomId: "hall", id: "m" });
  const { members, ...rest } = await ann.next("members");
  const listed = (members as Said[]).map(({ lastSeen: _, ...member }) => member);
  assertEquals<unknown>({ ...rest, members: listed }, {
    ...{ type: "members", id: "m", roomId: "hall" },
    members: [
      ...[{
        userId: "ann",
        username: "Ann",
        status: "online",
        role: "owner",
        connections: 2,
        delivered: 1,
        read: 1,
      }],
      ...[{
        userId: "bob",
        username: "bob",
        status: "offline",
        role: "member",
        connections: 0,
        delivered: 0,
        read: 0,
      }],
    ],
    banned: [],
  });
});

Deno.test("rooms lists the rooms there are, with who is in them now", async () => {
  await using server = await TestServer.start({ PRESENCE_GRACE_MS: "0" });
  const [ann, bob] = await gather(server, "ann", "bob");
  await using _ = bob;
  await ann.join("study");
  await ann[Symbol.asyncDispose]();
  await bob.next("system", ({ event }) => event === "leave");
  const { rooms } = await bob.ask({ type: "rooms" });
  const plain = { protected: false, visibility: "public" };
  assertEquals(rooms, [
    ...[{ roomId: "hall", roomName: "hall", members: 1, ...plain }],
    ...[{ roomId: "study", roomName: "study", members: 0, ...plain }],
  ]);
});

Deno.test("a large room tells how many are in it, at most once a second, and not who comes and goes", async () => {
  await using server = await TestServer.start({ PRESENCE_DETAIL_LIMIT: "3", PRESENCE_GRACE_MS: "0" });
  const peers = await gather(server, "a", "b", "c");
  const [first] = peers;
  for (let i = 0; i < 6; i++) peers.push(await Peer.signIn(server, `late ${i}`));
  await Promise.all(peers.slice(3).map((peer) => peer.join("hall")));
  await peers.at(-1)!.ask({ type: "leave", roomId: "hall" });
  const { timestamp, ...told } = await first.next();
  assertEquals(told, { type: "system", roomId: "hall", event: "members", members: 8 });
  await peers.at(-2)!.ask({ type: "leave", roomId: "hall" });
  const next = await first.next();
  assertEquals([next.event, next.members], ["members", 7]);
  assertGreaterOrEqual(Number(next.timestamp) - Number(timestamp), 950);
  assertEquals(await first.drained(), []);
  for (const peer of peers) await peer[Symbol.asyncDispose]();
});

Deno.test("a room at the limit still tells who comes and goes", async () => {
  await using server = await TestServer.start({ PRESENCE_DETAIL_LIMIT: "3", PRESENCE_GRACE_MS: "0" });
  const [ann, bob] = await gather(server, "ann", "bob");
  await using carl = await Peer.signIn(server, "carl");
  await carl.join("hall");
  assertEquals((await ann.next()).message, "carl joined the room");
  await bob.ask({ type: "leave", roomId: "hall" });
  assertEquals((await ann.next()).message, "bob left the room");
  for (const peer of [ann, bob]) await peer[Symbol.asyncDispose]();
});
