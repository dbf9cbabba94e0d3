import { assert, assertEquals } from "@std/assert";
import { untilConnected } from "../support/health.ts";
import { Peer } from "../support/peer.ts";
import { encodeHandshake } from "../support/raw_story.ts";
import { encodeHead, HANDSHAKE_HEADERS, RawSocket } from "../support/raw_socket.ts";
import { makeToken, TestServer } from "../support/server.ts";
import { onceTest } from "../support/test_cluster.ts";

/** What a handshake with these headers is answered; `""` leaves a header out. */
async function answer(server: TestServer, headers: Record<string, string> = {}, path = "/ws") {
  using peer = await RawSocket.connect(server.port);
  await peer.write(encodeHandshake(path, headers));
  return await peer.readResponse();
}

Deno.test("a handshake in good order is answered as RFC 6455 says", async () => {
  await using server = await TestServer.start();
  for (const path of ["/ws", "/"]) {
    const { status, headers } = await answer(
      server,
      { "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==" },
      path,
    );
    assertEquals([status, headers.get("upgrade")?.toLowerCase(), headers.get("connection")?.toLowerCase()], [
      ...[101, "websocket", "upgrade"],
    ]);
    assertEquals(headers.get("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    assertEquals(headers.get("sec-websocket-extensions"), null);
  }
});

Deno.test("the names and values of a handshake may be written in any case, and among others", async () => {
  await using server = await TestServer.start();
  const good: Record<string, string>[] = [{ connection: "keep-alive, Upgrade" }, { connection: "UPGRADE" }, {
    upgrade: "WebSocket",
  }];
  for (const headers of good) {
    assertEquals((await answer(server, headers)).status, 101, JSON.stringify(headers));
  }
});

Deno.test("a wrong WebSocket version is answered 426 with the right one", async () => {
  await using server = await TestServer.start();
  for (const version of ["", "8", "12", "14", "99", "x", "13, 8"]) {
    for (const path of ["/ws", "/"]) {
      const { status, headers } = await answer(server, { "sec-websocket-version": version }, path);
      assertEquals([status, headers.get("sec-websocket-version")], [426, "13"], version);
    }
  }
});

Deno.test("a malformed handshake is answered 400", async () => {
  await using server = await TestServer.start();
  const malformed: Record<string, string>[] = [
    { "sec-websocket-key": "" },
    { "sec-websocket-key": "short" },
    { "sec-websocket-key": "AAECAwQFBgcICQoLDA0O" },
    { "sec-websocket-key": "AAECAwQFBgcICQoLDA0ODxA=" },
    { "sec-websocket-key": "not base 64 at all!!!!==" },
    {
      "sec-websocket-key": `${HANDSHAKE_HEADERS["sec-websocket-key"]}, ${
        HANDSHAKE_HEADERS["sec-websocket-key"]
      }`,
    },
    { connection: "" },
    { connection: "keep-alive" },
    { connection: "upgraded" },
  ];
  for (const headers of malformed) {
    for (const path of ["/ws", "/"]) {
      assertEquals((await answer(server, headers, path)).status, 400, JSON.stringify(headers));
    }
  }
});

Deno.test("a handshake by another method is refused", async () => {
  await using server = await TestServer.start();
  for (const method of ["POST", "PUT", "DELETE", "HEAD"]) {
    using peer = await RawSocket.connect(server.port);
    await peer.write(encodeHead(`${method} /ws HTTP/1.1`, HANDSHAKE_HEADERS));
    const { status, headers } = await peer.readHead();
    assertEquals([status, headers.get("allow")], [405, "GET"], method);
  }
});

Deno.test("the address for sockets tells others to upgrade", async () => {
  await using server = await TestServer.start();
  const response = await fetch(`${server.url}/ws`);
  assertEquals([response.status, response.headers.get("upgrade")], [426, "websocket"]);
  await response.body?.cancel();
});

Deno.test("a refused handshake leaves no connection behind", async () => {
  await using server = await TestServer.start();
  await answer(server, { "sec-websocket-version": "8" });
  await answer(server, { origin: "https://elsewhere.example" });
  await untilConnected(server, 0);
});

Deno.test("a page of another origin is refused before the upgrade, and who is no page is let in", async () => {
  await using server = await TestServer.start();
  const host = `127.0.0.1:${server.port}`;
  const origins: [string, number][] = [
    [`http://${host}`, 101],
    ["", 101],
    ["https://elsewhere.example", 403],
    ["http://127.0.0.1", 403],
    [`http://127.0.0.1:${server.port + 1}`, 403],
    [`http://${host}.elsewhere.example`, 403],
    [`http://elsewhere.example/${host}`, 403],
    ["null", 403],
    ["nonsense", 403],
    [`ftp://${host}`, 403],
    [`file://`, 403],
  ];
  const token = await makeToken("ann");
  for (const [origin, expected] of origins) {
    for (const path of ["/ws", `/?token=${token}`]) {
      assertEquals((await answer(server, { host, origin }, path)).status, expected, origin);
    }
  }
});

Deno.test("a page that was made to look like our own by its name is refused on loopback", async () => {
  await using server = await TestServer.start();
  const name = `rebound.example:${server.port}`;
  assertEquals((await answer(server, { host: name, origin: `http://${name}` })).status, 403);
  const local = `localhost:${server.port}`;
  assertEquals((await answer(server, { host: local, origin: `http://${local}` })).status, 101);
});

Deno.test("ORIGINS lists the pages that are let in, and no others", async () => {
  const [chat, other] = ["https://chat.example", "http://other.example:8000"];
  await using server = await TestServer.start({ ORIGINS: `${chat}, ${other}` });
  for (const origin of [chat, other, ""]) {
    assertEquals((await answer(server, { origin })).status, 101, origin);
  }
  const own = `127.0.0.1:${server.port}`;
  for (
    const origin of [
      `http://${own}`,
      "http://chat.example",
      "https://chat.example:8443",
      `${chat}.evil.example`,
    ]
  ) {
    assertEquals((await answer(server, { host: own, origin })).status, 403, origin);
  }
  await using open = await TestServer.start({ ORIGINS: "*" });
  assertEquals((await answer(open, { origin: "https://anywhere.example" })).status, 101);
});

onceTest("too many connections are answered 503, until one ends", async () => {
  await using server = await TestServer.start({ MAX_CONNECTIONS: "2" });
  await using first = await Peer.signIn(server, "ann");
  using second = await RawSocket.open(server.port);
  const { status, headers } = await answer(server);
  assertEquals([status, headers.has("retry-after")], [503, true]);
  assertEquals(await first.drained(), []);
  second.close();
  await untilConnected(server, 1);
  assertEquals((await answer(server)).status, 101);
});

Deno.test("a draining server answers 503 to handshakes and on /ready, and 200 on /health", async () => {
  await using server = await TestServer.start();
  assertEquals((await answer(server)).status, 101);
  await untilConnected(server, 0);
  await server.server.drain();
  for (const path of ["/ws", "/"]) assertEquals((await answer(server, {}, path)).status, 503);
  for (const [path, expected] of [["/ready", 503], ["/health", 200]] as const) {
    const response = await fetch(server.url + path);
    await response.body?.cancel();
    assertEquals(response.status, expected);
  }
});

Deno.test("what a refusal holds is not what the client sent", async () => {
  await using server = await TestServer.start();
  const { body, status } = await answer(server, { origin: "https://<b>.example" });
  assertEquals(status, 403);
  assert(!body.includes("<b>"));
});
