import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import type { Command } from "../../lib/protocol/commands.ts";
import { decode, splitFrame, Undecodable } from "../../lib/protocol/decode.ts";

function refused(line: string | object): { code: string; message: string } {
  const decoded = decode(typeof line === "string" ? line : JSON.stringify(line));
  assertInstanceOf(decoded, Undecodable, `accepted: ${JSON.stringify(line)}`);
  const { code, message } = decoded.refusal;
  return { code, message };
}

function complaint(command: object): string {
  const { code, message } = refused(command);
  assertEquals(code, "bad_request");
  return message;
}

Deno.test("decode() reads every command, and leaves out fields it does not know", () => {
  const commands: Command[] = [
    { type: "auth", token: "a.b.c" },
    { type: "join", roomId: "general", roomName: "General", password: "secret", after: 0, epoch: "e" },
    { type: "leave", roomId: "general" },
    { type: "chat", roomId: "general", content: "Hello", replyTo: "m1" },
    { type: "typing", roomId: "general", isTyping: false },
    { type: "history", roomId: "general", after: 0, before: 10, limit: 1 },
    { type: "rooms" },
    { type: "members", roomId: "general" },
    { type: "ping" },
  ];
  for (const command of commands) {
    assertEquals(decode(JSON.stringify(command)), command);
    const decorated = { ...command, id: "i1", userId: "somebody else", timestamp: 1, nonsense: { deep: [] } };
    assertEquals(decode(JSON.stringify(decorated)), { ...command, id: "i1" });
  }
});

Deno.test("decode() calls everything that is not one JSON object invalid JSON", () => {
  for (
    const text of [
      "",
      " ",
      "hello",
      "{",
      '{"type":"ping"',
      "{'type':'ping'}",
      "null",
      "5",
      '"ping"',
      '[{"type":"ping"}]',
    ]
  ) {
    assertEquals(refused(text), { code: "invalid_json", message: "Invalid JSON" });
  }
});

Deno.test("decode() stands objects nested far too deep", () => {
  const deep = '{"type":"ping","x":' + "[".repeat(100_000) + "]".repeat(100_000) + "}";
  assertEquals(decode(deep), { type: "ping" });
});

Deno.test("decode() requires a type, and names the one it does not know", () => {
  for (const object of [{}, { type: 5 }, { type: null }, { type: ["chat"] }]) {
    assertEquals(refused(object), { code: "bad_request", message: "type required" });
  }
  for (const type of ["shout", "", "toString", "__proto__", "constructor", "welcome", "Chat"]) {
    assertEquals(refused({ type }), { code: "unknown_type", message: `Unknown message type: ${type}` });
  }
});

Deno.test("decode() does not repeat a type of any length", () => {
  const { message } = refused({ type: "x".repeat(10_000) });
  assertEquals(message, "Unknown message type: " + "x".repeat(128));
});

Deno.test("decode() says which field is missing", () => {
  for (const roomId of [undefined, null, ""]) {
    for (const type of ["join", "leave", "typing", "history", "members"]) {
      assertEquals(complaint({ type, roomId, isTyping: true }), "roomId required");
    }
  }
  assertEquals(complaint({ type: "typing", roomId: "general" }), "isTyping required");
  assertEquals(complaint({ type: "auth" }), "token required");
});

Deno.test("decode() asks for both parts of a chat, whichever is missing", () => {
  const message = "roomId and content required";
  for (const nothing of [undefined, null, ""]) {
    assertEquals(complaint({ type: "chat", roomId: nothing, content: nothing }), message);
    assertEquals(complaint({ type: "chat", roomId: "general", content: nothing }), message);
    assertEquals(complaint({ type: "chat", roomId: nothing, content: "Hello" }), message);
  }
});

Deno.test("decode() says what is wrong with a field", () => {
  const join = { type: "join", roomId: "general" };
  const cases: [object, string][] = [
    [{ ...join, roomId: 5 }, "roomId must be a string"],
    [{ ...join, roomId: 0 }, "roomId must be a string"],
    [{ ...join, roomId: "x".repeat(129) }, "roomId too long: at most 128 characters"],
    [{ ...join, roomId: "a\nb" }, "roomId must not hold control characters"],
    [{ ...join, id: "" }, "id must not be empty"],
    [{ ...join, id: 7 }, "id must be a string"],
    [{ ...join, id: "x".repeat(65) }, "id too long: at most 64 characters"],
    [{ ...join, password: null }, "password must be a string"],
    [{ ...join, password: "" }, "password must not be empty"],
    [{ ...join, after: null }, "after must be an integer"],
    [{ ...join, after: "5" }, "after must be an integer"],
    [{ ...join, after: 1.5 }, "after must be an integer"],
    [{ type: "chat", roomId: "general", content: 5 }, "content must be a string"],
    [{ type: "chat", roomId: "general", content: "\ud83e" }, "content must be well-formed Unicode"],
    [{ type: "typing", roomId: "general", isTyping: 0 }, "isTyping must be true or false"],
    [{ type: "typing", roomId: "general", isTyping: "yes" }, "isTyping must be true or false"],
    [{ type: "history", roomId: "general", after: -1 }, "after must be 0 or more"],
    [{ type: "history", roomId: "general", before: "x" }, "before must be an integer"],
    [{ type: "history", roomId: "general", limit: 0 }, "limit must be 1 or more"],
    [{ type: "auth", token: 5 }, "token must be a string"],
  ];
  for (const [command, message] of cases) assertEquals(complaint(command), message);
});

Deno.test("decode() takes a position that no log ever gave out: recovery answers that", () => {
  const command: Command = { type: "join", roomId: "general", after: -1 };
  assertEquals(decode(JSON.stringify(command)), command);
});

Deno.test("decode() leaves the length of a token to whoever verifies it", () => {
  const command: Command = { type: "auth", token: "x".repeat(10_000) };
  assertEquals(decode(JSON.stringify(command)), command);
});

Deno.test("decode() keeps for the answer the id and room of a command it refuses, where these are good", () => {
  const good = decode('{"type":"typing","id":"i1","roomId":"general"}');
  assertInstanceOf(good, Undecodable);
  assertEquals([good.id, good.roomId], ["i1", "general"]);
  const unknown = decode('{"type":"shout","id":"i1","roomId":"general"}');
  assertInstanceOf(unknown, Undecodable);
  assertEquals([unknown.id, unknown.roomId], ["i1", "general"]);
  const bad = decode(JSON.stringify({ type: "chat", id: "x".repeat(65), roomId: 5 }));
  assertInstanceOf(bad, Undecodable);
  assertEquals([bad.id, bad.roomId], [undefined, undefined]);
});

Deno.test("decode() keeps a text as it is, whatever it holds", () => {
  const content = " <b>Ä</b> 🦜\u2028 line\nbreak \0 ";
  const decoded = decode(JSON.stringify({ type: "chat", roomId: "general", content }));
  assert(!(decoded instanceof Undecodable) && decoded.type === "chat");
  assertEquals(decoded.content, content);
});

Deno.test("splitFrame() gives the objects of a frame one by one", () => {
  assertEquals(splitFrame('{"a":1}'), ['{"a":1}']);
  assertEquals(splitFrame('{"a":1}\n{"b":2}'), ['{"a":1}', '{"b":2}']);
  assertEquals(splitFrame('\n{"a":1}\r\n\n \n{"b":2}\n').map((line) => line.trim()), ['{"a":1}', '{"b":2}']);
});

Deno.test("splitFrame() leaves one object whole that is written over several lines", () => {
  const pretty = JSON.stringify({ type: "chat", roomId: "general", content: "Hello" }, null, 2);
  assertEquals(splitFrame(pretty), [pretty]);
  assertEquals(splitFrame(`\n${pretty}\n`), [`\n${pretty}\n`]);
});

Deno.test("splitFrame() lets one bad line spoil no other", () => {
  const lines = ["nonsense", '{"a":1}', "{", '{"b":2}'];
  assertEquals(splitFrame(lines.join("\n")), lines);
});

Deno.test("splitFrame() has something to answer for a frame of nothing but line breaks", () => {
  assertEquals(splitFrame("\n\n"), ["\n\n"]);
  assertEquals(splitFrame(""), [""]);
});
