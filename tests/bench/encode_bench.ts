import { encode, encodeChat, encodeHistory } from "../../lib/protocol/encode.ts";
import type { ChatMessage } from "../../lib/protocol/messages.ts";

const MESSAGE: ChatMessage = {
  type: "chat",
  id: "b1",
  roomId: "general",
  seq: 4_711,
  userId: "u1",
  username: "User One",
  content: "How are you? ".repeat(6),
  timestamp: 1_790_000_000_000,
};
const HEAD = { id: "b2", roomId: "general", epoch: "0123456789abcdef", seq: 4_711, recovered: true };
const PAGE = Array.from({ length: 100 }, () => encodeChat(MESSAGE));

Deno.bench("encode: a chat", { group: "encode" }, () => {
  encodeChat(MESSAGE);
});

Deno.bench("encode: an ack", { group: "encode" }, () => {
  encode({ type: "ack", id: "b1", roomId: "general", seq: 4_711, timestamp: 1_790_000_000_000 });
});

Deno.bench("encode: a page of a hundred messages that are written", { group: "encode" }, () => {
  encodeHistory({ ...HEAD, more: false }, PAGE);
});
