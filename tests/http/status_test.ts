import { assert, assertEquals } from "@std/assert";
import { Rooms } from "../../lib/chat/rooms.ts";
import { Connections } from "../../lib/connection/connections.ts";
import { type Census, countAlone, type Reading } from "../../lib/http/census.ts";
import { Status } from "../../lib/http/status.ts";
import { StoreHealth } from "../../lib/http/store_health.ts";
import { Turn } from "../../lib/kit/turn.ts";
import { LoopDelay } from "../../lib/telemetry/loop_delay.ts";
import { Metrics } from "../../lib/telemetry/metrics.ts";
import { FakeStore } from "../chat/fake_store.ts";

function open(census: Census = countAlone()) {
  const store = new FakeStore();
  const rooms = new Rooms(store, new Turn());
  const connections = new Connections({ maxConnections: 9, heartbeatMs: 25_000 }, () => {});
  const metrics = new Metrics();
  const [storeHealth, loopDelay] = [new StoreHealth(), new LoopDelay()];
  const looked = { connections, rooms, store, metrics, storeHealth, loopDelay };
  const status = new Status({ ...looked, census, version: "1.2.3" });
  const ask = (path: string, method = "GET") =>
    status.answer(new Request(`http://localhost${path}`, { method }), path);
  return {
    ...{ status, connections, rooms, metrics, storeHealth, ask },
    [Symbol.dispose]() {
      connections[Symbol.dispose]();
      loopDelay[Symbol.dispose]();
    },
  };
}

Deno.test("/health is well in every phase, and counts connections", async () => {
  using server = open();
  server.connections.add({ bufferedBytes: 0, check() {}, push() {}, end() {} });
  for (const step of ["ready", "drain"] as const) {
    const response = await server.ask("/health")!;
    assertEquals(response.status, 200);
    const { status, connections, rooms, store, version, uptimeMs } = await response.json();
    assertEquals([status, connections, rooms, store, version], ["ok", 1, 0, "memory", "1.2.3"]);
    assert(uptimeMs >= 0);
    server.status[step]();
  }
});

Deno.test("/health is degraded, and still 200, while the store takes no messages", async () => {
  using server = open();
  const status = async () => {
    const response = await server.ask("/health")!;
    return [response.status, (await response.json()).status];
  };
  server.storeHealth.failed();
  assertEquals(await status(), [200, "degraded"]);
  server.storeHealth.appended();
  assertEquals(await status(), [200, "ok"]);
});

Deno.test("/ready is 503 while starting and draining, and 200 between", async () => {
  using server = open();
  const check = async () => [(await server.ask("/ready")!).status, server.status.isReady];
  assertEquals(await check(), [503, false]);
  server.status.ready();
  assertEquals(await check(), [200, true]);
  server.status.drain();
  assertEquals(await check(), [503, false]);
});

Deno.test("/metrics is the Prometheus text format, and /metrics/websocket a few numbers", async () => {
  using server = open();
  server.metrics.appended.add(3);
  const metrics = (await server.ask("/metrics"))!;
  assertEquals(metrics.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  assert((await metrics.text()).includes("\nparley_appended_total 3\n"));
  const numbers = await (await server.ask("/metrics/websocket")!).json();
  assertEquals(numbers, { activeConnections: 0, connectedSockets: 0, rooms: 0 });
});

Deno.test("status pages are never kept by a cache, and only read", async () => {
  using server = open();
  for (const path of ["/health", "/ready", "/metrics", "/metrics/websocket"]) {
    const page = await server.ask(path);
    assertEquals(page?.headers.get("cache-control"), "no-store");
    assertEquals((await server.ask(path, "HEAD"))?.status, page?.status);
    const post = await server.ask(path, "POST");
    assertEquals([post?.status, post?.headers.get("allow")], [405, "GET, HEAD"]);
  }
  for (const path of ["/", "/healthy", "/health/", "/metrics/other"]) {
    assertEquals(server.ask(path), undefined);
  }
});

Deno.test("/ready is 200 while a worker is being replaced, and 503 once any is being drained", async () => {
  const others: Reading["phase"][] = [];
  const all = (own: Reading) => Promise.resolve([own, ...others.map((phase) => ({ ...own, phase }))]);
  using server = open({ startedAt: 0, all });
  server.status.ready();
  for (const [phase, expected] of [["starting", 200], ["draining", 503]] as const) {
    others.push(phase);
    const response = await server.ask("/ready")!;
    assertEquals([phase, response.status], [phase, expected]);
    await response.body?.cancel();
  }
});
