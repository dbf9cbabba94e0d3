import { decode, splitFrame } from "../../lib/protocol/decode.ts";

const COMMANDS = {
  chat: { type: "chat", id: "b1", roomId: "general", content: "How are you? ".repeat(6) },
  join: { type: "join", id: "b2", roomId: "general", after: 42, epoch: "0123456789abcdef" },
  ping: { type: "ping", id: "b3" },
  "a chat without a room": { type: "chat", id: "b4", content: "How are you?" },
};

for (const [name, command] of Object.entries(COMMANDS)) {
  const line = JSON.stringify(command);
  Deno.bench(`decode: ${name}`, { group: "decode" }, () => {
    decode(line);
  });
}

const frame = Array.from({ length: 10 }, () => JSON.stringify(COMMANDS.chat)).join("\n");
Deno.bench("decode: a frame of ten chats", { group: "decode" }, () => {
  for (const line of splitFrame(frame)) decode(line);
});

Deno.bench("decode: JSON.parse of a chat, for comparison", { group: "decode" }, () => {
  JSON.parse(frame.slice(0, frame.indexOf("\n")));
});
