import { assert, assertEquals } from "@std/assert";
import { untilConnected } from "../support/health.ts";
import { type Closed, Peer } from "../support/peer.ts";
import { closeOf, encodeHandshake, readClose, textOf } from "../support/raw_story.ts";
import { RawSocket } from "../support/raw_socket.ts";
import { makeToken, TestServer } from "../support/server.ts";

const REQUIRED: Closed = { code: 1008, reason: "Authentication required" };
const INVALID: Closed = { code: 1008, reason: "Invalid token" };

/** Opens a socket with these headers; tells which subprotocol was selected, and who was welcomed or how it ended. */
async function enter(server: TestServer, path: string, headers: Record<string, string> = {}) {
  using peer = await RawSocket.connect(server.port);
  await peer.write(encodeHandshake(path, headers));
  const { status, headers: answer } = await peer.readHead();
  assertEquals(status, 101);
  const frame = await peer.readFrame();
  const { type, userId } = frame?.opcode === 1
    ? JSON.parse(textOf(frame))
    : { type: "close", userId: undefined };
  if (type === "welcome") return { protocol: answer.get("sec-websocket-protocol"), userId };
  return closeOf(frame);
}

Deno.test("a token is taken from the subprotocols, which select parley.v1 and never show the token", async () => {
  await using server = await TestServer.start();
  const token = await makeToken("ann");
  const lists = [`parley.v1, bearer.${token}`, `parley.v1,bearer.${token}`, `bearer.${token} , parley.v1`];
  for (const protocols of [...lists, `other, parley.v1 ,  bearer.${token},another`]) {
    const entered = await enter(server, "/ws", { "sec-websocket-protocol": protocols });
    assertEquals(entered, { protocol: "parley.v1", userId: "ann" });
  }
  const alone = await enter(server, "/", { "sec-websocket-protocol": `bearer.${token}` });
  assertEquals(alone, { protocol: null, userId: "ann" });
});

Deno.test("a token is taken from the Authorization header", async () => {
  await using server = await TestServer.start();
  const token = await makeToken("ann");
  for (const authorization of [`Bearer ${token}`, `bearer ${token}`]) {
    const entered = await enter(server, "/ws", { authorization, "sec-websocket-protocol": "parley.v1" });
    assertEquals(entered, { protocol: "parley.v1", userId: "ann" });
  }
});

Deno.test("a token is taken from the address, at both paths", async () => {
  await using server = await TestServer.start();
  const token = await makeToken("ann");
  for (const path of ["/", "/ws"]) {
    assertEquals(await enter(server, `${path}?token=${token}`), { protocol: null, userId: "ann" });
    assertEquals(await enter(server, `${path}?x=1&token=${token}&y`), { protocol: null, userId: "ann" });
  }
});

Deno.test("the same token in several places is fine, two different ones are not", async () => {
  await using server = await TestServer.start();
  const [ann, bob] = [await makeToken("ann"), await makeToken("bob")];
  const inProtocol = (token: string) => ({ "sec-websocket-protocol": `parley.v1, bearer.${token}` });
  const inHeader = (token: string) => ({ authorization: `Bearer ${token}` });
  const everywhere = await enter(server, `/ws?token=${ann}`, { ...inProtocol(ann), ...inHeader(ann) });
  assertEquals(everywhere, { protocol: "parley.v1", userId: "ann" });
  assertEquals(await enter(server, `/ws?token=${bob}`, inProtocol(ann)), INVALID);
  assertEquals(await enter(server, "/ws", { ...inProtocol(ann), ...inHeader(bob) }), INVALID);
  assertEquals(await enter(server, `/ws?token=${ann}`, inHeader(bob)), INVALID);
  assertEquals(await enter(server, `/ws?token=${ann}&token=${bob}`), INVALID);
  const two = { "sec-websocket-protocol": `parley.v1, bearer.${ann}, bearer.${bob}` };
  assertEquals(await enter(server, "/ws", two), INVALID);
});

Deno.test("a bad token in any place is refused by closing", async () => {
  await using server = await TestServer.start();
  assertEquals(await enter(server, "/?token=nonsense"), INVALID);
  assertEquals(await enter(server, "/ws", { authorization: "Bearer nonsense" }), INVALID);
  assertEquals(
    await enter(server, "/ws", { "sec-websocket-protocol": "parley.v1, bearer.nonsense" }),
    INVALID,
  );
});

Deno.test("the welcome holds what was promised", async () => {
  await using server = await TestServer.start({
    ...{ MAX_MESSAGE_BYTES: "2048", MAX_FILE_BYTES: "1000", RECOVERY_LIMIT: "30" },
    ...{ MAX_ROOMS_PER_CONNECTION: "9", HEARTBEAT_MS: "5000" },
  });
  const before = Date.now();
  const token = await makeToken("ann", { username: "Ann", ttlSeconds: 100 });
  await using ann = await Peer.open(server, { path: `/?token=${token}` });
  const { connectionId, serverTime, expiresAt, ...rest } = await ann.next();
  assertEquals(rest, {
    ...{
      type: "welcome",
      protocol: "parley.v1",
      userId: "ann",
      username: "Ann",
      role: "user",
      heartbeatMs: 5000,
    },
    limits: { messageBytes: 2048, fileBytes: 1000, historyPage: 30, roomsPerConnection: 9 },
    rooms: [],
  });
  assert(typeof connectionId === "string" && connectionId !== "");
  assert(Number(serverTime) >= before && Number(serverTime) <= Date.now());
  assert(Math.abs(Number(expiresAt) - before - 100_000) <= 1_000);
});

Deno.test("the welcome lists the rooms one belongs to, with what is unread, and no others", async () => {
  await using server = await TestServer.start({ PRESENCE_GRACE_MS: "0" });
  await using bob = await Peer.signIn(server, "bob");
  const ann = await Peer.signIn(server, "ann");
  await bob.join("bob's");
  const { epoch } = await ann.join("hall", { roomName: "The Hall" });
  await ann.join("left");
  await ann.ask({ type: "leave", roomId: "left" });
  await bob.join("hall");
  await ann.drained();
  ann.close();
  await bob.next("system", ({ event }) => event === "leave");
  for (let i = 0; i < 3; i++) await bob.ask({ type: "chat", roomId: "hall", content: "while you were away" });
  await using back = await Peer.open(server, { path: `/?token=${await makeToken("ann")}` });
  const { rooms } = await back.next("welcome");
  assertEquals(rooms, [{ roomId: "hall", roomName: "The Hall", seq: 3, epoch, read: 0, unread: 3 }]);
  await using listed = await Peer.open(server, {
    path: `/?token=${await makeToken("ann", { rooms: ["other"] })}`,
  });
  assertEquals((await listed.next("welcome")).rooms, []);
});

Deno.test("an administrator is told so", async () => {
  await using server = await TestServer.start();
  await using peer = await Peer.open(server, {
    path: `/?token=${await makeToken("ann", { role: "admin" })}`,
  });
  assertEquals((await peer.next("welcome")).role, "admin");
});

Deno.test("the first message may bring the token: welcome comes first, then authenticated if it had an id", async () => {
  await using server = await TestServer.start();
  const token = await makeToken("ann", { username: "Ann" });
  for (const path of ["/", "/ws"]) {
    await using peer = await Peer.open(server, { path });
    peer.send({ type: "auth", token, id: "a" });
    const welcome = await peer.next();
    assertEquals([welcome.type, welcome.userId], ["welcome", "ann"]);
    const { expiresAt } = welcome;
    assertEquals(await peer.next(), {
      type: "authenticated",
      id: "a",
      userId: "ann",
      username: "Ann",
      expiresAt,
    });
  }
  await using silent = await Peer.open(server, { protocols: ["parley.v1"] });
  silent.send({ type: "auth", token });
  assertEquals((await silent.next()).type, "welcome");
  assertEquals(await silent.drained(), []);
});

Deno.test("what follows the token at once is carried out after the welcome, in order", async () => {
  await using server = await TestServer.start();
  await using peer = await Peer.open(server);
  peer.send({ type: "auth", token: await makeToken("ann") }, { type: "join", roomId: "hall" }, "{");
  peer.send("ping");
  peer.send({ type: "chat", roomId: "hall", content: "x" });
  const said = [];
  for (let i = 0; i < 6; i++) said.push((await peer.next()).type);
  assertEquals(said, ["welcome", "room_history", "joined", "error", "text pong", "ack"]);
});

const OTHERS: Record<string, string> = {
  "a command": '{"type":"join","roomId":"hall"}',
  "a ping": "ping",
  "a ping object": '{"type":"ping","id":"1"}',
  "nonsense": "{",
  "an unknown type": '{"type":"nonsense"}',
  "an auth without a token": '{"type":"auth"}',
  "a token that is no text": '{"type":"auth","token":5}',
  "a frame that is too large": " ".repeat(70_000),
  "a command before the token in one frame": '{"type":"join","roomId":"hall"}\n{"type":"auth","token":"$"}',
};

for (const [what, frame] of Object.entries(OTHERS)) {
  Deno.test(`anything else before the token ends the connection and does nothing: ${what}`, async () => {
    await using server = await TestServer.start();
    await using bob = await Peer.signIn(server, "bob");
    await bob.join("hall");
    await using peer = await Peer.open(server, { protocols: ["parley.v1"] });
    peer.send(frame.replace("$", await makeToken("ann")));
    peer.send({ type: "auth", token: await makeToken("ann") });
    assertEquals(await peer.closed, REQUIRED);
    assertEquals(peer.frames, []);
    assertEquals(await bob.drained(), []);
  });
}

Deno.test("a binary frame before the token ends the connection", async () => {
  await using server = await TestServer.start();
  await using peer = await Peer.open(server);
  peer.sendBytes(new Uint8Array(16));
  assertEquals(await peer.closed, REQUIRED);
});

Deno.test("who does not sign in in time is closed", async () => {
  await using server = await TestServer.start({ AUTH_TIMEOUT_MS: "50" });
  for (const path of ["/", "/ws", "/?token="]) {
    await using peer = await Peer.open(server, { path });
    assertEquals(await peer.closed, REQUIRED);
  }
  using raw = await RawSocket.open(server.port, "/ws", { authorization: "Basic YTpi" });
  assertEquals(await readClose(raw), REQUIRED);
});

Deno.test("a bad token in the first message ends the connection", async () => {
  await using server = await TestServer.start();
  const expired = await makeToken("ann", { ttlSeconds: -1 });
  const tokens = [["nonsense", "Invalid token"], ["x".repeat(8193), "Invalid token"], [
    expired,
    "Token expired",
  ]];
  for (const [token, reason] of tokens) {
    await using peer = await Peer.open(server);
    peer.send({ type: "auth", token, id: "a" });
    assertEquals(await peer.closed, { code: 1008, reason });
    assertEquals(peer.frames, []);
  }
});

Deno.test("a person over the limit of connections is refused the newest, until another ends", async () => {
  await using server = await TestServer.start({ MAX_CONNECTIONS_PER_USER: "2" });
  await using first = await Peer.signIn(server, "ann");
  const second = await Peer.signIn(server, "ann");
  const tooMany = { code: 4504, reason: "Too many connections" };
  await using third = await Peer.open(server, { path: `/?token=${await makeToken("ann")}` });
  assertEquals(await third.closed, tooMany);
  await using byMessage = await Peer.open(server);
  byMessage.send({ type: "auth", token: await makeToken("ann") });
  assertEquals(await byMessage.closed, tooMany);
  assertEquals([...third.frames, ...byMessage.frames], []);
  await using bob = await Peer.signIn(server, "bob");
  assertEquals(await first.drained(), [], "the older ones never notice");
  assertEquals(await bob.drained(), []);
  second.close();
  await untilConnected(server, 2);
  await using next = await Peer.signIn(server, "ann");
  assertEquals(await next.drained(), []);
});
