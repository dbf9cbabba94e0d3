import { assertEquals } from "@std/assert";
import { StoreUnavailable } from "../../lib/store/store.ts";
import { makeIdentity, openParts, settled } from "./fakes.ts";

async function open() {
  const server = await openParts();
  const { socket } = await server.connect(makeIdentity("ann"));
  socket.say({ type: "join", roomId: "general" });
  await settled();
  socket.read();
  async function ask(...commands: object[]): Promise<Record<string, unknown>[]> {
    for (const command of commands) socket.say(command);
    await settled();
    return socket.read();
  }
  return { ...server, ask };
}

Deno.test("every command with an id has exactly one answer with the same id", async () => {
  using server = await open();
  const roomId = "general";
  const commands: [command: object, answer: string][] = [
    [{ type: "ping" }, "pong"],
    [{ type: "rooms" }, "rooms"],
    [{ type: "members", roomId }, "members"],
    [{ type: "history", roomId }, "room_history"],
    [{ type: "chat", roomId, content: "Hello" }, "ack"],
    [{ type: "typing", roomId, isTyping: true }, "ok"],
    [{ type: "receipt", roomId, seq: 1, status: "read" }, "ok"],
    [{ type: "receipt", roomId, seq: 2, status: "read" }, "error"],
    [{ type: "presence", status: "away" }, "ok"],
    [{ type: "dm", to: "bob", content: "Hello" }, "ack"],
    [{ type: "dm", to: "@nobody", content: "Hello" }, "error"],
    [{ type: "create", roomId: "den" }, "created"],
    [{ type: "create", roomId: "den" }, "error"],
    [{ type: "update", roomId, roomName: "Hall" }, "updated"],
    [{ type: "invite", roomId: "den", userId: "bob" }, "invited"],
    [{ type: "moderate", roomId, action: "ban", userId: "eve" }, "moderated"],
    [{ type: "search", query: "hello" }, "search_results"],
    [{ type: "join", roomId }, "joined"],
    [{ type: "leave", roomId }, "left"],
    [{ type: "chat", roomId, content: "Hello" }, "error"],
    [{ type: "shout" }, "error"],
  ];
  for (const [command, answer] of commands) {
    const said = await server.ask({ ...command, id: "i1" });
    const answers = said.filter(({ id, type }) => id === "i1" && type !== "chat").map(({ type }) => type);
    assertEquals(answers, [answer], JSON.stringify(command));
  }
});

Deno.test("a command without an id has its answer without one, and none if the answer is only that it is done", async () => {
  using server = await open();
  const [history, joined] = await server.ask({ type: "join", roomId: "general" });
  assertEquals([history.id, joined.id], [undefined, undefined]);
  assertEquals(await server.ask({ type: "typing", roomId: "general", isTyping: true }), []);
  const [ack] = await server.ask({ type: "chat", roomId: "general", content: "Hello" });
  assertEquals([ack.type, ack.id, ack.seq], ["ack", undefined, 1]);
  const [pong] = await server.ask({ type: "ping" });
  assertEquals([pong.type, "id" in pong], ["pong", false]);
});

Deno.test("a duplicate is acknowledged with the first one's place", async () => {
  using server = await open();
  const chat = { type: "chat", roomId: "general", content: "Hello", id: "m1" };
  const [first] = await server.ask(chat);
  const [second] = await server.ask(chat);
  assertEquals(second, { ...first, duplicate: true });
});

Deno.test("a store that is down makes commands unavailable, and is no surprise", async () => {
  using server = await open();
  server.store.isDown = true;
  server.store.members = () => Promise.reject(new StoreUnavailable("down"));
  for (const type of ["history", "members", "join"]) {
    const [error] = await server.ask({ type, roomId: "general", id: "i1" });
    const expected = {
      type: "error",
      code: "unavailable",
      message: "Try again",
      id: "i1",
      roomId: "general",
    };
    assertEquals(error, expected);
  }
  assertEquals(server.surprises, []);
});

Deno.test("a mistake of ours is reported, and told without a word of what it was", async () => {
  using server = await open();
  const mistake = new RangeError("secret details");
  server.store.members = () => Promise.reject(mistake);
  server.store.rooms = () => {
    throw mistake;
  };
  for (const type of ["members", "rooms"]) {
    const [{ roomId: _, ...error }] = await server.ask({ type, roomId: "general", id: "i1" });
    assertEquals(error, { type: "error", code: "internal", message: "Internal error", id: "i1" });
  }
  assertEquals(server.surprises, [mistake, mistake]);
});

Deno.test("a connection has seats in only so many rooms, but may always join one of them again", async () => {
  using server = await open();
  const join = (roomId: string) => server.ask({ type: "join", roomId, id: "i1" });
  assertEquals((await join("second")).at(-1)?.type, "joined");
  const [{ code, message }] = await join("third");
  assertEquals([code, message], ["limit_exceeded", "Too many rooms: at most 2 per connection"]);
  assertEquals((await join("general")).at(-1)?.type, "joined");
  await server.ask({ type: "leave", roomId: "second" });
  assertEquals((await join("third")).at(-1)?.type, "joined");
});

Deno.test("chat and typing in a room without a seat are refused according to what one may know of it", async () => {
  using server = await open();
  const room = { roomName: "", visibility: "public", passwordHash: null } as const;
  await server.store.createRoom({ roomId: "other", ...room });
  await server.store.createRoom({ roomId: "secret", ...room, visibility: "private" });
  for (const command of [{ type: "chat", content: "Hello" }, { type: "typing", isTyping: true }]) {
    for (
      const [roomId, code] of [["other", "not_a_member"], ["secret", "room_not_found"], [
        "none",
        "room_not_found",
      ]]
    ) {
      const [error] = await server.ask({ ...command, roomId, id: "i1" });
      assertEquals([error.code, error.id, error.roomId], [code, "i1", roomId]);
    }
  }
  const { head } = await server.store.page("other", { limit: 1, maxLength: 1 });
  assertEquals(head, 0);
});

Deno.test("typing is told to every connection in the room but the one that types", async () => {
  using server = await open();
  const [second, bob] = [
    await server.connect(makeIdentity("ann")),
    await server.connect(makeIdentity("bob")),
  ];
  for (const { socket } of [second, bob]) socket.say({ type: "join", roomId: "general" });
  await settled();
  for (const { socket } of [second, bob]) socket.read();
  const own = await server.ask({ type: "typing", roomId: "general", isTyping: true });
  assertEquals(own.filter(({ type }) => type === "typing"), []);
  const typing = { type: "typing", roomId: "general", userId: "ann", username: "ann", isTyping: true };
  for (const { socket } of [second, bob]) {
    assertEquals(socket.read().filter(({ type }) => type === "typing"), [typing]);
  }
});
