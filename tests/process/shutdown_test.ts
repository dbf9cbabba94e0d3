import { assert, assertEquals, assertGreaterOrEqual, assertLess, assertLessOrEqual } from "@std/assert";
import { ChildServer, readLog } from "../support/child_server.ts";
import { Peer } from "../support/peer.ts";
import { RawSocket } from "../support/raw_socket.ts";
import { encodeHandshake } from "../support/raw_story.ts";
import { makeToken } from "../support/server.ts";
import { stallReader } from "../support/stalled_reader.ts";

const SHUTDOWN_TIMEOUT_MS = 3_000;
/** The process may take so long to go then: together less than the 10 s that it has without the setting. */
const EXIT_MS = 5_000;
const SHUT_DOWN = { code: 1001, reason: "Server shutting down" };

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`${signal} sends everybody home and ends with 0 in time, whoever stalls and however often it comes`, async () => {
    await using server = await ChildServer.start({ SHUTDOWN_TIMEOUT_MS: `${SHUTDOWN_TIMEOUT_MS}` });
    await using ann = await Peer.signIn(server, "ann");
    await using bob = await Peer.signInPlainly(server, "bob");
    await using nobody = await Peer.open(server);
    await ann.join("hall");
    await bob.join("hall");
    using _ = await stallReader(server, ann);

    const signalledAt = Date.now();
    server.signal(signal);
    for (const peer of [ann, bob, nobody]) {
      const { reconnectInMs } = await peer.next("server_shutdown");
      assert(Number.isInteger(reconnectInMs), `${reconnectInMs}`);
      assertGreaterOrEqual(reconnectInMs as number, 500);
      assertLessOrEqual(reconnectInMs as number, 5_000);
    }
    assertEquals(await Promise.all([ann.closed, bob.closed, nobody.closed]), [
      SHUT_DOWN,
      SHUT_DOWN,
      SHUT_DOWN,
    ]);

    // The one who stalls holds the rest up.
    server.signal("SIGTERM");
    server.signal("SIGINT");
    assertEquals(await ask(server, "/ready"), { status: 503, text: '{"status":"draining"}' });
    assertEquals((await ask(server, "/health")).status, 200);
    using late = await RawSocket.connect(server.port);
    await late.write(encodeHandshake(`/ws?token=${await makeToken("late")}`));
    const { status, headers } = await late.readHead();
    assertEquals([status, Number(headers.get("retry-after")) > 0], [503, true]);

    const { code, stderr } = await server.ended;
    assertLess(Date.now() - signalledAt, SHUTDOWN_TIMEOUT_MS + EXIT_MS);
    assertEquals(code, 0);
    assertEquals(readLog(stderr).map(({ level, event }) => `${level} ${event}`), [
      "info started",
      "info draining",
      "info drained",
      "info stopped",
    ]);
    for (const { frames } of [ann, bob, nobody]) {
      assertEquals(frames.filter((frame) => frame.includes("server_shutdown")).length, 1);
    }
  });
}

Deno.test("whoever nobody waits for is gone at once", async () => {
  await using server = await ChildServer.start({ SHUTDOWN_TIMEOUT_MS: "60000" });
  await using ann = await Peer.signIn(server, "ann");
  const signalledAt = Date.now();
  server.signal("SIGTERM");
  assertEquals(await ann.closed, SHUT_DOWN);
  assertEquals((await server.ended).code, 0);
  assertLess(Date.now() - signalledAt, 5_000);
});

Deno.test("a time-out of nothing ends the process all the same", async () => {
  await using server = await ChildServer.start({ SHUTDOWN_TIMEOUT_MS: "0" });
  await using _ = await Peer.signIn(server, "ann");
  server.signal("SIGTERM");
  assertEquals((await server.ended).code, 0);
});

Deno.test("what is being said when the end comes is kept and acknowledged, or neither", async () => {
  const folder = await Deno.makeTempDir();
  const settings = { STORE: `sqlite:${folder}/log.db`, HISTORY_LIMIT: "100000", RECOVERY_LIMIT: "10000" };
  let acknowledged: string[];
  let isClosedInPeace: boolean;
  {
    await using server = await ChildServer.start(settings);
    await using ann = await Peer.signIn(server, "ann");
    await ann.join("hall");
    let isOver = false;
    const speaking = (async () => {
      for (let i = 0; !isOver; i++) {
        for (let j = 0; j < 20; j++) {
          ann.send({ type: "chat", roomId: "hall", content: "x", id: `${i}.${j}` });
        }
        await ann.ask({ type: "ping" }).catch(() => {}); // It may be the last thing it asks.
      }
    })();
    for (let i = 0; i < 100; i++) await ann.next("ack");
    server.signal("SIGTERM");
    await ann.next("server_shutdown");
    isOver = true;
    await speaking;
    isClosedInPeace = (await ann.closed).code === SHUT_DOWN.code;
    assertEquals((await server.ended).code, 0);
    const said = ann.frames.flatMap((frame) => frame.split("\n")).map((line) => JSON.parse(line));
    acknowledged = said.filter(({ type }) => type === "ack").map(({ id }) => id);
    assertGreaterOrEqual(acknowledged.length, 100);
  }
  {
    await using server = await ChildServer.start(settings);
    await using ann = await Peer.signIn(server, "ann");
    ann.send({ type: "join", roomId: "hall", after: 0 });
    const { history } = await ann.next("room_history");
    const kept = (history as { id: string }[]).map(({ id }) => id);
    // Something sent after the server's goodbye makes the system throw away what was not read yet, goodbye included.
    assertEquals(isClosedInPeace ? kept : kept.slice(0, acknowledged.length), acknowledged);
  }
  await Deno.remove(folder, { recursive: true });
});

async function ask(server: ChildServer, path: string): Promise<{ status: number; text: string }> {
  const response = await fetch(server.url + path);
  return { status: response.status, text: await response.text() };
}
