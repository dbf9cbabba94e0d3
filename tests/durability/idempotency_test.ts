import { assertEquals } from "@std/assert";
import { ChildServer } from "../support/child_server.ts";
import { Peer, type Reachable } from "../support/peer.ts";

const CONNECTIONS = 10;
const message = { type: "chat", roomId: "general", id: "the one", content: "Once" };

Deno.test("the same id a hundred times at once is one message, also after the server was killed", async () => {
  const folder = await Deno.makeTempDir({ prefix: "parley_once_" });
  const settings = { STORE: `sqlite:${folder}/parley.db` };
  let first: Record<string, unknown>[];
  {
    await using server = await ChildServer.start(settings);
    first = await sayAHundredTimes(server, "ann");
    assertEquals(first.filter(({ duplicate }) => duplicate === undefined).length, 1);
    assertEquals(first.filter(({ duplicate }) => duplicate === true).length, 99);
    assertEquals(new Set(first.map(({ seq, timestamp }) => `${seq} ${timestamp}`)).size, 1);
    assertEquals(await readContents(server, "general"), ["1 ann: Once"]);
  }
  {
    await using server = await ChildServer.start(settings);
    const again = await sayAHundredTimes(server, "ann");
    assertEquals(again.filter(({ duplicate }) => duplicate === true).length, 100);
    assertEquals(new Set(again.map(({ seq }) => seq)), new Set([first[0].seq]));
    assertEquals(await readContents(server, "general"), ["1 ann: Once"]);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("the same id of another person, or in another room, is another message", async () => {
  const folder = await Deno.makeTempDir({ prefix: "parley_once_" });
  {
    await using server = await ChildServer.start({ STORE: `sqlite:${folder}/parley.db` });
    const replies = await Promise.all([
      sayAHundredTimes(server, "ann"),
      sayAHundredTimes(server, "bob"),
      sayAHundredTimes(server, "ann", "other"),
    ]);
    for (const acks of replies) assertEquals(acks.filter(({ duplicate }) => duplicate).length, 99);
    const general = (await readContents(server, "general")).map((text) => text.slice(2));
    assertEquals(general.sort(), ["ann: Once", "bob: Once"]);
    assertEquals(await readContents(server, "other"), ["1 ann: Once"]);
  }
  await Deno.remove(folder, { recursive: true });
});

/** Sends one message again and again over several connections, and returns all answers. */
async function sayAHundredTimes(server: Reachable, userId: string, roomId = "general") {
  const peers = await Promise.all(Array.from({ length: CONNECTIONS }, () => Peer.signIn(server, userId)));
  await Promise.all(peers.map((peer) => peer.join(roomId)));
  for (let i = 0; i < 100; i++) peers[i % CONNECTIONS].send({ ...message, roomId });
  const answers = await Promise.all(peers.map(async (peer) => {
    const acks: Record<string, unknown>[] = [];
    while (acks.length < 100 / CONNECTIONS) acks.push(await peer.next("ack"));
    // Nothing else answers what was sent.
    const others = (await peer.drained()).filter(({ type }) => type === "ack" || type === "error");
    assertEquals(others, []);
    return acks;
  }));
  await Promise.all(peers.map((peer) => peer[Symbol.asyncDispose]()));
  return answers.flat();
}

async function readContents(server: Reachable, roomId: string): Promise<string[]> {
  await using reader = await Peer.signIn(server, "reader");
  reader.send({ type: "join", roomId });
  const { history } = await reader.next("room_history") as unknown as { history: Record<string, unknown>[] };
  return history.map(({ seq, userId, content }) => `${seq} ${userId}: ${content}`);
}
