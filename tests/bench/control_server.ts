/**
 * The least a room server can be on this runtime: no tokens, no log, no limits, one `send` a member and message. What a
 * Parley costs more than this is its own doing; what it costs less, too.
 */
const rooms = new Map<string, Set<WebSocket>>();

const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen }, (request) => {
  const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 600 }); // The members answer no pings.
  socket.onmessage = ({ data }) => {
    const { type, roomId, content } = JSON.parse(data);
    const room = rooms.get(roomId) ?? new Set();
    rooms.set(roomId, room);
    if (type === "join") {
      room.add(socket);
      socket.send(JSON.stringify({ type: "joined", roomId }));
      socket.onclose = () => room.delete(socket);
    } else {
      const text = JSON.stringify({ type: "chat", roomId, content, timestamp: Date.now() });
      for (const member of room) if (member.readyState === WebSocket.OPEN) member.send(text);
    }
  };
  return response;
});

function onListen({ port }: Deno.NetAddr): void {
  console.log(`http://127.0.0.1:${port}/`);
}

await server.finished;
