/** The plain JSON protocol, as a client written for it, and nothing more, would use it. */
import { assert, assertEquals } from "@std/assert";
import { readHealth } from "../support/health.ts";
import { type Closed, Peer } from "../support/peer.ts";
import { TestServer } from "../support/server.ts";
import { onceTest } from "../support/test_cluster.ts";
import { inSeconds, signToken } from "../support/signing.ts";

const SETTINGS = { PRESENCE_GRACE_MS: "0" };

/** A token as that protocol has it: `userId` and `username`, and none of the registered names. */
function makePlainToken(userId: string, username: string): Promise<string> {
  return signToken({ userId, username, iat: inSeconds(0), exp: inSeconds(3600) });
}

async function connect(server: TestServer, userId: string, username: string): Promise<Peer> {
  const peer = await Peer.open(server, { path: `/?token=${await makePlainToken(userId, username)}` });
  await peer.next("welcome");
  return peer;
}

Deno.test("a plain client joins: the history, and then joined with the number of people", async () => {
  await using server = await TestServer.start(SETTINGS);
  await using ann = await connect(server, "u1", "Ann");
  await using bob = await connect(server, "u2", "Bob");
  ann.send({ type: "join", roomId: "general", roomName: "General" });
  let history = await ann.next();
  assertEquals([history.type, history.roomId, history.history], ["room_history", "general", []]);
  let joined = await ann.next();
  assertEquals([joined.type, joined.roomId, joined.roomName, joined.members], [
    "joined",
    "general",
    "General",
    1,
  ]);
  ann.send({ type: "chat", roomId: "general", content: "Hello" });
  await ann.next("chat");
  bob.send({ type: "join", roomId: "general" });
  history = await bob.next();
  const [message] = history.history as Record<string, unknown>[];
  assertEquals([message.type, message.userId, message.username, message.content], [
    "chat",
    "u1",
    "Ann",
    "Hello",
  ]);
  joined = await bob.next();
  assertEquals([joined.type, joined.members], ["joined", 2]);
  const told = await ann.next();
  assertEquals([told.type, told.message], ["system", "Bob joined the room"]);
  assert(typeof told.timestamp === "number");
});

Deno.test("a plain client joins with the form's room name left empty", async () => {
  await using server = await TestServer.start(SETTINGS);
  await using ann = await connect(server, "u1", "Ann");
  for (const [roomId, roomName] of [["a", ""], ["b", null], ["c", undefined]]) {
    ann.send({ type: "join", roomId, roomName });
    assertEquals((await ann.next("joined")).roomName, roomId);
  }
});

Deno.test("a plain client hears its own message, with the id it gave or one that was made", async () => {
  await using server = await TestServer.start(SETTINGS);
  await using ann = await connect(server, "u1", "Ann");
  await using bob = await connect(server, "u2", "Bob");
  for (const peer of [ann, bob]) await peer.join("general");
  ann.send({ type: "chat", roomId: "general", content: "<b>Hello</b>", id: "my-own" });
  ann.send({ type: "chat", roomId: "general", content: "again" });
  for (const peer of [ann, bob]) {
    const first = await peer.next("chat");
    const { id, roomId, userId, username, content, timestamp } = first;
    assertEquals([id, roomId, userId, username, content], ["my-own", "general", "u1", "Ann", "<b>Hello</b>"]);
    assert(Math.abs(Number(timestamp) - Date.now()) < 10_000);
    const second = await peer.next("chat");
    assert(typeof second.id === "string" && second.id !== "");
  }
});

Deno.test("a plain client shows who is typing, and is not told of itself", async () => {
  await using server = await TestServer.start(SETTINGS);
  await using ann = await connect(server, "u1", "Ann");
  await using bob = await connect(server, "u2", "Bob");
  for (const peer of [ann, bob]) await peer.join("general");
  await ann.drained();
  ann.send({ type: "typing", roomId: "general", isTyping: true });
  const { type, userId, username, isTyping } = await bob.next();
  assertEquals([type, userId, username, isTyping], ["typing", "u1", "Ann", true]);
  assertEquals(await ann.drained(), []);
});

Deno.test("a plain client leaves, or is gone: the others are told the same", async () => {
  await using server = await TestServer.start(SETTINGS);
  await using ann = await connect(server, "u1", "Ann");
  await using bob = await connect(server, "u2", "Bob");
  const carl = await connect(server, "u3", "Carl");
  for (const peer of [ann, bob, carl]) await peer.join("general");
  bob.send({ type: "leave", roomId: "general" });
  const left = await ann.next("system", ({ event }) => event === "leave");
  assertEquals(left.message, "Bob left the room");
  await carl[Symbol.asyncDispose]();
  const gone = await ann.next("system");
  assertEquals(gone.message, "Carl left the room");
  ann.send({ type: "chat", roomId: "general", content: "alone" });
  await ann.next("chat");
  assertEquals((await bob.drained()).filter(({ type }) => type === "chat"), []);
});

Deno.test("a plain client knows the errors by their texts", async () => {
  await using server = await TestServer.start({ ...SETTINGS, RATE_CHAT: "", RATE_OTHER: "" });
  await using ann = await connect(server, "u1", "Ann");
  const texts: [object | string, string][] = [
    ["not json", "Invalid JSON"],
    [{ type: "dance" }, "Unknown message type: dance"],
    [{ type: "join" }, "roomId required"],
    [{ type: "chat", roomId: "general" }, "roomId and content required"],
    [{ type: "chat", content: "x" }, "roomId and content required"],
    [{ type: "chat", roomId: "nowhere", content: "x" }, "Room not found"],
  ];
  for (const [message, expected] of texts) {
    ann.send(message);
    const { type, message: text } = await ann.next();
    assertEquals([type, text], ["error", expected]);
  }
  await using bob = await connect(server, "u2", "Bob");
  await bob.join("general");
  for (let i = 0; i < 11; i++) bob.send({ type: "chat", roomId: "general", content: `${i}` });
  assertEquals((await bob.next("error")).message, "Rate limit exceeded");
  assertEquals((await bob.drained()).filter(({ type }) => type === "chat").length + countBefore(bob), 10);
});

/** Messages that had been read over while waiting for the error. */
function countBefore(peer: Peer): number {
  const lines = peer.frames.filter((frame) => frame.startsWith('{"type":"chat"'));
  const error = peer.frames.findIndex((frame) => frame.startsWith('{"type":"error"'));
  return lines.filter((frame) => peer.frames.indexOf(frame) < error).length;
}

Deno.test("a plain client without a good token is closed, with the reason", async () => {
  await using server = await TestServer.start({ ...SETTINGS, AUTH_TIMEOUT_MS: "50" });
  const reasons: [string, Closed][] = [
    ["/", { code: 1008, reason: "Authentication required" }],
    ["/?token=", { code: 1008, reason: "Authentication required" }],
    ["/?token=nonsense", { code: 1008, reason: "Invalid token" }],
    [`/?token=${await signToken({ userId: "u1", exp: inSeconds(60) }, { key: null })}`, {
      ...{ code: 1008, reason: "Invalid token" },
    }],
  ];
  for (const [path, closed] of reasons) {
    await using peer = await Peer.open(server, { path });
    assertEquals(await peer.closed, closed);
  }
});

Deno.test("a plain client gets the last 50 of the last 100 messages, in a frame of its own each", async () => {
  await using server = await TestServer.start(SETTINGS);
  await using ann = await connect(server, "u1", "Ann");
  await ann.join("general");
  for (let i = 1; i <= 130; i++) ann.send({ type: "chat", roomId: "general", content: `${i}` });
  for (let i = 1; i <= 130; i++) assertEquals((await ann.next("chat")).content, `${i}`);
  await using bob = await connect(server, "u2", "Bob");
  bob.send({ type: "join", roomId: "general" });
  const { history } = await bob.next("room_history");
  const contents = (history as { content: string }[]).map(({ content }) => content);
  assertEquals(contents, Array.from({ length: 50 }, (_, i) => `${i + 81}`));
  for (const frame of [...ann.frames, ...bob.frames]) JSON.parse(frame);
});

Deno.test("a plain client is told of the shutdown and closed", async () => {
  await using server = await TestServer.start(SETTINGS);
  await using ann = await connect(server, "u1", "Ann");
  await server.server.drain();
  assertEquals((await ann.next()).type, "server_shutdown");
  assertEquals(await ann.closed, { code: 1001, reason: "Server shutting down" });
});

onceTest("the health check counts connections", async () => {
  await using server = await TestServer.start(SETTINGS);
  await using _ann = await connect(server, "u1", "Ann");
  const { status, connections } = await readHealth(server);
  assertEquals([status, connections], ["ok", 1]);
});
