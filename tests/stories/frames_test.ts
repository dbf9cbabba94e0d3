import { assert, assertEquals, assertMatch } from "@std/assert";
import { MESSAGES, type MessageType } from "../../lib/protocol/messages.ts";
import { Peer } from "../support/peer.ts";
import { encodeHandshakeAndText, readClose, signInRaw, textOf } from "../support/raw_story.ts";
import { RawSocket } from "../support/raw_socket.ts";
import { makeToken, TestServer } from "../support/server.ts";

Deno.test("one frame may hold several objects, whoever sends it", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann");
  await using bob = await Peer.signInPlainly(server, "bob");
  for (const peer of [ann, bob]) {
    peer.send({ type: "ping", id: "1" }, { type: "join", roomId: "hall", id: "2" }, {
      type: "ping",
      id: "3",
    });
    assertEquals((await peer.next("pong")).id, "1");
    assertEquals((await peer.next("joined")).id, "2");
    assertEquals((await peer.next("pong")).id, "3");
  }
});

Deno.test("blank lines and carriage returns between objects do not matter", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann");
  ann.send('\n{"type":"ping","id":"1"}\r\n\r\n  \n{"type":"ping","id":"2"}\n');
  assertEquals((await ann.next()).id, "1");
  assertEquals((await ann.next()).id, "2");
  assertEquals(await ann.drained(), []);
});

Deno.test("one object written over several lines is one object", async () => {
  await using server = await TestServer.start();
  await using bob = await Peer.signInPlainly(server, "bob");
  bob.send(JSON.stringify({ type: "ping", id: "spread" }, null, 2));
  assertEquals((await bob.next()).id, "spread");
});

Deno.test("a broken line is refused alone: the others of its frame are carried out", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann");
  ann.send('{"type":"ping","id":"1"}\n{"type":\n{"type":"ping","id":"2"}');
  const said = [await ann.next(), await ann.next(), await ann.next()];
  assertEquals(said.map(({ type, id, code }) => [type, id ?? code]), [
    ["pong", "1"],
    ["error", "invalid_json"],
    ["pong", "2"],
  ]);
});

Deno.test("without the subprotocol every frame holds exactly one object", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann");
  await using bob = await Peer.signInPlainly(server, "bob");
  await ann.join("hall");
  await bob.join("hall");
  const messages = Array.from(
    { length: 20 },
    (_, i) => ({ type: "chat", roomId: "hall", content: `${i}`, id: `${i}` }),
  );
  ann.send(...messages);
  bob.send(...messages, { type: "ping" }, { type: "rooms" }, { type: "members", roomId: "hall" });
  for (let seq = 1; seq <= 40; seq++) assertEquals((await bob.next("chat")).seq, seq);
  for (let seq = 1; seq <= 40; seq++) assertEquals((await ann.next("chat")).seq, seq);
  assertEquals(bob.frames.filter((frame) => frame.includes("\n")), []);
  assert(ann.frames.some((frame) => frame.split("\n").length > 10), "the fan-out was not gathered");
});

Deno.test("a subprotocol that is not ours is none", async () => {
  await using server = await TestServer.start();
  using peer = await RawSocket.open(server.port, `/ws?token=${await makeToken("ann")}`, {
    "sec-websocket-protocol": "chat, superchat",
  });
  await peer.hear("welcome");
  await peer.send({ opcode: 1, payload: '{"type":"ping"}\n{"type":"ping"}' });
  for (let i = 0; i < 2; i++) {
    assertEquals(JSON.parse(textOf(await peer.readFrame())).type, "pong");
  }
});

Deno.test("the bare text ping is answered by the bare text pong, in a frame of its own", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann");
  await using bob = await Peer.signInPlainly(server, "bob");
  for (const peer of [ann, bob]) {
    peer.frames.length = 0;
    peer.send("ping");
    await peer.next("text pong");
    assertEquals(peer.frames, ["pong"]);
  }
});

Deno.test("ping as an object is answered with the time", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann");
  const before = Date.now();
  ann.send({ type: "ping" });
  const pong = await ann.next();
  assertEquals(Object.keys(pong), ["type", "timestamp"]);
  assert(Number(pong.timestamp) >= before && Number(pong.timestamp) <= Date.now());
});

Deno.test("the welcome comes first, even if frames came together with the handshake", async () => {
  await using server = await TestServer.start();
  for (const frame of ["ping", "{", '{"type":"nonsense"}', '{"type":"ping"}']) {
    using peer = await RawSocket.connect(server.port);
    await peer.write(encodeHandshakeAndText(`/?token=${await makeToken("ann")}`, frame));
    await peer.readHead();
    assertMatch(
      textOf(await peer.readFrame()),
      /^\{"type":"welcome"/,
      `${frame} was answered before the welcome`,
    );
    assertMatch(textOf(await peer.readFrame()), /pong|"error"/);
  }
});

Deno.test("a frame above the limit is refused, and one above four times the limit ends the connection", async () => {
  await using server = await TestServer.start({ MAX_MESSAGE_BYTES: "1024" });
  await using ann = await Peer.signIn(server, "ann");
  await ann.join("hall");
  const frame = (bytes: number) => {
    const empty = JSON.stringify({ type: "chat", roomId: "hall", content: "" });
    return empty.replace(
      '""',
      `"${"é".repeat((bytes - empty.length) >> 1).padEnd(bytes - empty.length >> 1, "x")}"`,
    );
  };
  const encoder = new TextEncoder();
  const fits = frame(1024);
  assert(encoder.encode(fits).length > 1022 && encoder.encode(fits).length <= 1024);
  ann.send(fits);
  await ann.next("ack");
  ann.send(fits + "   ");
  const { type, code, message } = await ann.next("error");
  assertEquals([type, code, message], ["error", "too_large", "Message too large"]);
  ann.send(" ".repeat(4096));
  assertEquals((await ann.next("error")).code, "too_large");
  assertEquals(
    (await ann.ask({ type: "history", roomId: "hall" })).seq,
    1,
    "a refused frame was carried out",
  );
  ann.send(" ".repeat(4097));
  assertEquals(await ann.closed, { code: 1009, reason: "Message too large" });
});

Deno.test("a command in a frame above the limit is refused by its id", async () => {
  await using server = await TestServer.start({ MAX_MESSAGE_BYTES: "1024" });
  await using ann = await Peer.signIn(server, "ann");
  await ann.join("hall");
  ann.send({ type: "chat", roomId: "hall", id: "long", content: "x".repeat(1024) });
  assertEquals(await ann.next("error"), {
    ...{ type: "error", code: "too_large", message: "Message too large", id: "long", roomId: "hall" },
  });
});

Deno.test("the total of a fragmented message counts", async () => {
  await using server = await TestServer.start({ MAX_MESSAGE_BYTES: "1024" });
  using peer = await signInRaw(server, "ann");
  const send = async (fragments: number) => {
    const payload = " ".repeat(512);
    for (let i = 0; i < fragments; i++) {
      await peer.send({ opcode: i === 0 ? 1 : 0, payload, isFinal: i === fragments - 1 });
    }
  };
  await send(3);
  assertEquals((await peer.hear("error")).code, "too_large");
  await send(9);
  assertEquals((await readClose(peer)).code, 1009);
});

Deno.test("a fragmented command is one command", async () => {
  await using server = await TestServer.start();
  using peer = await signInRaw(server, "ann");
  await peer.send({ opcode: 1, payload: '{"type":"pi', isFinal: false });
  await peer.send({ opcode: 9, payload: "between" });
  await peer.send({ opcode: 0, payload: 'ng","id":"whole"}' });
  const pong = await peer.readFrame();
  assertEquals([pong?.opcode, textOf(pong)], [10, "between"]);
  assertEquals((await peer.hear("pong")).id, "whole");
});

Deno.test("everything the server says holds what its schema promises, and nothing else", async () => {
  await using server = await TestServer.start({ PRESENCE_GRACE_MS: "0" });
  await using ann = await Peer.signIn(server, "ann");
  const bob = await Peer.signInPlainly(server, "bob");
  await bob.join("hall");
  await ann.join("hall", { id: "j" });
  ann.send({ type: "typing", roomId: "hall", isTyping: true, id: "t" });
  for (let i = 0; i < 2; i++) await ann.ask({ type: "chat", roomId: "hall", content: "again", replyTo: "m" });
  for (let i = 0; i < 2; i++) ann.send({ type: "chat", roomId: "hall", content: "same", id: "same" });
  await ann.ask({ type: "history", roomId: "hall" });
  await ann.ask({ type: "members", roomId: "hall" });
  await ann.ask({ type: "rooms" });
  await ann.ask({ type: "auth", token: await makeToken("ann") });
  await ann.ask({ type: "chat", roomId: "nowhere", content: "x" });
  await ann.ask({ type: "leave", roomId: "hall" });
  await ann.join("hall");
  await bob.drained();
  bob.close();
  await ann.next("system", ({ event }) => event === "leave");
  const kinds = new Set<string>();
  for (const line of [...ann.frames, ...bob.frames].flatMap((frame) => frame.split("\n"))) {
    const said = JSON.parse(line);
    kinds.add(said.type);
    assertEquals(MESSAGES[said.type as MessageType].strict().safeParse(said).error?.message, undefined, line);
  }
  const all = [
    "welcome",
    "authenticated",
    "room_history",
    "joined",
    "left",
    "ack",
    "ok",
    "chat",
    "system",
    "typing",
  ];
  for (const kind of [...all, "rooms", "members", "pong", "error"]) {
    assert(kinds.has(kind), `${kind} was never said`);
  }
});
