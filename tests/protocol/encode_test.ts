import { assertEquals } from "@std/assert";
import { Refusal, REFUSALS } from "../../lib/protocol/codes.ts";
import { encode, encodeChat, encodeHistory, encodeRefusal } from "../../lib/protocol/encode.ts";
import { MESSAGES } from "../../lib/protocol/messages.ts";

Deno.test("encode() leaves out fields that are not there", () => {
  assertEquals(
    encode({ type: "left", id: undefined, roomId: "general" }),
    '{"type":"left","roomId":"general"}',
  );
});

Deno.test("encodeHistory() writes what JSON.stringify() would, from messages that are already written", () => {
  const message = {
    type: "chat" as const,
    id: "m1",
    roomId: "general",
    seq: 1,
    userId: "ann",
    username: "Ann",
    content: 'a "quote"\nand 🦜',
    timestamp: 5,
  };
  for (const history of [[], [message], [message, { ...message, seq: 2 }]]) {
    for (const id of [undefined, "i1"]) {
      for (const recovered of [undefined, true, false]) {
        const head = { id, roomId: "general", epoch: "e1", seq: 2, recovered, more: history.length > 1 };
        const written = JSON.parse(encodeHistory(head, history.map(encodeChat)));
        const expected = MESSAGES.room_history.parse({ type: "room_history", ...head, history });
        assertEquals(written, JSON.parse(JSON.stringify(expected)));
      }
    }
  }
});

Deno.test("encodeRefusal() says the code, its text, and what it is the answer to", () => {
  assertEquals(
    encodeRefusal(new Refusal("rate_limited", { retryAfterMs: 700 }), "i1", "general"),
    '{"type":"error","code":"rate_limited","message":"Rate limit exceeded","id":"i1","roomId":"general","retryAfterMs":700}',
  );
  assertEquals(
    encodeRefusal(new Refusal("bad_request", { message: "roomId required" })),
    '{"type":"error","code":"bad_request","message":"roomId required"}',
  );
});

Deno.test("every refusal is an error that fits its own schema", () => {
  for (const code of Object.keys(REFUSALS) as (keyof typeof REFUSALS)[]) {
    const written = JSON.parse(encodeRefusal(new Refusal(code), "i1"));
    assertEquals(MESSAGES.error.parse(written), written);
  }
});
