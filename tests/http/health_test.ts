import { assert, assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import project from "../../deno.json" with { type: "json" };
import { Rooms } from "../../lib/chat/rooms.ts";
import { Connections } from "../../lib/connection/connections.ts";
import { countAlone } from "../../lib/http/census.ts";
import { Status } from "../../lib/http/status.ts";
import { StoreHealth } from "../../lib/http/store_health.ts";
import { Turn } from "../../lib/kit/turn.ts";
import { openStore } from "../../lib/store/open_store.ts";
import { LoopDelay } from "../../lib/telemetry/loop_delay.ts";
import { Metrics } from "../../lib/telemetry/metrics.ts";
import { Peer } from "../support/peer.ts";
import { TestServer } from "../support/server.ts";

Deno.test("/health says that the server runs, which version, on what store, and how busy it is", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann");
  await ann.join("general");
  const response = await fetch(`${server.url}/health`);
  assertEquals([response.status, response.headers.get("cache-control")], [200, "no-store"]);
  const { store, eventLoopDelayMs, uptimeMs, ...rest } = await response.json();
  assertEquals(rest, { status: "ok", connections: 1, rooms: 1, version: project.version });
  assert(typeof store === "string" && store !== "");
  assert(eventLoopDelayMs >= 0 && uptimeMs >= 0);
});

Deno.test("/ready says 503 once the server drains; /health goes on", async () => {
  await using server = await TestServer.start();
  const ready = async () => {
    const response = await fetch(`${server.url}/ready`);
    return [response.status, (await response.json()).status];
  };
  assertEquals(await ready(), [200, "ready"]);
  await server.server.drain();
  assertEquals(await ready(), [503, "draining"]);
  const response = await fetch(`${server.url}/health`);
  assertEquals([response.status, (await response.json()).status], [200, "ok"]);
});

Deno.test("StoreHealth is troubled from a failure to the next success, or for a minute", () => {
  using time = new FakeTime();
  const health = new StoreHealth();
  assertEquals(health.isTroubled, false);
  health.failed();
  assertEquals(health.isTroubled, true);
  health.appended();
  assertEquals(health.isTroubled, false);
  health.failed();
  time.tick(59_999);
  assertEquals(health.isTroubled, true);
  health.failed();
  time.tick(59_999);
  assertEquals(health.isTroubled, true);
  time.tick(1);
  assertEquals(health.isTroubled, false);
});

Deno.test("StoreHealth is troubled while people are turned away, and letting one in does not make up for messages", () => {
  const health = new StoreHealth();
  health.turnedAway();
  assertEquals(health.isTroubled, true);
  health.welcomed();
  assertEquals(health.isTroubled, false);
  health.failed();
  health.welcomed();
  assertEquals(health.isTroubled, true);
  health.turnedAway();
  health.appended();
  assertEquals(health.isTroubled, false);
});

Deno.test("/health says degraded, still with 200, while the store takes no messages", async () => {
  await using store = await openStore("memory:", { historyLimit: 100, historyMaxAgeMs: Infinity });
  using connections = new Connections({ maxConnections: 1, heartbeatMs: 25_000 }, () => {});
  using loopDelay = new LoopDelay();
  const storeHealth = new StoreHealth();
  const rooms = new Rooms(store, new Turn());
  const metrics = new Metrics();
  const census = countAlone();
  const looked = { connections, rooms, store, metrics, storeHealth, loopDelay };
  const status = new Status({ ...looked, census, version: "1" });
  storeHealth.failed();
  const response = await status.answer(new Request("http://localhost/health"), "/health")!;
  assertEquals([response.status, (await response.json()).status], [200, "degraded"]);
});
