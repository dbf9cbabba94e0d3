/** The literal text of what goes over the wire: it cannot change by accident. */
import { assertEquals, assertInstanceOf } from "@std/assert";
import { ZodOptional, type ZodType } from "zod";
import { COMMANDS } from "../../lib/protocol/commands.ts";
import { decode, Undecodable } from "../../lib/protocol/decode.ts";
import { encode, encodeChat, encodeHistory, encodeRefusal } from "../../lib/protocol/encode.ts";
import { type ChatMessage, type Message, MESSAGES, type MessageType } from "../../lib/protocol/messages.ts";
import golden from "../fixtures/frames_v1.json" with { type: "json" };

for (const { frame, means } of golden.commands) {
  Deno.test(`decode() understands ${JSON.stringify(frame)}`, () => {
    assertEquals<unknown>(decode(frame), means);
  });
}

for (const { frame, says } of golden.refused) {
  Deno.test(`decode() refuses ${JSON.stringify(frame)} in these words`, () => {
    const refused = decode(frame);
    assertInstanceOf(refused, Undecodable);
    assertEquals(encodeRefusal(refused.refusal, refused.id, refused.roomId), says);
  });
}

for (const frame of golden.messages) {
  Deno.test(`the server may say ${frame}`, () => {
    const said = JSON.parse(frame);
    const schema = MESSAGES[said.type as MessageType];
    assertEquals<unknown>(schema.strict().parse(said), said);
    assertEquals(encode(said), frame);
    const missing = Object.keys(said).filter((field) => {
      const { [field]: _, ...rest } = said;
      return !isOptional(schema, field) && schema.safeParse(rest).success;
    });
    assertEquals(missing, [], "these may be missing");
  });
}

Deno.test("a page of history is written from messages that are written already", () => {
  const pages = golden.messages.filter((frame) => frame.startsWith('{"type":"room_history"'));
  assertEquals(pages.length, 2);
  for (const frame of pages) {
    const { type: _, history, ...head } = JSON.parse(frame) as Message<"room_history"> & {
      history: ChatMessage[];
    };
    assertEquals(encodeHistory(head, history.map((message) => encodeChat(message))), frame);
  }
});

Deno.test("every command and every message has a golden frame", () => {
  const understood = new Set(golden.commands.map(({ means }) => means.type));
  assertEquals(Object.keys(COMMANDS).filter((type) => !understood.has(type)), []);
  const said = new Set(golden.messages.map((frame) => JSON.parse(frame).type));
  assertEquals(Object.keys(MESSAGES).filter((type) => !said.has(type)), []);
});

function isOptional({ shape }: { shape: object }, field: string): boolean {
  return (shape as Record<string, ZodType>)[field] instanceof ZodOptional;
}
