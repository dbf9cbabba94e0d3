import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { readSurprises } from "../hostile/witness.ts";
import { ChildServer } from "../support/child_server.ts";
import { Peer, type Said } from "../support/peer.ts";
import { RawSocket } from "../support/raw_socket.ts";
import { encodeHandshake } from "../support/raw_story.ts";

/** How long the server may take to accept again. */
const RECOVERY_MS = 30_000;
const RETRY_MS = 50;

Deno.test("errors and rejections that nobody catches are logged and counted, and end nothing", async () => {
  await using server = await ChildServer.start({}, { entry: "tests/process/accidents.ts" });
  await using ann = await Peer.signIn(server, "ann");
  for (
    const [signal, stage] of [["SIGUSR1", "error"], ["SIGUSR2", "rejection"], ["SIGUSR1", "error"]] as const
  ) {
    server.signal(signal);
    const line = await server.logged(new RegExp(`"stage":"${stage}"`));
    const { level, event, error } = JSON.parse(line);
    assertEquals([level, event, error.split("\n")[0]], ["error", "surprise", "Error: an accident"]);
    assertEquals((await ann.ask({ type: "ping" })).type, "pong");
  }
  // The second error looks like the first in the log: the count tells them apart.
  while ((await readSurprises(server)).join() !== surprises({ error: 2, rejection: 1 })) {
    assertEquals((await ann.ask({ type: "ping" })).type, "pong");
  }
  server.signal("SIGTERM");
  assertEquals((await server.ended).code, 0);
});

Deno.test("out of files, the server serves who is there, and accepts again when some have gone", async () => {
  await using server = await ChildServer.start({}, { maxOpenFiles: 128 });
  await using ann = await Peer.signIn(server, "ann");
  await using bob = await Peer.signIn(server, "bob");
  await ann.join("hall");
  await bob.join("hall");
  const strangers = await Promise.all(Array.from({ length: 200 }, () => knock(server)));
  await server.logged(/"stage":"accept"/);
  const inside = strangers.filter((stranger) => stranger !== undefined);
  assert(inside.length > 50 && inside.length < 128, `${inside.length} came in`);

  ann.send({ type: "chat", roomId: "hall", content: "It is full in here" });
  assertEquals((await bob.next("chat")).content, "It is full in here");

  for (const stranger of inside) stranger.close();
  await using late = await comeIn(server, "late");
  await late.join("hall");
  assertEquals((await ann.next("system", ({ userId }) => userId === "late")).event, "join");
  assertEquals((await fetch(`${server.url}/ready`, { method: "HEAD" })).status, 200);
});

Deno.test("out of files from its first moment on, the server accepts as soon as there are some", async () => {
  await using server = await ChildServer.start({}, { maxOpenFiles: 128 });
  const strangers = await Promise.all(Array.from({ length: 200 }, () => knock(server)));
  await server.logged(/"stage":"accept"/);
  for (const stranger of strangers) stranger?.close();
  await using _ = await comeIn(server, "late");
});

Deno.test("after a kill -9 the same conversation is there, and everything that was acknowledged", async () => {
  const folder = await Deno.makeTempDir();
  const settings = { STORE: `sqlite:${folder}/log.db`, RECOVERY_LIMIT: "10000" };
  const acks: Said[] = [];
  let epoch: unknown;
  {
    await using server = await ChildServer.start(settings);
    await using ann = await Peer.signIn(server, "ann");
    epoch = (await ann.join("hall", { roomName: "The Hall" })).epoch;
    let isOver = false;
    ann.closed.then(() => isOver = true);
    for (let i = 0; acks.length < 300; i++) {
      for (let j = 0; j < 20; j++) {
        ann.send({ type: "chat", roomId: "hall", content: `${i}.${j}`, id: `${i}.${j}` });
      }
      for (let j = 0; j < 15; j++) acks.push(await ann.next("ack"));
    }
    server.signal("SIGKILL"); // With some hundred messages still under way.
    while (!isOver) {
      const ack = await ann.next("ack").catch(() => undefined);
      if (ack === undefined) break;
      acks.push(ack);
    }
    assertEquals((await server.ended).code, 137);
  }
  {
    await using server = await ChildServer.start(settings);
    await using ann = await Peer.signIn(server, "ann");
    const [first] = acks;
    ann.send({ type: "join", roomId: "hall", after: 0, epoch });
    const { history, recovered } = await ann.next("room_history");
    const { role, roomName } = await ann.next("joined");
    assertEquals([recovered, role, roomName], [true, "owner", "The Hall"]);
    const kept = new Map((history as Said[]).map((message) => [message.id, message]));
    for (const { id, seq } of acks) {
      assertEquals([kept.get(id)?.seq, kept.get(id)?.content], [seq, id], `message ${id}`);
    }
    assertEquals(
      (history as Said[]).map(({ seq }) => seq),
      Array.from({ length: kept.size }, (_, i) => i + 1),
    );
    const again = await ann.ask({ type: "ping" }, {
      type: "chat",
      roomId: "hall",
      content: "again",
      id: first.id,
    });
    assertEquals(again.type, "pong");
    const { seq, duplicate } = await ann.next("ack");
    assertEquals([seq, duplicate], [first.seq, true]);
    assertGreaterOrEqual(kept.size, acks.length);
  }
  await Deno.remove(folder, { recursive: true });
});

/** Opens a connection as far as it goes; `undefined` if the server has no place for it. */
async function knock({ port }: ChildServer): Promise<RawSocket | undefined> {
  let peer: RawSocket | undefined;
  try {
    peer = await RawSocket.connect(port);
    await peer.write(encodeHandshake("/ws"));
    if ((await peer.readHead()).status === 101) return peer;
  } catch {
    // The server could not even accept it.
  }
  peer?.close();
}

/** Tries until the server lets somebody in. */
async function comeIn(server: ChildServer, userId: string): Promise<Peer> {
  const giveUpAt = Date.now() + RECOVERY_MS;
  while (true) {
    const stranger = await knock(server);
    if (stranger !== undefined) {
      stranger.close();
      return await Peer.signIn(server, userId);
    }
    assert(Date.now() < giveUpAt, "the server does not accept any more");
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

function surprises(counts: Record<string, number>): string {
  return Object.entries(counts).map(([stage, count]) => `parley_surprises_total{stage="${stage}"} ${count}`)
    .join();
}
