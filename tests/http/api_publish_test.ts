import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { ApiPublish } from "../../lib/http/api_publish.ts";
import { Posting } from "../../lib/chat/posting.ts";
import { Rooms } from "../../lib/chat/rooms.ts";
import { Turn } from "../../lib/kit/turn.ts";
import { Refusal } from "../../lib/protocol/codes.ts";
import { openStore } from "../../lib/store/open_store.ts";
import { StoreUnavailable } from "../../lib/store/store.ts";
import { API_KEY, ApiClient } from "../support/api_client.ts";
import { Peer } from "../support/peer.ts";
import { TestServer } from "../support/server.ts";

const MESSAGES = "/api/rooms/general/messages";

Deno.test("a published message takes its place in the log, and everybody in the room hears it", async () => {
  await using server = await TestServer.start({ API_KEY });
  await using ann = await Peer.signIn(server, "ann");
  await using bob = await Peer.signInPlainly(server, "bob");
  await ann.join("general");
  await bob.join("general");
  await ann.ask({ type: "chat", roomId: "general", content: "first" });
  const { status, body } = await ApiClient.withKey(server).post(MESSAGES, { content: "second", id: "m2" });
  assertEquals(status, 201);
  assertEquals({ ...body, timestamp: 0 }, { id: "m2", roomId: "general", seq: 2, timestamp: 0 });
  await ann.ask({ type: "chat", roomId: "general", content: "third" });
  for (const peer of [ann, bob]) {
    const said = [await peer.next("chat"), await peer.next("chat"), await peer.next("chat")];
    assertEquals(said.map(({ seq, content }) => [seq, content]), [[1, "first"], [2, "second"], [3, "third"]]);
    const { type, userId, username, timestamp } = said[1];
    assertEquals([type, userId, username], ["chat", "api", "API"]);
    assertEquals(timestamp, body.timestamp);
  }
});

Deno.test("a message published again with the same id is answered with 200 and where it stands, and told once", async () => {
  await using server = await TestServer.start({ API_KEY });
  await using ann = await Peer.signIn(server, "ann");
  await ann.join("general");
  const client = ApiClient.withKey(server);
  const replies = await Promise.all(
    [1, 2, 3].map((n) => client.post(MESSAGES, { content: `try ${n}`, id: "once" })),
  );
  assertEquals(replies.map(({ status }) => status).sort(), [200, 200, 201]);
  for (const { body } of replies) assertEquals(body, replies[0].body);
  assertEquals((await client.post(MESSAGES, { content: "another", id: "twice" })).body.seq, 2);
  const said = (await ann.drained()).filter(({ type }) => type === "chat");
  assertEquals(said.map(({ id }) => id), ["once", "twice"]);
});

Deno.test("a message without an id gets one, and is never taken for another", async () => {
  await using server = await TestServer.start({ API_KEY });
  const client = ApiClient.withKey(server);
  const [a, b] = [
    await client.post(MESSAGES, { content: "same" }),
    await client.post(MESSAGES, { content: "same" }),
  ];
  assertEquals([a.status, b.status, a.body.seq, b.body.seq], [201, 201, 1, 2]);
  assertNotEquals(a.body.id, b.body.id);
  const { body: { history } } = await client.get(MESSAGES);
  assertEquals(history.map(({ id }: { id: string }) => id), [a.body.id, b.body.id]);
});

Deno.test("an id names a message of one author: the key's and an administrator's do not meet", async () => {
  await using server = await TestServer.start({ API_KEY });
  const admin = await ApiClient.as(server, "root", { role: "admin", username: "Root" });
  assertEquals((await ApiClient.withKey(server).post(MESSAGES, { content: "key", id: "x" })).status, 201);
  assertEquals((await admin.post(MESSAGES, { content: "root", id: "x" })).status, 201);
  const { body: { history } } = await admin.get(MESSAGES);
  const authors = history.map(({ userId, username }: Record<string, string>) => [userId, username]);
  assertEquals(authors, [["api", "API"], ["root", "Root"]]);
});

Deno.test("a name given with a message is shown in place of the caller's, whose id stays", async () => {
  await using server = await TestServer.start({ API_KEY });
  const client = ApiClient.withKey(server);
  await client.post(MESSAGES, { content: "deployed", username: "Build bot 🤖", replyTo: "m1" });
  const { body: { history: [{ userId, username, replyTo }] } } = await client.get(MESSAGES);
  assertEquals([userId, username, replyTo], ["api", "Build bot 🤖", "m1"]);
});

Deno.test("content is kept exactly as it was sent", async () => {
  await using server = await TestServer.start({ API_KEY });
  const client = ApiClient.withKey(server);
  const content = ' <b>\u2028"上海"\n\t👩‍👩‍👧 e\u0301 \\u0000 ';
  await client.post(MESSAGES, { content });
  assertEquals((await client.get(MESSAGES)).body.history[0].content, content);
});

Deno.test("publishing to an unknown room makes it, public and without an owner", async () => {
  await using server = await TestServer.start({ API_KEY });
  await using ann = await Peer.signIn(server, "ann");
  assertEquals(
    (await ApiClient.withKey(server).post("/api/rooms/new%2Froom%20%F0%9F%8E%89/messages", { content: "hi" }))
      .status,
    201,
  );
  const joined = await ann.join("new/room 🎉");
  assertEquals([joined.role, joined.seq, joined.roomName], ["member", 1, "new/room 🎉"]);
  const { rooms } = await ann.ask({ type: "rooms" });
  assertEquals(rooms, [{
    ...{ roomId: "new/room 🎉", roomName: "new/room 🎉", members: 1 },
    ...{ protected: false, visibility: "public" },
  }]);
});

Deno.test("where only administrators make rooms, publishing to an unknown one is refused and makes none", async () => {
  await using server = await TestServer.start({ API_KEY, ROOM_CREATION: "admin" });
  const admin = await ApiClient.as(server, "root", { role: "admin" });
  for (const client of [ApiClient.withKey(server), admin]) {
    const { status, body } = await client.post(MESSAGES, { content: "hi" });
    assertEquals([status, body.code], [404, "room_not_found"]);
    assertEquals((await client.post("/api/message", { roomId: "general", text: "hi" })).status, 404);
  }
  assertEquals((await admin.get("/api/rooms")).body.rooms, []);
});

Deno.test("the older spelling publishes the same kind of message", async () => {
  await using server = await TestServer.start({ API_KEY });
  await using ann = await Peer.signIn(server, "ann");
  await ann.join("general");
  const { status, body } = await ApiClient.withKey(server).post("/api/message", {
    roomId: "general",
    text: "hello",
  });
  assertEquals([status, body], [200, { sent: true }]);
  const { seq, content, userId } = await ann.next("chat");
  assertEquals([seq, content, userId], [1, "hello", "api"]);
});

Deno.test("nobody publishes into direct rooms, and nobody learns whether there is one", async () => {
  await using server = await TestServer.start({ API_KEY });
  await using ann = await Peer.signIn(server, "ann");
  for (const to of ["bob", "root"]) await ann.ask({ type: "dm", to, content: "psst" });
  const admin = await ApiClient.as(server, "root", { role: "admin" });
  for (const client of [ApiClient.withKey(server), admin]) {
    const answers = [];
    for (const roomId of ["dm:ann:bob", "dm:ann:nobody", "dm:api:bob", "dm:ann:root", "dm:"]) {
      const path = `/api/rooms/${encodeURIComponent(roomId)}/messages`;
      answers.push((await client.post(path, { content: "me too" })).text);
      answers.push((await client.post("/api/message", { roomId, text: "me too" })).text);
    }
    assertEquals(new Set(answers).size, 1);
    assertEquals(JSON.parse(answers[0]).code, "room_not_found");
  }
});

Deno.test("an administrator who is banned or muted in a room cannot publish there", async () => {
  await using server = await TestServer.start({ API_KEY });
  await using ann = await Peer.signIn(server, "ann");
  await ann.join("general");
  const admin = await ApiClient.as(server, "root", { role: "admin" });
  await ann.ask({ type: "moderate", roomId: "general", action: "mute", userId: "root", seconds: 60 });
  const muted = await admin.post(MESSAGES, { content: "hm" });
  assertEquals([muted.status, muted.body.code], [403, "forbidden"]);
  assert(muted.body.retryAfterMs > 55_000 && muted.body.retryAfterMs <= 60_000);
  assertEquals(muted.headers.get("retry-after"), "60");
  await ann.ask({ type: "moderate", roomId: "general", action: "unmute", userId: "root" });
  await ann.ask({ type: "moderate", roomId: "general", action: "ban", userId: "root" });
  const banned = await admin.post(MESSAGES, { content: "hm" });
  assertEquals([banned.status, banned.body.code, banned.body.retryAfterMs], [403, "forbidden", undefined]);
  assertEquals((await ApiClient.withKey(server).post(MESSAGES, { content: "hm" })).status, 201);
});

Deno.test("a token's list of rooms limits where an administrator publishes", async () => {
  await using server = await TestServer.start();
  const admin = await ApiClient.as(server, "root", { role: "admin", rooms: ["team-*"] });
  assertEquals((await admin.post("/api/rooms/team-a/messages", { content: "hi" })).status, 201);
  const { status, body } = await admin.post(MESSAGES, { content: "hi" });
  assertEquals([status, body.code], [403, "forbidden"]);
});

Deno.test("an administrator spends one chat budget here and on sockets; the key has one of its own", async () => {
  await using server = await TestServer.start({ API_KEY, RATE_CHAT: "3/10s", RATE_OTHER: "50/10s" });
  const request = { role: "admin" } as const;
  await using root = await Peer.signIn(server, "root", request);
  await root.join("general");
  const admin = await ApiClient.as(server, "root", request);
  await root.ask({ type: "chat", roomId: "general", content: "1" });
  assertEquals((await admin.post(MESSAGES, { content: "2" })).status, 201);
  assertEquals((await admin.post("/api/message", { roomId: "general", text: "3" })).status, 200);
  const { status, body, headers } = await admin.post(MESSAGES, { content: "4" });
  assertEquals([status, body.code, body.title], [429, "rate_limited", "Rate limit exceeded"]);
  assert(body.retryAfterMs > 0 && body.retryAfterMs <= 3_334);
  assertEquals(Number(headers.get("retry-after")), Math.ceil(body.retryAfterMs / 1000));
  assertEquals((await root.ask({ type: "chat", roomId: "general", content: "5" })).code, "rate_limited");
  const key = ApiClient.withKey(server);
  for (let n = 0; n < 20; n++) assertEquals((await key.post(MESSAGES, { content: `${n}` })).status, 201);
});

Deno.test("while the server drains, nothing is published any more", async () => {
  await using server = await TestServer.start({ API_KEY });
  await server.server.drain();
  const client = ApiClient.withKey(server);
  const { status, body } = await client.post(MESSAGES, { content: "late" });
  assertEquals([status, body.code, body.title], [503, "unavailable", "Try again"]);
  assertEquals((await client.get("/api/rooms")).status, 200);
});

Deno.test("ApiPublish says unavailable when the store takes nothing", async () => {
  await using store = await openStore("memory:", { historyLimit: 100, historyMaxAgeMs: Infinity });
  store.append = () => Promise.reject(new StoreUnavailable("Cannot append"));
  const rooms = new Rooms(store, new Turn());
  const posting = new Posting(store, rooms, { appended() {}, failed() {} });
  const publish = new ApiPublish(store, rooms, posting, { roomCreation: "anyone" });
  const user = { userId: "api", username: "API", role: "admin" as const };
  const caller = { user, author: user, hasKey: true, mayWrite: true };
  const outcome = await publish.publish({ caller, target: "general", query: {}, body: { content: "hi" } });
  assert(outcome instanceof Refusal);
  assertEquals(outcome.code, "unavailable");
});
