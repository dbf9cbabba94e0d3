import { assert, assertEquals } from "@std/assert";
import { Peer } from "../support/peer.ts";
import { makeToken, TestServer } from "../support/server.ts";

Deno.test("what is not a JSON object is Invalid JSON", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann");
  const frames = [
    "",
    " ",
    "{",
    "hello",
    "5",
    "null",
    "true",
    '"ping"',
    "[]",
    '[{"type":"ping"}]',
    "{'type':'ping'}",
    "PING",
  ];
  for (const frame of frames) {
    ann.send(frame);
    assertEquals(await ann.next(), { type: "error", code: "invalid_json", message: "Invalid JSON" }, frame);
  }
});

Deno.test("an object without a string type is refused, by its id", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann");
  const refusal = { type: "error", code: "bad_request", message: "type required" };
  ann.send({});
  assertEquals(await ann.next(), refusal);
  for (const type of [undefined, null, 1, ["join"], { type: "join" }, true]) {
    ann.send({ type, id: "x", roomId: "hall" });
    assertEquals(await ann.next(), { ...refusal, id: "x", roomId: "hall" });
  }
});

Deno.test("an unknown type is refused by its name", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann");
  const types = [
    "nonsense",
    "",
    "Join",
    "join ",
    "__proto__",
    "toString",
    "welcome",
    "ack",
    "system",
    "你好",
  ];
  for (const type of types) {
    ann.send({ type });
    const refusal = { type: "error", code: "unknown_type", message: `Unknown message type: ${type}` };
    assertEquals(await ann.next(), refusal);
    ann.send({ type, id: "7", roomId: "hall" });
    assertEquals(await ann.next(), { ...refusal, id: "7", roomId: "hall" });
  }
});

Deno.test("a missing field is named", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann");
  const texts: [object, string][] = [
    [{ type: "join" }, "roomId required"],
    [{ type: "join", roomId: "" }, "roomId required"],
    [{ type: "join", roomId: null }, "roomId required"],
    [{ type: "leave" }, "roomId required"],
    [{ type: "members" }, "roomId required"],
    [{ type: "history" }, "roomId required"],
    [{ type: "typing", isTyping: true }, "roomId required"],
    [{ type: "typing", roomId: "hall" }, "isTyping required"],
    [{ type: "auth" }, "token required"],
    [{ type: "chat" }, "roomId and content required"],
    [{ type: "chat", roomId: "hall" }, "roomId and content required"],
    [{ type: "chat", roomId: "hall", content: "" }, "roomId and content required"],
    [{ type: "chat", roomId: "hall", content: null }, "roomId and content required"],
    [{ type: "chat", content: "x" }, "roomId and content required"],
    [{ type: "chat", roomId: "", content: "x" }, "roomId and content required"],
  ];
  for (const [command, message] of texts) {
    ann.send({ ...command, id: "x" });
    const { roomId, ...refusal } = await ann.next();
    assertEquals(refusal, { type: "error", code: "bad_request", message, id: "x" });
    assertEquals(roomId, "roomId" in command && command.roomId ? command.roomId : undefined);
  }
});

Deno.test("an id is a string of 1 to 64 characters", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann");
  for (const id of ["x", "x".repeat(64), "👍".repeat(64), " ", "\u0000", "null", "__proto__"]) {
    ann.send({ type: "ping", id });
    const pong = await ann.next();
    assertEquals([pong.type, pong.id], ["pong", id]);
  }
  for (const id of ["", "x".repeat(65), "👍".repeat(65), 7, true, {}, ["x"]]) {
    ann.send({ type: "ping", id });
    const { type, code, message, ...rest } = await ann.next();
    assertEquals([type, code, rest], ["error", "bad_request", {}]);
    assert(String(message).startsWith("id "), String(message));
  }
});

Deno.test("a room that does not exist is not found", async () => {
  await using server = await TestServer.start({ ROOM_CREATION: "admin" });
  await using ann = await Peer.signIn(server, "ann");
  const refusal = {
    type: "error",
    code: "room_not_found",
    message: "Room not found",
    id: "x",
    roomId: "nowhere",
  };
  for (const command of ["chat", "typing", "join", "leave", "members", "history"]) {
    ann.send({ type: command, roomId: "nowhere", id: "x", content: "x", isTyping: true });
    assertEquals(await ann.next(), refusal, command);
  }
});

Deno.test("a room that was not joined has to be joined first", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann");
  await using bob = await Peer.signIn(server, "bob");
  await bob.join("hall");
  const refusal = {
    type: "error",
    code: "not_a_member",
    message: "Join the room first",
    id: "x",
    roomId: "hall",
  };
  for (const command of ["chat", "typing", "members", "history"]) {
    ann.send({ type: command, roomId: "hall", id: "x", content: "x", isTyping: true });
    assertEquals(await ann.next(), refusal, command);
  }
  assertEquals(await bob.drained(), [], "what was refused was told all the same");
});

Deno.test("rooms that a token does not list are not allowed, whether they exist or not", async () => {
  await using server = await TestServer.start();
  await using bob = await Peer.signIn(server, "bob");
  for (const roomId of ["general", "team-1", "other"]) await bob.join(roomId);
  await using ann = await Peer.signIn(server, "ann", { rooms: ["general", "team-*"] });
  for (const roomId of ["general", "team-1", "team-", "team-new"]) {
    assertEquals((await ann.ask({ type: "join", roomId })).type, "joined", roomId);
  }
  await ann.drained();
  for (const roomId of ["other", "unknown", "General", "generals", "team", "xteam-1"]) {
    for (const type of ["join", "chat", "typing", "members", "history"]) {
      ann.send({ type, roomId, id: "x", content: "x", isTyping: true });
      const expected = { type: "error", code: "forbidden", message: "Not allowed", id: "x", roomId };
      assertEquals(await ann.next(), expected, `${type} ${roomId}`);
    }
  }
  const { rooms } = await ann.ask({ type: "rooms" });
  const listed = (rooms as { roomId: string }[]).map(({ roomId }) => roomId).sort();
  assertEquals(listed, ["general", "team-", "team-1", "team-new"]);
  await using none = await Peer.signIn(server, "none", { rooms: [] });
  assertEquals((await none.ask({ type: "join", roomId: "general" })).code, "forbidden");
});

Deno.test("nobody makes a room that looks like a direct message", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann", { role: "admin" });
  for (const roomId of ["dm:", "dm:ann:bob", "dm:bob:carl", "dm:x"]) {
    assertEquals((await ann.ask({ type: "join", roomId })).code, "room_not_found", roomId);
  }
  assertEquals((await ann.ask({ type: "rooms" })).rooms, []);
});

Deno.test("a connection may be in so many rooms, and in another once it left one", async () => {
  await using server = await TestServer.start({ MAX_ROOMS_PER_CONNECTION: "2" });
  await using ann = await Peer.signIn(server, "ann");
  await ann.join("one");
  await ann.join("two");
  const refusal = await ann.ask({ type: "join", roomId: "three" });
  assertEquals([refusal.type, refusal.code, refusal.roomId], ["error", "limit_exceeded", "three"]);
  assertEquals((await ann.ask({ type: "join", roomId: "two" })).type, "joined", "it is there already");
  await using other = await Peer.signIn(server, "ann");
  assertEquals((await other.ask({ type: "join", roomId: "three" })).type, "joined");
  await ann.ask({ type: "leave", roomId: "one" });
  assertEquals((await ann.ask({ type: "join", roomId: "three" })).type, "joined");
});

Deno.test("every command with an id gets exactly one answer by that id", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann");
  const token = await makeToken("ann");
  const commands = [
    { type: "join", roomId: "hall" },
    { type: "chat", roomId: "hall", content: "x" },
    { type: "typing", roomId: "hall", isTyping: false },
    { type: "history", roomId: "hall" },
    { type: "members", roomId: "hall" },
    { type: "rooms" },
    { type: "ping" },
    { type: "auth", token },
    { type: "auth", token: "nonsense" },
    { type: "leave", roomId: "hall" },
    { type: "leave", roomId: "hall" },
    { type: "chat", roomId: "hall", content: "x" },
    { type: "join", roomId: "" },
    { type: "nonsense" },
    {},
  ];
  ann.send(...commands.map((command, i) => ({ ...command, id: `c${i}` })));
  const told = await ann.next("ack");
  const said = [told, ...await ann.drained()];
  const answers = [...ann.frames].flatMap((frame) => frame.split("\n")).map((line) => JSON.parse(line))
    .filter(({ type, id }) => type !== "chat" && /^c\d+$/.test(id));
  assertEquals(answers.map(({ id }) => id).sort(), commands.map((_, i) => `c${i}`).sort());
  assert(
    said.every(({ type, id }) => type !== "room_history" || id === "c3"),
    "the history of a join has no id",
  );
});

Deno.test("a command without an id gets its result without one, and no ok", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann");
  ann.send({ type: "join", roomId: "hall" }, { type: "typing", roomId: "hall", isTyping: true }, {
    type: "rooms",
  });
  ann.send({ type: "history", roomId: "hall" }, { type: "members", roomId: "hall" }, { type: "ping" });
  ann.send({ type: "auth", token: await makeToken("ann") }, { type: "leave", roomId: "hall" });
  const said = await ann.drained();
  assertEquals(said.map(({ type }) => type), [
    ...["room_history", "joined", "rooms", "room_history", "members", "pong", "authenticated", "left"],
  ]);
  assertEquals(said.filter((message) => "id" in message), []);
});
