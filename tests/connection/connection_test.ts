import { assert, assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { ENDINGS } from "../../lib/protocol/codes.ts";
import { StoreUnavailable } from "../../lib/store/store.ts";
import { makeIdentity, makeToken, openParts, settled } from "./fakes.ts";

const NOW = Date.UTC(2030, 0, 1);

Deno.test("a connection is welcomed first, and then has its commands answered in order", async () => {
  using time = new FakeTime(NOW);
  using server = await openParts();
  const { socket, connection } = await server.connect(
    makeIdentity("ann", { username: "Ann", role: "admin" }),
  );
  const { limits } = server.parts.options;
  assertEquals(socket.read(), [{
    type: "welcome",
    protocol: "parley.v1",
    connectionId: connection.connectionId,
    userId: "ann",
    username: "Ann",
    role: "admin",
    expiresAt: NOW + 3_600_000,
    serverTime: time.now,
    heartbeatMs: 25_000,
    limits,
    rooms: [],
  }]);
  socket.say({ type: "join", roomId: "general", id: "1" }, { type: "ping", id: "2" }, "nonsense");
  socket.say("ping");
  await settled();
  assertEquals(socket.read().map(({ type, id }) => id ?? type), ["room_history", "1", "2", "error", "pong"]);
});

Deno.test("nothing comes before the welcome, however long the store takes for it", async () => {
  using server = await openParts();
  const gate = Promise.withResolvers<void>();
  server.store.memberships = () => gate.promise.then(() => []);
  const { socket } = await server.connect(makeIdentity("ann"));
  socket.say("ping");
  socket.say("nonsense");
  socket.onmessage({ data: new ArrayBuffer(20) });
  server.parts.chat.people.tell("ann", '{"type":"notification"}');
  await settled();
  assertEquals(socket.read(), []);
  gate.resolve();
  await settled();
  const told = socket.read().map(({ type }) => type);
  assertEquals(told, ["welcome", "notification", "pong", "error", "error"]);
});

Deno.test("a connection that nobody is welcome on ends with the reason why", async () => {
  using server = await openParts();
  for (const ending of [ENDINGS.invalidToken, ENDINGS.expiredCredentials]) {
    const { socket } = await server.connect(ending);
    assertEquals([socket.ending, socket.sent], [ending, []]);
  }
});

Deno.test("the first message may say who it is, and what follows waits for the welcome", async () => {
  using server = await openParts();
  const { socket } = await server.connect("unauthenticated");
  const token = await makeToken("ann");
  socket.say({ type: "auth", token, id: "1" }, { type: "ping", id: "2" }, "nonsense");
  socket.say("ping");
  while (socket.sent.length < 4) await settled();
  assertEquals(socket.read().map(({ type }) => type), ["welcome", "authenticated", "pong", "error", "pong"]);
});

Deno.test("any other first message ends the connection and does nothing", async () => {
  const join = { type: "join", roomId: "general" };
  for (const first of [join, { type: "ping" }, "ping", "nonsense", { type: "auth" }, new ArrayBuffer(8)]) {
    using server = await openParts();
    const { socket } = await server.connect("unauthenticated");
    socket.onmessage({
      data: typeof first === "string" || first instanceof ArrayBuffer ? first : JSON.stringify(first),
    });
    await settled();
    assertEquals([socket.ending, socket.sent], [ENDINGS.authenticationRequired, []]);
    assertEquals(await server.store.room("general"), undefined);
  }
});

Deno.test("who does not say who they are in time is closed", async () => {
  using time = new FakeTime();
  using server = await openParts({ authTimeoutMs: 50 });
  const { socket } = await server.connect("unauthenticated");
  time.tick(49);
  assertEquals(socket.ending, undefined);
  time.tick(1);
  assertEquals(socket.ending, ENDINGS.authenticationRequired);
});

Deno.test("bad and expired tokens end the connection, each with its own reason", async () => {
  using server = await openParts();
  const cases: [string, unknown][] = [
    ["nonsense", ENDINGS.invalidToken],
    ["x".repeat(10_000), ENDINGS.invalidToken],
    [await makeToken("ann", -1), ENDINGS.expiredCredentials],
  ];
  for (const [token, ending] of cases) {
    const { socket } = await server.connect("unauthenticated");
    socket.say({ type: "auth", token, id: "1" });
    while (socket.ending === undefined) await settled();
    assertEquals([socket.ending, socket.sent], [ending, []]);
  }
});

Deno.test("a person has only so many connections: the newest is refused", async () => {
  using server = await openParts();
  const connections = [];
  for (let i = 0; i < 3; i++) connections.push(await server.connect(makeIdentity("ann")));
  const [first, , third] = connections;
  assertEquals(connections.map(({ socket }) => socket.ending), [
    undefined,
    undefined,
    ENDINGS.tooManyConnections,
  ]);
  assertEquals(third.socket.sent, []);
  first.connection.end(ENDINGS.disconnected);
  const { socket } = await server.connect(makeIdentity("ann"));
  assertEquals(socket.ending, undefined);
});

Deno.test("a connection that is gone before its token is verified does not count as anybody's", async () => {
  using server = await openParts();
  const token = await makeToken("ann");
  for (let i = 0; i < 3; i++) {
    const { socket } = await server.connect("unauthenticated");
    socket.say({ type: "auth", token });
    socket.onclose({ code: 1006 });
    await server.parts.verifier.verify(token);
    await settled();
    assertEquals(socket.sent, []);
  }
  const { socket } = await server.connect(makeIdentity("ann"));
  assertEquals(socket.ending, undefined);
});

Deno.test("somebody who cannot be welcomed because the store is down may come back", async () => {
  using server = await openParts();
  server.store.memberships = () => Promise.reject(new StoreUnavailable("down"));
  const { socket } = await server.connect(makeIdentity("ann"));
  assertEquals([socket.ending, socket.sent], [ENDINGS.unavailable, []]);
  assertEquals(server.parts.metrics.surprises.total, 0);
});

Deno.test("somebody who cannot be welcomed because of a mistake of ours is not left waiting", async () => {
  using server = await openParts();
  server.store.memberships = () => Promise.reject(new RangeError("secret details"));
  const { socket } = await server.connect(makeIdentity("ann"));
  assertEquals([socket.ending, socket.sent], [ENDINGS.internal, []]);
  assertEquals(server.parts.metrics.surprises.total, 1);
});

Deno.test("a connection ends once, is out of its rooms at once, and hears nothing any more", async () => {
  using server = await openParts();
  const [ann, bob] = [await server.connect(makeIdentity("ann")), await server.connect(makeIdentity("bob"))];
  for (const { socket } of [ann, bob]) socket.say({ type: "join", roomId: "general" });
  await settled();
  for (const { socket } of [ann, bob]) socket.read();
  bob.connection.end(ENDINGS.slowConsumer);
  bob.connection.end(ENDINGS.shuttingDown);
  ann.socket.say({ type: "chat", roomId: "general", content: "Hello" });
  bob.socket.say({ type: "chat", roomId: "general", content: "Me too" });
  await settled();
  assertEquals(bob.socket.ending, ENDINGS.slowConsumer);
  assertEquals(bob.socket.sent, []);
  assertEquals(ann.socket.read().map(({ type }) => type), ["ack", "chat"]);
  assertEquals(server.parts.connections.size, 2, "the socket is still there");
  bob.socket.onclose({ code: 4008 });
  bob.socket.onclose({ code: 1005 });
  assertEquals(server.parts.connections.size, 1);
  assertEquals(server.parts.metrics.endings.total, 1);
});

Deno.test("a connection says goodbye before it closes", async () => {
  using server = await openParts();
  const { socket, connection } = await server.connect(makeIdentity("ann"));
  socket.read();
  connection.push('{"type":"server_shutdown"}');
  connection.end(ENDINGS.shuttingDown);
  assertEquals(socket.read(), [{ type: "server_shutdown" }]);
});

Deno.test("more than a hundred errors end a connection", async () => {
  using _time = new FakeTime();
  using server = await openParts();
  const { socket } = await server.connect(makeIdentity("ann"));
  for (let i = 0; i < 100; i++) socket.say("nonsense");
  assertEquals(socket.ending, undefined);
  socket.say("nonsense");
  assertEquals(socket.ending, ENDINGS.tooManyErrors);
});

Deno.test("a token's end is announced, and then ends the connection", async () => {
  using time = new FakeTime(NOW);
  using server = await openParts();
  const expiresAt = NOW + 2_000;
  const { socket } = await server.connect(makeIdentity("ann", { expiresAt }));
  socket.read();
  time.tick(1_000);
  await settled();
  assertEquals(socket.read(), [{ type: "token_expiring", expiresAt }]);
  time.tick(999);
  assertEquals(socket.ending, undefined);
  time.tick(251);
  assertEquals(socket.ending, ENDINGS.tokenExpired);
});

Deno.test("a fresh token of the same person keeps the connection, any other token changes nothing", async () => {
  using time = new FakeTime(NOW);
  using server = await openParts();
  const { socket } = await server.connect(makeIdentity("ann", { expiresAt: NOW + 2_000 }));
  socket.read();
  for (const token of ["nonsense", await makeToken("bob"), await makeToken("ann", -1)]) {
    socket.say({ type: "auth", token, id: "1" });
    while (socket.sent.length === 0) await settled();
    const [{ type, code, id }] = socket.read();
    assertEquals([type, code, id], ["error", "forbidden", "1"]);
  }
  socket.say({ type: "auth", token: await makeToken("ann", 60), id: "2" });
  while (socket.sent.length === 0) await settled();
  const expiresAt = NOW + 60_000;
  assertEquals(socket.read(), [{
    type: "authenticated",
    id: "2",
    userId: "ann",
    username: "ann",
    expiresAt,
  }]);
  time.tick(59_999);
  assertEquals(socket.ending, undefined);
  time.tick(250);
  assertEquals(socket.ending, ENDINGS.tokenExpired);
});

Deno.test("an error in a handler ends its connection, and reaches nobody else", async () => {
  using server = await openParts();
  const { socket } = await server.connect(makeIdentity("ann"));
  server.parts.dispatch.handle = () => {
    throw new RangeError("a mistake of ours");
  };
  socket.say({ type: "ping" });
  assertEquals(socket.ending, ENDINGS.internal);
  assertEquals(server.parts.metrics.surprises.total, 1);
});

Deno.test("who asks for long answers and does not read them is given no more until they do", async () => {
  using time = new FakeTime();
  using server = await openParts();
  const draft = {
    roomId: "general",
    userId: "bob",
    username: "bob",
    content: "x".repeat(60_000),
    timestamp: 1,
  };
  await server.store.append(Array.from({ length: 10 }, (_, i) => ({ ...draft, id: `m${i}` })));
  const { socket } = await server.connect(makeIdentity("ann"));
  socket.say({ type: "join", roomId: "general" });
  for (let i = 1; i <= 20; i++) socket.say({ type: "history", roomId: "general", id: `${i}` });
  await settled();
  assert(socket.bufferedAmount < 1 << 20, `${socket.bufferedAmount} bytes`);
  assertEquals(socket.ending, undefined);
  const answered = [];
  for (let i = 0; i < 50 && answered.at(-1) !== "20"; i++) {
    answered.push(...socket.read().map(({ id }) => id).filter((id) => id !== undefined));
    time.tick(250);
    await settled();
  }
  assertEquals(answered, Array.from({ length: 20 }, (_, i) => `${i + 1}`));
});
