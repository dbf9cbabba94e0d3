import { assert, assertEquals } from "@std/assert";
import { API_KEY, ApiClient, type ApiReply } from "../support/api_client.ts";
import { Peer } from "../support/peer.ts";
import { TestServer } from "../support/server.ts";

/** A server with a public room, a private one, one with a password, and a conversation of two. */
async function startTown(settings: Record<string, string> = {}): Promise<TestServer> {
  const server = await TestServer.start({ API_KEY, PRESENCE_GRACE_MS: "0", ...settings });
  await using ann = await Peer.signIn(server, "ann");
  await using bob = await Peer.signIn(server, "bob");
  await ann.ask({ type: "create", roomId: "square" });
  await ann.ask({ type: "create", roomId: "attic", visibility: "private" });
  await ann.ask({ type: "create", roomId: "club", password: "sesame" });
  for (const roomId of ["square", "attic", "club"]) {
    await ann.join(roomId);
    await ann.ask({ type: "chat", roomId, content: `apples in the ${roomId}` });
  }
  await bob.join("square");
  await bob.ask({ type: "dm", to: "ann", content: "apples for you" });
  await bob.ask({ type: "dm", to: "api", content: "apples for a person called api" });
  return server;
}

const messagesOf = (roomId: string) => `/api/rooms/${encodeURIComponent(roomId)}/messages`;
const membersOf = (roomId: string) => `/api/rooms/${encodeURIComponent(roomId)}/members`;

function seqs({ body }: ApiReply): number[] {
  return body.history.map(({ seq }: { seq: number }) => seq);
}

function foundIn({ body }: ApiReply): string[] {
  return body.results.map(({ roomId }: { roomId: string }) => roomId).sort();
}

function listed({ body }: ApiReply): string[] {
  return body.rooms.map(({ roomId }: { roomId: string }) => roomId).sort();
}

Deno.test("history comes in pages: the newest, those before, those after", async () => {
  await using server = await TestServer.start({ API_KEY });
  const client = ApiClient.withKey(server);
  for (let n = 1; n <= 7; n++) await client.post(messagesOf("log"), { content: `${n}` });
  const newest = await client.get(`${messagesOf("log")}?limit=3`);
  assertEquals([seqs(newest), newest.body.more, newest.body.seq], [[5, 6, 7], true, 7]);
  const before = await client.get(`${messagesOf("log")}?before=5&limit=10`);
  assertEquals([seqs(before), before.body.more], [[1, 2, 3, 4], false]);
  const after = await client.get(`${messagesOf("log")}?after=2&limit=2`);
  assertEquals([seqs(after), after.body.more], [[3, 4], true]);
  assertEquals(after.body.epoch, newest.body.epoch);
  assertEquals(Object.keys(after.body), ["roomId", "epoch", "seq", "history", "more"]);
  assertEquals(seqs(await client.get(`${messagesOf("log")}?after=7`)), []);
});

Deno.test("a number below what is allowed is called too small, as over a socket", async () => {
  await using server = await TestServer.start({ API_KEY });
  const client = ApiClient.withKey(server);
  await client.post(messagesOf("log"), { content: "one" });
  for (const [name, least] of [["after", 0], ["before", 0], ["limit", 1]]) {
    const { status, body } = await client.get(`${messagesOf("log")}?${name}=-1`);
    assertEquals([status, body.detail], [400, `${name} must be ${least} or more`]);
  }
});

Deno.test("the history that programs read is what members heard", async () => {
  await using server = await TestServer.start({ API_KEY });
  await using ann = await Peer.signIn(server, "ann");
  await ann.join("log");
  await ann.ask({ type: "chat", roomId: "log", content: "one" });
  await ApiClient.withKey(server).post(messagesOf("log"), { content: "two", username: "Bot" });
  const heard = [await ann.next("chat"), await ann.next("chat")];
  assertEquals((await ApiClient.withKey(server).get(messagesOf("log"))).body.history, heard);
});

Deno.test("a person reads the rooms they are a member of", async () => {
  await using server = await startTown();
  const bob = await ApiClient.as(server, "bob");
  assertEquals((await bob.get(messagesOf("square"))).body.history[0].content, "apples in the square");
  assertEquals((await bob.get(messagesOf("dm:ann:bob"))).body.history[0].content, "apples for you");
  const { body: { members } } = await bob.get(membersOf("square"));
  assertEquals(members.map(({ userId, role }: Record<string, string>) => [userId, role]), [["ann", "owner"], [
    "bob",
    "member",
  ]]);
});

Deno.test("a public room that one has not joined says so; a private one cannot be told from none", async () => {
  await using server = await startTown();
  const bob = await ApiClient.as(server, "bob");
  for (const pathOf of [messagesOf, membersOf]) {
    const open = await bob.get(pathOf("club"));
    assertEquals([open.status, open.body.code], [403, "not_a_member"]);
    const hidden = await Promise.all(
      ["attic", "nowhere", "dm:ann:eve", "dm:ann:api"].map((id) => bob.get(pathOf(id))),
    );
    assertEquals(new Set(hidden.map(({ text }) => text)).size, 1);
    assertEquals([hidden[0].status, hidden[0].body.code], [404, "room_not_found"]);
  }
  const searches = await Promise.all(
    ["attic", "nowhere"].map((id) => bob.get(`/api/search?q=apples&roomId=${id}`)),
  );
  assertEquals(searches[0].text, searches[1].text);
});

Deno.test("the list of rooms holds what each may see", async () => {
  await using server = await startTown();
  const of = async (userId: string, request = {}) =>
    listed(await (await ApiClient.as(server, userId, request)).get("/api/rooms"));
  assertEquals(await of("bob"), ["club", "square"]);
  assertEquals(await of("ann"), ["attic", "club", "square"]);
  assertEquals(await of("ann", { rooms: ["s*"] }), ["square"]);
  assertEquals(await of("root", { role: "admin" }), ["attic", "club", "square"]);
  assertEquals(listed(await ApiClient.withKey(server).get("/api/rooms")), ["attic", "club", "square"]);
});

Deno.test("the key and administrators read every room but what is said between two", async () => {
  await using server = await startTown();
  const admin = await ApiClient.as(server, "root", { role: "admin" });
  for (const client of [ApiClient.withKey(server), admin]) {
    for (const roomId of ["square", "attic", "club"]) {
      assertEquals((await client.get(messagesOf(roomId))).body.history[0].content, `apples in the ${roomId}`);
      assertEquals((await client.get(membersOf(roomId))).body.members[0].userId, "ann");
    }
    for (const roomId of ["dm:ann:bob", "dm:api:bob"]) {
      for (const path of [messagesOf(roomId), membersOf(roomId), `/api/search?q=apples&roomId=${roomId}`]) {
        assertEquals((await client.get(path)).body.code, "room_not_found", path);
      }
      assertEquals((await client.get(`/api/search?q=apples+in:${roomId}`)).body.code, "room_not_found");
    }
  }
});

Deno.test("administrators read their own conversations, until they leave them", async () => {
  await using server = await startTown();
  await using root = await Peer.signIn(server, "root", { role: "admin" });
  await root.ask({ type: "dm", to: "ann", content: "apples from root" });
  const admin = await ApiClient.as(server, "root", { role: "admin" });
  assertEquals((await admin.get(messagesOf("dm:ann:root"))).body.history[0].content, "apples from root");
  assertEquals(foundIn(await admin.get("/api/search?q=apples&roomId=dm:ann:root")), ["dm:ann:root"]);
  await root.ask({ type: "leave", roomId: "dm:ann:root" });
  assertEquals((await admin.get(messagesOf("dm:ann:root"))).body.code, "not_a_member");
});

Deno.test("a search finds what its caller may read, and nothing else", async () => {
  await using server = await startTown();
  const of = async (userId: string, more = "") =>
    foundIn(await (await ApiClient.as(server, userId)).get(`/api/search?q=apples${more}`));
  assertEquals(await of("ann"), ["attic", "club", "dm:ann:bob", "square"]);
  assertEquals(await of("ann", "&roomId=attic"), ["attic"]);
  assertEquals(await of("bob"), ["dm:ann:bob", "dm:api:bob", "square"]);
  assertEquals(await of("eve"), []);
  assertEquals(foundIn(await ApiClient.withKey(server).get("/api/search?q=apples")), [
    "attic",
    "club",
    "square",
  ]);
  assertEquals(foundIn(await ApiClient.withKey(server).get("/api/search?q=apples&roomId=club")), ["club"]);
});

Deno.test("a search shows its hits, and pages backwards in time", async () => {
  await using server = await TestServer.start({ API_KEY });
  const client = ApiClient.withKey(server);
  await client.post(messagesOf("log"), { content: "我家在上海东边" });
  const first = await client.get("/api/search?q=%E4%B8%8A%E6%B5%B7&limit=1");
  const [{ snippet, timestamp, seq }] = first.body.results;
  assertEquals([snippet, seq, first.body.more], ["我家在**上海**东边", 1, false]);
  assertEquals((await client.get(`/api/search?q=%E4%B8%8A%E6%B5%B7&before=${timestamp}`)).body.results, []);
});

Deno.test("a token's list of rooms limits what is read, also where its bearer is a member", async () => {
  await using server = await startTown();
  const ann = await ApiClient.as(server, "ann", { rooms: ["club"] });
  assertEquals((await ann.get(messagesOf("club"))).status, 200);
  for (const roomId of ["square", "nowhere"]) {
    const { status, body } = await ann.get(messagesOf(roomId));
    assertEquals([status, body.code], [403, "forbidden"]);
  }
  assertEquals(foundIn(await ann.get("/api/search?q=apples")), ["club"]);
});

Deno.test("who is thrown out of a room reads it no longer", async () => {
  await using server = await startTown();
  await using ann = await Peer.signIn(server, "ann");
  const bob = await ApiClient.as(server, "bob");
  assertEquals((await bob.get(messagesOf("square"))).status, 200);
  await ann.ask({ type: "moderate", roomId: "square", action: "ban", userId: "bob" });
  assertEquals((await bob.get(messagesOf("square"))).status, 403);
  assertEquals((await bob.get("/api/search?q=apples+in:square")).status, 403);
  assertEquals(foundIn(await bob.get("/api/search?q=apples")), ["dm:ann:bob", "dm:api:bob"]);
});

Deno.test("reading spends the same budgets as on sockets, each kind its own", async () => {
  await using server = await startTown({ RATE_OTHER: "12/60s", RATE_CHAT: "off" });
  await using eve = await Peer.signIn(server, "eve");
  const client = await ApiClient.as(server, "eve");
  for (let n = 0; n < 11; n++) assertEquals((await client.get("/api/rooms")).status, 200);
  assertEquals((await eve.ask({ type: "rooms" })).type, "rooms");
  const { status, body } = await client.get("/api/rooms");
  assertEquals([status, body.code], [429, "rate_limited"]);
  assert(body.retryAfterMs > 0);
  assertEquals((await eve.ask({ type: "rooms" })).code, "rate_limited");
  assertEquals((await client.get("/api/search?q=x")).status, 200);
});

Deno.test("answers are not kept by caches, and HEAD is answered like GET, without a body", async () => {
  await using server = await TestServer.start({ API_KEY });
  const client = ApiClient.withKey(server);
  const { status, headers, text } = await client.call("HEAD", "/api/rooms");
  assertEquals([status, headers.get("cache-control"), text], [200, "no-store", ""]);
  assertEquals(headers.get("x-content-type-options"), "nosniff");
});
