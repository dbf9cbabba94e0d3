import { assert, assertEquals, assertGreaterOrEqual, assertLess, assertLessOrEqual } from "@std/assert";
import { readHealth, untilConnected } from "../support/health.ts";
import { type Closed, Peer } from "../support/peer.ts";
import { closeOf, encodeHandshakeAndText, readClose, signInRaw, textOf } from "../support/raw_story.ts";
import { RawSocket } from "../support/raw_socket.ts";
import { TestServer } from "../support/server.ts";
import { TemporaryFolder } from "../support/temporary_folder.ts";

/** Long enough that somebody who answers is heard in time by a machine that has other things to do. */
const HEARTBEAT_MS = 600;
const TOO_MANY_ERRORS: Closed = { code: 4009, reason: "Too many errors" };

Deno.test("a hundred errors are answered one by one, and one more ends the connection", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann");
  ann.send(...Array.from({ length: 100 }, () => "{"));
  for (let i = 0; i < 100; i++) assertEquals((await ann.next()).code, "invalid_json");
  assertEquals(await ann.drained(), []);
  ann.send("{");
  assertEquals(await ann.closed, TOO_MANY_ERRORS);
});

Deno.test("the close code arrives, also at who goes on sending", async () => {
  await using server = await TestServer.start({ MAX_MESSAGE_BYTES: "1024" });
  for (let i = 0; i < 5; i++) {
    await using errors = await Peer.signIn(server, "ann");
    for (let sent = 0; sent < 300; sent++) errors.send("{");
    assertEquals(await errors.closed, TOO_MANY_ERRORS);
    await using large = await Peer.signIn(server, "ann");
    for (let sent = 0; sent < 5; sent++) large.send(" ".repeat(5_000));
    assertEquals((await large.closed).code, 1009);
    await using unknown = await Peer.open(server);
    for (let sent = 0; sent < 50; sent++) unknown.send({ type: "join", roomId: "hall" });
    assertEquals((await unknown.closed).code, 1008);
    using eager = await RawSocket.connect(server.port);
    await eager.write(encodeHandshakeAndText("/?token=bad", '{"type":"join","roomId":"hall"}'));
    for (let sent = 0; sent < 5; sent++) await eager.say({ type: "join", roomId: "hall" });
    await eager.readHead();
    assertEquals(await readClose(eager), { code: 1008, reason: "Invalid token" });
  }
});

Deno.test("who never stops sending is cut off in the end", async () => {
  await using server = await TestServer.start();
  using peer = await RawSocket.open(server.port, "/?token=bad");
  assertEquals((await readClose(peer)).code, 1008);
  const reading = peer.readToEnd();
  while (await peer.send({ opcode: 1, payload: "ping" })) await readHealth(server);
  assertEquals(await reading, []);
  await untilConnected(server, 0);
});

Deno.test("errors of every kind count, and nothing after the last one is carried out", async () => {
  await using server = await TestServer.start();
  await using bob = await Peer.signIn(server, "bob");
  await bob.join("hall");
  await using ann = await Peer.signIn(server, "ann");
  await ann.join("hall");
  const kinds = [
    "{",
    '{"type":"x"}',
    "{}",
    '{"type":"chat","roomId":"other","content":"x"}',
    '{"type":"join"}',
  ];
  ann.send(...Array.from({ length: 105 }, (_, i) => kinds[i % 5]), {
    type: "chat",
    roomId: "hall",
    content: "late",
  });
  assertEquals(await ann.closed, TOO_MANY_ERRORS);
  assertEquals((await bob.drained()).filter(({ type }) => type === "chat"), []);
});

Deno.test("a flood ends the connection, and the others never notice", async () => {
  await using server = await TestServer.start({ RATE_CHAT: "", RATE_OTHER: "" });
  await using bob = await Peer.signIn(server, "bob");
  await using ann = await Peer.signIn(server, "ann");
  for (let i = 0; i < 4_000; i++) ann.send("ping");
  assertEquals(await ann.closed, TOO_MANY_ERRORS);
  const pongs = ann.frames.filter((frame) => frame === "pong").length;
  assert(pongs >= 1_000 && pongs < 4_000, `${pongs} were answered`);
  assertEquals(await bob.drained(), []);
});

Deno.test("frames over a limit are refused one by one before that, and not carried out", async () => {
  await using server = await TestServer.start({ RATE_CHAT: "5/10s", RATE_OTHER: "" });
  await using ann = await Peer.signIn(server, "ann");
  await ann.join("hall");
  for (let i = 0; i < 60; i++) ann.send({ type: "chat", roomId: "hall", content: "x", id: `${i}` });
  const said = await ann.drained();
  assertEquals(said.filter(({ type }) => type === "ack").length, 5);
  assertEquals(said.filter(({ code }) => code === "rate_limited").length, 55);
  assertEquals(said.filter(({ type }) => type === "chat").length, 5);
});

Deno.test("a peer from which nothing comes is pinged, and then closed after two heartbeats", async () => {
  await using server = await TestServer.start({ HEARTBEAT_MS: "200" });
  using silent = await signInRaw(server, "ann");
  const startedAt = Date.now();
  let pings = 0;
  let frame = await silent.readFrame();
  for (; frame?.opcode === 9; frame = await silent.readFrame()) pings++;
  const tookMs = Date.now() - startedAt;
  assertEquals(closeOf(frame), { code: 4010, reason: "No heartbeat" });
  assertGreaterOrEqual(tookMs, 350);
  assertLess(tookMs, 10_000);
  assertGreaterOrEqual(pings, 2);
});

Deno.test("a peer that only answers pings stays", async () => {
  await using server = await TestServer.start({ HEARTBEAT_MS: `${HEARTBEAT_MS}` });
  using peer = await signInRaw(server, "ann");
  const startedAt = Date.now();
  let pingedAt = startedAt;
  while (Date.now() - startedAt < 3.5 * HEARTBEAT_MS) {
    const frame = await peer.readFrame();
    assertEquals(frame?.opcode, 9);
    assertLessOrEqual(Date.now() - pingedAt, 2 * HEARTBEAT_MS, "a ping comes at least every heartbeat");
    pingedAt = Date.now();
    await peer.send({ opcode: 10, payload: frame!.payload });
  }
  await peer.send({ opcode: 1, payload: "ping" });
  assertEquals((await peer.hear("text pong")).type, "text pong");
});

Deno.test("a peer that talks without a pause is pinged like any other", async () => {
  await using server = await TestServer.start({ HEARTBEAT_MS: "200", RATE_CHAT: "off", RATE_OTHER: "off" });
  using peer = await signInRaw(server, "ann");
  const startedAt = Date.now();
  for (let pings = 0; pings < 3;) {
    await peer.send({ opcode: 1, payload: "ping" });
    if ((await peer.readFrame())?.opcode === 9) pings++;
    assertLess(Date.now() - startedAt, 10_000, `${pings} pings came`);
  }
});

for (const text of ["ping", '{"type":"ping"}', "{"]) {
  Deno.test(`a peer that answers no ping but sends ${text} stays`, async () => {
    await using server = await TestServer.start({ HEARTBEAT_MS: `${HEARTBEAT_MS}` });
    using peer = await signInRaw(server, "ann");
    const startedAt = Date.now();
    while (Date.now() - startedAt < 3.5 * HEARTBEAT_MS) {
      const frame = await peer.readFrame();
      if (frame?.opcode === 9) await peer.send({ opcode: 1, payload: text });
      assert(frame?.opcode === 9 || frame?.opcode === 1, `got ${frame?.opcode}`);
    }
  });
}

Deno.test("who sends nothing is told as gone to the room", async () => {
  await using server = await TestServer.start({ HEARTBEAT_MS: `${HEARTBEAT_MS}`, PRESENCE_GRACE_MS: "0" });
  await using bob = await Peer.signIn(server, "bob");
  await bob.join("hall");
  using silent = await signInRaw(server, "ann");
  await silent.say({ type: "join", roomId: "hall" });
  assertEquals((await bob.next("system")).message, "ann joined the room");
  assertEquals((await bob.next("system")).message, "ann left the room");
  assertEquals((await readClose(silent)).code, 4010);
});

Deno.test("a reader that falls behind is closed, the others never notice, and it resumes without a gap", async () => {
  await using server = await TestServer.start({
    ...{ MAX_SEND_BUFFER_BYTES: "65536", PRESENCE_GRACE_MS: "0", HISTORY_LIMIT: "10000" },
  });
  await using ann = await Peer.signIn(server, "ann");
  const { epoch } = await ann.join("hall");
  using slow = await signInRaw(server, "slow");
  await slow.say({ type: "join", roomId: "hall" });
  await ann.next("system", ({ event }) => event === "join");
  const content = "x".repeat(50_000);
  let sent = 0;
  while (!ann.frames.some((frame) => frame.includes("slow left the room"))) {
    ann.send({ type: "chat", roomId: "hall", content });
    assertEquals((await ann.next("chat")).seq, ++sent);
    assertLess(sent, 400, "20 MB were sent to a reader that does not read");
  }
  const { seqs, closed } = await readAll(slow);
  assertEquals(closed, { code: 4008, reason: "Slow consumer" });
  assertEquals(seqs, Array.from({ length: seqs.length }, (_, i) => i + 1));
  assertLess(seqs.length, sent + 1);
  await using back = await Peer.signIn(server, "slow");
  back.send({ type: "join", roomId: "hall", after: seqs.length, epoch });
  let page = await back.next("room_history");
  assertEquals(page.recovered, true);
  for (;;) {
    seqs.push(...(page.history as { seq: number }[]).map(({ seq }) => seq));
    if (!page.more) break;
    page = await back.ask({ type: "history", roomId: "hall", after: seqs.at(-1), limit: 300 });
  }
  assertEquals(seqs, Array.from({ length: sent }, (_, i) => i + 1));
});

/** Reads what was kept for a reader until the connection ends. */
async function readAll(peer: RawSocket): Promise<{ seqs: number[]; closed: Closed | undefined }> {
  const seqs: number[] = [];
  for (let frame; (frame = await peer.readFrame()) !== undefined;) {
    if (frame.opcode === 8) return { seqs, closed: closeOf(frame) };
    if (frame.opcode !== 1) continue;
    const said = JSON.parse(textOf(frame));
    if (said.type === "chat") seqs.push(said.seq);
  }
  return { seqs, closed: undefined };
}

Deno.test("the answers to one's own commands never close a reader, however far behind it is", async () => {
  await using server = await TestServer.start({ MAX_SEND_BUFFER_BYTES: "65536" });
  using slow = await signInRaw(server, "ann");
  await using fast = await Peer.signIn(server, "ann");
  await fast.join("hall");
  for (let i = 0; i < 6; i++) await fast.ask({ type: "chat", roomId: "hall", content: "x".repeat(50_000) });
  const pages = 20;
  for (let i = 0; i < pages; i++) await slow.say({ type: "history", roomId: "hall", id: `${i}` });
  for (let i = 0; i < 20; i++) await fast.drained();
  for (let i = 0; i < pages; i++) assertEquals((await slow.hear("room_history")).id, `${i}`);
  await slow.send({ opcode: 1, payload: "ping" });
  await slow.hear("text pong");
});

Deno.test("a server that shuts down says so, tells when to come back, and closes every connection", async () => {
  await using server = await TestServer.start();
  const peers: Peer[] = [];
  for (let i = 0; i < 8; i++) {
    peers.push(await (i % 2 ? Peer.signIn : Peer.signInPlainly)(server, `user ${i}`));
  }
  await using waiting = await Peer.open(server);
  await server.server.drain();
  const waits = new Set<number>();
  for (const peer of peers) {
    const { type, reconnectInMs, ...rest } = await peer.next();
    assertEquals([type, rest], ["server_shutdown", {}]);
    assert(
      Number.isInteger(reconnectInMs) && Number(reconnectInMs) >= 500 && Number(reconnectInMs) <= 10_000,
    );
    waits.add(Number(reconnectInMs));
    assertEquals(await peer.closed, { code: 1001, reason: "Server shutting down" });
  }
  assert(waits.size > 4, "everybody was told to come back at the same time");
  assertEquals(await waiting.closed, { code: 1001, reason: "Server shutting down" });
});

Deno.test("what was sent before the shutdown is acknowledged", async () => {
  await using folder = await TemporaryFolder.make();
  await using server = await TestServer.start({ STORE: `sqlite:${folder.path}/parley.db` });
  await using ann = await Peer.signIn(server, "ann");
  await ann.join("hall");
  ann.send(
    ...Array.from({ length: 50 }, (_, i) => ({ type: "chat", roomId: "hall", content: "x", id: `${i}` })),
  );
  ann.send("ping");
  await ann.next("text pong");
  await server.server.drain();
  await ann.closed;
  const acks = ann.frames.flatMap((frame) => frame.split("\n")).filter((line) =>
    line.startsWith('{"type":"ack"')
  );
  assertEquals(acks.length, 50);
});

Deno.test("a client that says goodbye is let go with its own code", async () => {
  await using server = await TestServer.start();
  for (const code of [1000, 3000, 4999]) {
    const ann = await Peer.signIn(server, "ann");
    ann.close(code);
    assertEquals((await ann.closed).code, code);
  }
  await untilConnected(server, 0);
});
