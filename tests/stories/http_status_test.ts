import { assert, assertEquals, assertGreater, assertMatch } from "@std/assert";
import { Peer } from "../support/peer.ts";
import { makeToken, TestServer } from "../support/server.ts";
import { onceTest } from "../support/test_cluster.ts";

const GUESTS = { GUESTS: "on" };

async function getJson(server: TestServer, path: string): Promise<Record<string, unknown>> {
  const response = await fetch(server.url + path);
  assertEquals(response.status, 200);
  assertEquals(response.headers.get("content-type"), "application/json");
  assertEquals(response.headers.get("cache-control"), "no-store");
  return await response.json();
}

async function signInAsGuest(
  server: TestServer,
  body: BodyInit,
  headers: HeadersInit = {},
): Promise<Response> {
  const type = { "content-type": "application/json" };
  return await fetch(`${server.url}/api/token`, { method: "POST", body, headers: { ...type, ...headers } });
}

onceTest("/health says that all is well, and counts", async () => {
  await using server = await TestServer.start();
  assertEquals((await getJson(server, "/health")).status, "ok");
  assertEquals((await getJson(server, "/health")).connections, 0);
  await using _ann = await Peer.signIn(server, "ann");
  await using _bob = await Peer.open(server);
  assertEquals((await getJson(server, "/health")).connections, 2);
});

Deno.test("/ready answers 200 as long as new connections are welcome", async () => {
  await using server = await TestServer.start();
  await getJson(server, "/ready");
  await server.server.drain();
  const response = await fetch(`${server.url}/ready`);
  await response.body?.cancel();
  assertEquals(response.status, 503);
});

onceTest("/metrics/websocket counts connections and rooms, and nothing else", async () => {
  await using server = await TestServer.start({ PRESENCE_GRACE_MS: "0" });
  const empty = { activeConnections: 0, connectedSockets: 0, rooms: 0 };
  assertEquals(await getJson(server, "/metrics/websocket"), empty);
  await using ann = await Peer.signIn(server, "ann");
  await using _phone = await Peer.signIn(server, "ann");
  await ann.join("one");
  await ann.join("two");
  const busy = { activeConnections: 2, connectedSockets: 2, rooms: 2 };
  assertEquals(await getJson(server, "/metrics/websocket"), busy);
});

Deno.test("the status routes answer HEAD, and nothing but GET and HEAD", async () => {
  await using server = await TestServer.start();
  for (const path of ["/health", "/ready", "/metrics/websocket", "/"]) {
    const head = await fetch(server.url + path, { method: "HEAD" });
    assertEquals([head.status, await head.text()], [200, ""], path);
    for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
      const response = await fetch(server.url + path, { method });
      await response.body?.cancel();
      assertEquals([response.status, response.headers.get("allow")], [405, "GET, HEAD"], `${method} ${path}`);
    }
  }
});

Deno.test("/ is the chat page, and nothing may be done with it from elsewhere", async () => {
  await using server = await TestServer.start();
  const response = await fetch(server.url);
  assertEquals([response.status, response.headers.get("content-type")], [200, "text/html; charset=utf-8"]);
  assertMatch(await response.text(), /<!doctype html>/i);
  const policy = response.headers.get("content-security-policy") ?? "";
  for (const part of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"]) {
    assert(policy.split(/; */).includes(part), `${part} is missing: ${policy}`);
  }
  assertEquals(response.headers.get("x-content-type-options"), "nosniff");
  assertEquals(response.headers.get("access-control-allow-origin"), null);
});

Deno.test("what is not there is answered 404 with a problem document", async () => {
  await using server = await TestServer.start();
  for (
    const path of [
      "/nothing",
      "/health/",
      "/Health",
      "/../main.ts",
      "/%2e%2e/main.ts",
      "/.git/config",
      "/lib/server.ts",
    ]
  ) {
    const response = await fetch(server.url + path);
    const type = response.headers.get("content-type");
    assertEquals([response.status, type], [404, "application/problem+json"], path);
    assertEquals((await response.json()).status, 404);
  }
});

Deno.test("guests sign in under a name of their own, and are let in with what they get", async () => {
  await using server = await TestServer.start(GUESTS);
  const before = Date.now();
  const response = await signInAsGuest(server, JSON.stringify({ username: " Änn <b> 安 " }));
  assertEquals([response.status, response.headers.get("cache-control")], [200, "no-store"]);
  const { token, userId, username, expiresAt, ...rest } = await response.json();
  assertEquals([username, rest], [" Änn <b> 安 ", {}]);
  assertGreater(expiresAt, before);
  await using guest = await Peer.open(server, { protocols: ["parley.v1", `bearer.${token}`] });
  const welcome = await guest.next("welcome");
  const { role } = welcome;
  assertEquals([welcome.userId, welcome.username, welcome.expiresAt, role], [
    userId,
    username,
    expiresAt,
    "user",
  ]);
  const other = await (await signInAsGuest(server, JSON.stringify({ username }))).json();
  assert(other.userId !== userId, "two guests of one name are two people");
});

Deno.test("guests of a server with an issuer and an audience are let in as well", async () => {
  await using server = await TestServer.start({
    ...GUESTS,
    JWT_ISSUER: "https://id.example",
    JWT_AUDIENCE: "parley",
  });
  const { token } = await (await signInAsGuest(server, '{"username":"Ann"}')).json();
  await using guest = await Peer.open(server, { path: `/?token=${token}` });
  assertEquals((await guest.next("welcome")).username, "Ann");
});

Deno.test("a guest's name is checked", async () => {
  await using server = await TestServer.start(GUESTS);
  const names = ["", "x".repeat(65), "a\nb", "\u0000", 5, null, {}, ["Ann"], undefined];
  for (const username of names) {
    const response = await signInAsGuest(server, JSON.stringify({ username }));
    const { code, status, detail } = await response.json();
    assertEquals([response.status, code, status], [400, "bad_request", 400], JSON.stringify(username));
    assert(String(detail).startsWith("username"), detail);
  }
  assertEquals(
    await signInAsGuest(server, JSON.stringify({ username: "x".repeat(64) })).then(readStatus),
    200,
  );
});

Deno.test("a guest's request that is no JSON object is refused, and one that is too long", async () => {
  await using server = await TestServer.start(GUESTS);
  for (
    const [body, status, code] of [
      ["", 400, "invalid_json"],
      ["{", 400, "invalid_json"],
      ["[]", 400, "bad_request"],
      ["null", 400, "bad_request"],
      [JSON.stringify({ username: "Ann", pad: "x".repeat(10_000) }), 413, "too_large"],
    ] as const
  ) {
    const response = await signInAsGuest(server, body);
    assertEquals([response.status, response.headers.get("content-type")], [
      status,
      "application/problem+json",
    ]);
    assertEquals((await response.json()).code, code);
  }
});

Deno.test("nobody is made an administrator, or somebody else, by asking", async () => {
  await using server = await TestServer.start(GUESTS);
  const asked = { username: "Ann", userId: "root", sub: "root", role: "admin", rooms: ["x"], exp: 9e9 };
  const { token, userId } = await (await signInAsGuest(server, JSON.stringify(asked))).json();
  assert(userId !== "root");
  await using guest = await Peer.open(server, { path: `/?token=${token}` });
  const welcome = await guest.next("welcome");
  assertEquals([welcome.role, welcome.userId], ["user", userId]);
});

Deno.test("where guests are not let in there is no such route", async () => {
  await using server = await TestServer.start();
  for (const method of ["GET", "POST"]) {
    const response = await fetch(`${server.url}/api/token`, { method });
    await response.body?.cancel();
    assertEquals(response.status, 404);
  }
});

Deno.test("without a secret guests are let in, and other people's tokens are not", async () => {
  await using server = await TestServer.start({ JWT_SECRET: undefined });
  assertEquals(await signInAsGuest(server, '{"username":"Ann"}').then(readStatus), 200);
  await using peer = await Peer.open(server, { path: `/?token=${await makeToken("ann")}` });
  assertEquals(await peer.closed, { code: 1008, reason: "Invalid token" });
  const response = await fetch(`${server.url}/api/token`);
  await response.body?.cancel();
  assertEquals([response.status, response.headers.get("allow")], [405, "POST"]);
});

async function readStatus(response: Response): Promise<number> {
  await response.body?.cancel();
  return response.status;
}
