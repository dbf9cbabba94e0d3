import { assert, assertEquals } from "@std/assert";
import { Cluster } from "../../lib/chat/cluster.ts";
import { App, type AppParts } from "../../lib/http/app.ts";
import { FileLinks } from "../../lib/files/file_links.ts";
import { NoFiles } from "../../lib/files/no_files.ts";
import { Cors } from "../../lib/http/cors.ts";
import { Downloads } from "../../lib/http/downloads.ts";
import { Guests } from "../../lib/http/guests.ts";
import { makeApi } from "../../lib/http/make_api.ts";
import { Origins } from "../../lib/http/origins.ts";
import { StaticFiles } from "../../lib/http/static_files.ts";
import { countAlone } from "../../lib/http/census.ts";
import { Status } from "../../lib/http/status.ts";
import { StoreHealth } from "../../lib/http/store_health.ts";
import { Upgrade } from "../../lib/http/upgrade.ts";
import { TokenIssuer } from "../../lib/auth/token_issuer.ts";
import { openLog } from "../../lib/telemetry/log.ts";
import { LoopDelay } from "../../lib/telemetry/loop_delay.ts";
import { openParts } from "../connection/fakes.ts";

const UPGRADE = { upgrade: "websocket", connection: "Upgrade", host: "localhost" };

async function open({ hasGuests = true } = {}) {
  const server = await openParts();
  const { connections, chat, verifier, rates, metrics } = server.parts;
  const logged: string[] = [];
  const loopDelay = new LoopDelay();
  const looked = { connections, rooms: chat.rooms, store: server.store, loopDelay, version: "1.2.3" };
  const status = new Status({ ...looked, metrics, storeHealth: new StoreHealth(), census: countAlone() });
  status.ready();
  const log = openLog("info", (line) => logged.push(line));
  const { api, documents } = makeApi({
    ...{ store: server.store, chat, cluster: new Cluster(), verifier, rates, log, version: "1.2.3" },
    isReady: () => status.isReady,
    surprised() {},
    options: {
      ...{ apiKey: "key", limitsFlood: true, maxMessageBytes: 65_536 },
      ...{ roomCreation: "anyone", guests: hasGuests },
    },
  });
  const issuer = await TokenIssuer.open("a secret of at least thirty-two bytes");
  const parts: AppParts = {
    upgrade: new Upgrade(new Origins([], false), server.parts),
    cors: new Cors(new Origins([], false)),
    ...{ status, api, documents },
    files: await StaticFiles.open(new URL("../../static", import.meta.url).pathname),
    downloads: new Downloads({
      ...{ files: new NoFiles(), links: new FileLinks("a secret"), shared: chat.sharedFiles },
      ...{ verifier, metrics },
    }),
    guests: hasGuests ? new Guests(issuer, rates, { maxAgeSeconds: 60 }) : undefined,
    ...{ metrics, log },
  };
  const app = new App(parts);
  const ask = (path: string, init?: RequestInit) => app.fetch(new Request(`http://localhost${path}`, init));
  return {
    ...{ ask, parts, logged },
    [Symbol.dispose]() {
      server[Symbol.dispose]();
      loopDelay[Symbol.dispose]();
    },
  };
}

Deno.test("every answer carries the safety headers, refusals too", async () => {
  using app = await open();
  for (const path of ["/", "/health", "/no/such/page", "/ws", "/api/token"]) {
    const response = await app.ask(path);
    await response.body?.cancel();
    const { headers } = response;
    assert(headers.get("content-security-policy")?.includes("default-src 'none'"), path);
    assertEquals(headers.get("x-content-type-options"), "nosniff", path);
    assertEquals(headers.get("x-frame-options"), "DENY", path);
    assertEquals(headers.get("referrer-policy"), "no-referrer", path);
  }
});

Deno.test("requests for what is not there, and in ways that are not understood, are refused", async () => {
  using app = await open();
  const cases: [string, RequestInit, number][] = [
    ["/no/such/page", {}, 404],
    ["/ws", {}, 426],
    ["/api/token", {}, 405],
    ["/health", { method: "POST" }, 405],
    ["/ws", { headers: { ...UPGRADE, connection: "close" } }, 400],
  ];
  for (const [path, init, status] of cases) {
    const response = await app.ask(path, init);
    assertEquals(response.status, status, path);
    await response.body?.cancel();
  }
});

Deno.test("guests' tokens are not there where guests are not let in", async () => {
  using app = await open({ hasGuests: false });
  const headers = { "content-type": "application/json" };
  const response = await app.ask("/api/token", { method: "POST", headers, body: '{"username":"Ann"}' });
  assertEquals(response.status, 404);
  await response.body?.cancel();
});

Deno.test("nobody is let in to talk while the server is starting or draining", async () => {
  using app = await open();
  app.parts.status.drain();
  for (const path of ["/", "/ws"]) {
    const response = await app.ask(path, { headers: UPGRADE });
    assertEquals([response.status, response.headers.get("retry-after")], [503, "1"]);
    await response.body?.cancel();
  }
});

Deno.test("a page of another origin may not talk", async () => {
  using app = await open();
  const key = { "sec-websocket-version": "13", "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==" };
  const response = await app.ask("/ws", { headers: { ...UPGRADE, ...key, origin: "https://evil.example" } });
  assertEquals(response.status, 403);
  await response.body?.cancel();
});

Deno.test("a mistake of ours is answered with 500, counted and logged, and its query is not", async () => {
  using app = await open();
  app.parts.status.answer = () => {
    throw new RangeError("a mistake of ours");
  };
  const response = await app.ask("/health?token=secret");
  assertEquals(response.status, 500);
  assert(!(await response.text()).includes("mistake"));
  assertEquals(app.parts.metrics.surprises.total, 1);
  assertEquals(app.logged.length, 1);
  assert(app.logged[0].includes("a mistake of ours") && !app.logged[0].includes("secret"));
});
