import { assert, assertEquals, assertGreater } from "@std/assert";
import { ParleyClient } from "../../static/sdk/mod.ts";
import { ChildServer, readLog, type Settings } from "../support/child_server.ts";
import { Peer, type Reachable } from "../support/peer.ts";
import { MetricsPage } from "../support/prometheus.ts";
import { RawSocket } from "../support/raw_socket.ts";
import { encodeHandshake } from "../support/raw_story.ts";
import { RealWorkers } from "../support/real_workers.ts";
import { makeToken } from "../support/server.ts";

/** Connections enough for some to come to each of two workers. */
const CROWD = 24;
const SAID = 300;

async function start(stack: AsyncDisposableStack, settings: Settings = {}): Promise<ChildServer> {
  const folder = await Deno.makeTempDir({ prefix: "parley_workers_" });
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const kept = { STORE: `sqlite:${folder}/parley.db`, FILES_DIR: `${folder}/files` };
  return stack.use(await ChildServer.start({ WORKERS: "2", ...kept, ...settings }));
}

/** Signs in many people. */
async function gather(stack: AsyncDisposableStack, server: Reachable, count = CROWD): Promise<Peer[]> {
  const peers: Peer[] = [];
  for (let i = 0; i < count; i++) peers.push(stack.use(await Peer.signIn(server, `user ${i}`)));
  return peers;
}

Deno.test("several workers greet once, serve one room, answer for all of them, and drain together", async (t) => {
  await using stack = new AsyncDisposableStack();
  const server = await start(stack, { MAX_CONNECTIONS: `${CROWD}` });
  const peers = await gather(stack, server);

  await t.step("what one says, all hear, in one order", async () => {
    for (const peer of peers) await peer.join("hall");
    for (const [i, peer] of peers.entries()) peer.send({ type: "chat", roomId: "hall", content: `${i}` });
    const heard = await Promise.all(peers.map(async (peer) => {
      const seqs: string[] = [];
      while (seqs.length < CROWD) {
        const { seq, content } = await peer.next("chat");
        seqs.push(`${seq} ${content}`);
      }
      return seqs;
    }));
    for (const seqs of heard) assertEquals(seqs, heard[0]);
    assertEquals(
      heard[0].map((text) => Number(text.split(" ")[0])),
      Array.from({ length: CROWD }, (_, i) => i + 1),
    );
  });

  await t.step("a burst of a thousand arrives completely everywhere", async () => {
    const burst = Array.from(
      { length: 1_000 },
      (_, i) => ({ type: "chat", roomId: "hall", content: `burst ${i}` }),
    );
    for (let i = 0; i < 1_000; i += 200) peers[0].send(...burst.slice(i, i + 200));
    await Promise.all(peers.map(async (peer) => {
      for (let seq = CROWD + 1; seq <= CROWD + 1_000; seq++) {
        assertEquals((await peer.next("chat")).seq, seq);
      }
    }));
  });

  await t.step("whichever is asked answers for all", async () => {
    for (let i = 0; i < 6; i++) {
      const page = await MetricsPage.read(server.url);
      assertEquals(page.value("parley_connections"), CROWD);
      assertEquals(page.value("parley_opened_total"), CROWD);
      assertEquals(page.value("parley_appended_total"), CROWD + 1_000);
      assertEquals(page.value("parley_workers"), 2);
      assertEquals(page.value("parley_worker_crashes_total"), 0);
      assertEquals(page.values("parley_surprises_total"), {});
      const { connections, status } = await (await fetch(`${server.url}/health`)).json();
      assertEquals([connections, status], [CROWD, "ok"]);
      const numbers = await (await fetch(`${server.url}/metrics/websocket`)).json();
      assertEquals(numbers.activeConnections, CROWD);
      const ready = await fetch(`${server.url}/ready`);
      assertEquals([ready.status, (await ready.json()).status], [200, "ready"]);
    }
  });

  await t.step("connections are limited over all of them", async () => {
    for (let i = 0; i < 6; i++) {
      using late = await RawSocket.connect(server.port);
      await late.write(encodeHandshake(`/ws?token=${await makeToken("late")}`));
      assertEquals((await late.readHead()).status, 503);
    }
  });

  await t.step("one signal ends all, with 0, and the next ones change nothing", async () => {
    server.signal("SIGTERM");
    for (const peer of peers) await peer.next("server_shutdown");
    server.signal("SIGTERM");
    server.signal("SIGINT");
    const endings = await Promise.all(peers.map(({ closed }) => closed));
    for (const { code, reason } of endings) assertEquals([code, reason], [1001, "Server shutting down"]);
    const { code, stdout, stderr } = await server.ended;
    assertEquals(code, 0);
    const lines = readLog(stderr).map(({ event, worker = "" }) => `${event} ${worker}`.trim());
    assertEquals([lines[0], lines.at(-1)], ["started", "stopped"]);
    const draining = ["drained 0", "drained 1", "draining 0", "draining 1"];
    assertEquals(lines.slice(1, -1).sort(), draining);
    assertEquals(stdout.match(/Parley is running/g)?.length, 1);
    assert(stdout.includes("by 2 workers"), stdout);
  });
});

Deno.test("rates are one for a person, whichever workers their connections came to", async () => {
  await using stack = new AsyncDisposableStack();
  const server = await start(stack, { RATE_CHAT: "10/60m", RATE_OTHER: `${CROWD + 6}/60m` });
  const devices: Peer[] = [];
  for (let i = 0; i < CROWD; i++) devices.push(stack.use(await Peer.signIn(server, "ann")));
  await devices[0].join("hall");
  for (const device of devices.slice(1)) await device.join("hall");
  const answers = await Promise.all(
    devices.map((device, i) => device.ask({ type: "chat", roomId: "hall", content: "x", id: `${i}` })),
  );
  assertEquals(answers.filter(({ type }) => type === "ack").length, 10);
  assertEquals(answers.filter(({ code }) => code === "rate_limited").length, CROWD - 10);
  const pings = await Promise.all(
    devices.flatMap((device) => [1, 2].map(() => device.ask({ type: "ping" }))),
  );
  assertEquals(pings.filter(({ type }) => type === "pong").length, CROWD + 6);
});

Deno.test("guests' tokens and links to files are good at every worker, without a secret", async () => {
  await using stack = new AsyncDisposableStack();
  const server = await start(stack, { JWT_SECRET: undefined });
  const response = await fetch(`${server.url}/api/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"username":"ann"}',
  });
  const { token } = await response.json();
  for (let i = 0; i < CROWD; i++) {
    await using peer = await Peer.open(server, { protocols: ["parley.v1", `bearer.${token}`] });
    await peer.next("welcome");
  }
});

Deno.test("a worker that ends is replaced: its clients resume, nobody misses or hears anything twice", async () => {
  await using workers = await RealWorkers.open();
  await using stack = new AsyncDisposableStack();
  const clients: ParleyClient[] = [];
  for (let i = 0; i < 4 || Math.min(...workers.connections) < 2; i++) {
    const token = await makeToken(`user ${i}`);
    const client = new ParleyClient({
      ...{ url: `ws://${workers.address}/ws`, token },
      backoff: { baseMs: 10, capMs: 100 },
    });
    await stack.use(client).connect();
    clients.push(client);
  }
  const left = clients.map(() => 0);
  const rooms = await Promise.all(clients.map((client) => client.join("hall")));
  const done = rooms.map((room, i) => {
    room.addEventListener("member-leave", () => left[i]++);
    return new Promise<void>((resolve) =>
      room.addEventListener("chat", () => room.messages.length === SAID && resolve())
    );
  });
  const before = await MetricsPage.read(workers.url);
  for (let i = 0; i < SAID; i++) {
    const { acked } = rooms[i % rooms.length].send(`${i}`);
    if (i === 50) workers.end(0);
    await acked;
  }
  await Promise.all(done);
  for (const { messages } of rooms) {
    assertEquals(messages.map(({ seq }) => seq), Array.from({ length: SAID }, (_, i) => i + 1));
    assertEquals(messages.map(({ content }) => content), Array.from({ length: SAID }, (_, i) => `${i}`));
  }
  assertEquals(left, clients.map(() => 0));
  await workers.logged("worker_replaced");
  assertEquals(workers.connections.reduce((sum, count) => sum + count), clients.length);
  const after = await MetricsPage.read(workers.url);
  assertEquals([after.value("parley_worker_crashes_total"), after.value("parley_workers")], [1, 2]);
  for (const name of ["parley_opened_total", "parley_acks_total"]) {
    assertGreater(after.value(name), before.value(name), name);
  }
});
