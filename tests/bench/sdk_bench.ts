import { ParleyClient } from "../../static/sdk/mod.ts";
import { chat, joined, page } from "../sdk/support/chat_messages.ts";
import { fakeNetwork } from "../sdk/support/fake_socket.ts";

const MESSAGES = 1_000;

/** A client that has joined a room over a socket that is none. */
async function joinedClient() {
  const network = fakeNetwork();
  const client = new ParleyClient({ url: "ws://server.test/ws", token: "t", WebSocket: network.WebSocket });
  const connecting = client.connect();
  await new Promise((resolve) => setTimeout(resolve));
  const socket = network.last.welcome();
  await connecting;
  const joining = client.join("general");
  while (socket.sent.length === 0) await new Promise((resolve) => setTimeout(resolve));
  socket.receive(page([], 0, { recovered: false }), joined(socket.takeSent()[0].id, 0));
  return { socket, room: await joining };
}

/** The frames that bring the next messages, so many at a time. */
function frames(first: number, together: number): string[] {
  const lines = Array.from({ length: MESSAGES }, (_, i) => JSON.stringify(chat(first + i)));
  return Array.from({ length: MESSAGES / together }, (_, i) => {
    return lines.slice(i * together, (i + 1) * together).join("\n");
  });
}

for (const isListening of [false, true]) {
  for (const together of [1, 10]) {
    const name = `SDK: ${MESSAGES} messages, ${together} a frame, ${isListening ? "a" : "no"} listener`;
    const { socket, room } = await joinedClient();
    if (isListening) room.addEventListener("chat", () => {});
    Deno.bench(name, { group: "SDK" }, (timer) => {
      const events = frames(room.seq + 1, together).map((data) => new MessageEvent("message", { data }));
      timer.start();
      for (const event of events) socket.onmessage!(event);
      timer.end();
    });
  }
}
