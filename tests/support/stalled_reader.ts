import type { ChildServer } from "./child_server.ts";
import type { Peer } from "./peer.ts";
import { RawSocket } from "./raw_socket.ts";
import { makeToken } from "./server.ts";

/** Lets somebody into the room who reads nothing of all that another says there. */
export async function stallReader(server: ChildServer, speaker: Peer): Promise<RawSocket> {
  const stalled = await RawSocket.open(server.port, `/?token=${await makeToken("sleepy")}`);
  await stalled.hear("welcome");
  await stalled.say({ type: "join", roomId: "hall" });
  await speaker.next("system", ({ userId }) => userId === "sleepy");
  // More than the system takes for a reader that is not there, and less than such a reader is closed for.
  const content = "x".repeat(60_000);
  for (let i = 0; i < 7; i++) {
    for (let j = 0; j < 10; j++) speaker.send({ type: "chat", roomId: "hall", content });
    await speaker.drained();
  }
  return stalled;
}
