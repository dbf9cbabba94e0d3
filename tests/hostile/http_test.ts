import { assert, assertEquals, assertFalse } from "@std/assert";
import { openLog } from "../../lib/telemetry/log.ts";
import { concatBytes, encodeHead, type RawResponse, RawSocket } from "../support/raw_socket.ts";
import { encodeHandshake } from "../support/raw_story.ts";
import { makeToken, TestServer } from "../support/server.ts";
import { Witness } from "./witness.ts";

/** Bytes of a request, and the status of the answer: 0 where the runtime cuts the connection. */
type Row = readonly [name: string, request: string | Uint8Array, ...statuses: number[]];

const HOST = { host: "localhost" };
const JSON_TYPE = { ...HOST, "content-type": "application/json" };

/** What the runtime refuses by itself has none of our headers, but nothing of ours in it either. */
const RUNTIME = 400;

const HEADS: Row[] = [
  ["a version that is missing", handshake({ "sec-websocket-version": "" }), 426],
  ["a version of the past", handshake({ "sec-websocket-version": "8" }), 426],
  ["two versions", handshake({ "sec-websocket-version": "13, 8" }), 426],
  ["a key that is missing", handshake({ "sec-websocket-key": "" }), 400],
  ["a key that is short", handshake({ "sec-websocket-key": "AAECAwQFBgcICQoLDA0=" }), 400],
  ["a key that is no base64", handshake({ "sec-websocket-key": "AAECAwQFBgcICQoLDA0OD!==" }), 400],
  ["two keys", handshake({}, "sec-websocket-key: AAECAwQFBgcICQoLDA0ODw=="), 400],
  ["no Connection: Upgrade", handshake({ connection: "keep-alive" }), 400],
  ["no Host", handshake({ host: "" }), 400],
  ["another method", handshake({}).replace("GET", "POST"), 405],
  ["a method in lower case", handshake({}).replace("GET", "get"), 405],
  ["another path", handshake({}).replace("/ws", "/wss"), 404],
  ["two slashes", handshake({}).replace("/ws", "//ws"), 404],
  ["another upgrade", handshake({ upgrade: "h2c" }), 426],
  ["an origin that is none", handshake({ origin: "http://[" }), 403],
  ["the origin null", handshake({ origin: "null" }), 403],
  ["a body", `${handshake({ "content-length": "5" })}hello`, RUNTIME],
  ["a body in chunks", `${handshake({ "transfer-encoding": "chunked" })}5\r\nhello\r\n0\r\n\r\n`, RUNTIME],
  ["two Hosts", handshake({}, "host: elsewhere"), RUNTIME],
  ["a blank before a colon", handshake({}, "origin : http://localhost"), RUNTIME],
  ["a folded header", handshake({}, "x: a\r\n b"), RUNTIME],
  ["a NUL in a header", handshake({}, "x: a\0b"), RUNTIME],
  ["a length and chunks", handshake({ "content-length": "5", "transfer-encoding": "chunked" }), RUNTIME],
  ["HTTP/2.0", handshake({}).replace("HTTP/1.1", "HTTP/2.0"), RUNTIME],
  ["a TLS greeting", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", RUNTIME],
  ["a head of 70 KiB", handshake({ x: "x".repeat(70_000) }), RUNTIME],
  ["200 headers", handshake({}, Array.from({ length: 200 }, (_, i) => `x${i}: y`).join("\r\n")), RUNTIME],
  ["a list of subprotocols without blanks", handshake({ "sec-websocket-protocol": "a,parley.v1,b" }), 101],
  ["an address with a host", handshake({}).replace("/ws", "http://localhost/ws"), 101],
  ["a list of nothing", handshake({ "sec-websocket-protocol": ",,," }), 101],
  [
    "a subprotocol that may not be",
    handshake({ "sec-websocket-protocol": 'bearer.{"a":1}, parley.v1' }),
    101,
  ],
  ["an extension", handshake({ "sec-websocket-extensions": "permessage-deflate; a=1, x" }), 101],
  ["a query that is no UTF-8", handshake({}).replace("/ws", "/ws?token=%ff%zz"), 101],
  ["a header that is no ASCII", latinHandshake(), 101],
  ...["a b", "[::1", "%%%", "x:99999", "<", "|"].map((
    host,
  ): Row => [`the host ${host}`, handshake({ host }), 400]),
  ["a host in the request line that is none", get("http://[::1/health"), 400],
];

const TARGETS: Row[] = [
  ...[
    ..."/../../deno.json /..%2fdeno.json /..%2f..%2fetc%2fpasswd /%2e%2e/deno.json /%2e%2e%2fdeno.json".split(
      " ",
    ),
    ..."/..\\deno.json /sdk/../../deno.json /sdk/..%5c..%5cdeno.json /.git/config /.gitignore /sdk".split(
      " ",
    ),
    ..."/sdk/ /%00 /%zz /index.html%00.ts /index.html/ //index.html /INDEX.HTML /__proto__ /constructor"
      .split(" "),
    ...'/toString /health/ /HEALTH /file:///etc/passwd /{}|^`"<> /app /lib/config.ts /main.ts'.split(" "),
    ..."/data/parley.db /api/nothing".split(" "),
  ].map((target): Row => [target, get(target), 404]),
  ["a file, without a token", get("/files/x"), 401],
  ["a path of 60,000 characters", get(`/${"a".repeat(60_000)}`), 404],
  [
    "a path that is no UTF-8",
    concatBytes(...["GET /", "\xff HTTP/1.1\r\nhost: a\r\n\r\n"].map(latinOf)),
    404,
    RUNTIME,
  ],
  ["no path", get("index.html"), RUNTIME],
  ["dots that lead nowhere", get("/../../"), 200],
  ["dots inside", get("/sdk/%2e%2e/index.html"), 200],
  ["a query that is nothing", get("/?%zz&&=#"), 200],
  ["an address with a name in it", get("/health", { host: "admin@localhost" }), 200],
  ...["bytes=0-99999999999999999999", "bytes=0-0", "bytes=-1"].map((
    range,
  ): Row => [range, get("/icon_192.png", { range }), 206]),
  ...["bytes=99999999999999999999-", "bytes=5-2"].map((
    range,
  ): Row => [range, get("/icon_192.png", { range }), 416]),
  ...["bytes=--", "bytes=a-b", "lines=1-2", "bytes=0-1,3-4"].map((
    range,
  ): Row => [range, get("/icon_192.png", { range }), 200]),
  ["a time that is none", get("/", { "if-modified-since": "yesterday" }), 200],
  ["an encoding that is none", get("/", { "accept-encoding": "gzip;q=1e999, ;;=, br;q=-1, *;q=x" }), 200],
  ["every tag", get("/", { "if-none-match": "*" }), 304],
  ["a tag that is none", get("/sdk/client.ts", { "if-none-match": 'W/"\\' }), 200],
  ...["DELETE", "TRACE", "CONNECT", "BREW", "X".repeat(5_000)].map((method): Row => [
    `the method ${method.slice(0, 10)}`,
    encodeHead(`${method} / HTTP/1.1`, HOST),
    405,
    RUNTIME,
  ]),
  ["OPTIONS *", encodeHead("OPTIONS * HTTP/1.1", HOST), 404, RUNTIME],
];

const ann = '{"username":"ann"}';
const BODIES: Row[] = [
  ["a good one", post(ann), 200],
  ["in chunks", chunked(ann), 200],
  ["nothing", post(""), 400],
  ["half an object", post("{nope"), 400],
  ["a list", post('["username"]'), 400],
  ["null", post("null"), 400],
  ["2,000 levels", post("[".repeat(2_000) + "]".repeat(2_000)), 400],
  ["levels where a name is wanted", post(`{"username":${"[".repeat(1_500) + "]".repeat(1_500)}}`), 400],
  ["a name only in __proto__", post('{"__proto__":{"username":"ann"}}'), 400],
  ["a name that is a number", post('{"username":1e999}'), 400],
  ["a name that is half a character", post('{"username":"\\ud800"}'), 400],
  ["a name with a control character", post('{"username":"\\u0000"}'), 400],
  ["a name of 65 characters", post(`{"username":"${"x".repeat(65)}"}`), 400],
  ["a name that objects have", post('{"username":"__proto__","constructor":1}'), 200],
  ["no UTF-8", concatBytes(bytesOf(post('{"username":"xx"}').slice(0, -4)), latinOf('\xff\xfe"}')), 400],
  ["a byte order mark", post(`\ufeff${ann}`), 200, 400],
  ["5 KiB", post(`{"username":"${"x".repeat(5_000)}"}`), 413],
  ["5 KiB in chunks", chunked(`{"username":"${"x".repeat(5_000)}"}`), 413],
  ["100 GB, it says", post(ann, { "content-length": "100000000000" }), 413],
  ["more than can be counted", post(ann, { "content-length": "99999999999999999999999" }), RUNTIME],
  ["less than nothing", post(ann, { "content-length": "-1" }), RUNTIME],
  ["a chunk without a size", chunked(ann).replace(/\r\n\r\n\w+/, "\r\n\r\nzz"), 0, 400],
  ["a chunk that is too short", chunked(ann).replace(/\r\n\r\n\w+/, "\r\n\r\n2"), 0, 400],
  ["no type", post(ann, { "content-type": "" }), 400],
  ["a form", post("username=ann", { "content-type": "application/x-www-form-urlencoded" }), 400],
  ["a plain text", post(ann, { "content-type": "text/plain" }), 400],
  ["GET", get("/api/token"), 405],
  ["PUT", post(ann).replace("POST", "PUT"), 405],
];

for (const [kind, rows] of Object.entries({ HEADS, TARGETS, BODIES })) {
  Deno.test(`hostile requests have one answer, and nobody else notices: ${kind.toLowerCase()}`, async (t) => {
    await using server = await TestServer.start({ GUESTS: "on" });
    await using witness = await Witness.arrive(server);
    for (const [name, request, ...statuses] of rows) {
      await t.step(name, async () => {
        const response = await exchange(server.port, request);
        assert(statuses.includes(response.status), `${response.status} ${response.body}`);
        const isOurs = response.headers.has("content-type") || response.status === 304;
        if (isOurs) assertSafe(response);
        else assert([0, 101, RUNTIME].includes(response.status) && response.body === "", response.body);
        await witness.isServed();
      });
    }
    await witness.isAlone();
  });
}

Deno.test("a request that breaks off is nobody's surprise", async (t) => {
  await using server = await TestServer.start({ GUESTS: "on" });
  await using witness = await Witness.arrive(server);
  const whole = {
    "in the line": get("/"),
    "in the head": handshake({}),
    "in the body": post(ann),
    "in a chunk": chunked(ann),
  };
  for (const [where, request] of Object.entries(whole)) {
    for (const way of ["closes", "stops sending"]) {
      await t.step(`${where}: the peer ${way}`, async () => {
        const cut = where === "in the line" ? 3 : where === "in the head" ? 60 : -4;
        using peer = await RawSocket.connect(server.port);
        await peer.write(request.slice(0, cut));
        if (way === "closes") peer.close();
        else await peer.closeWrite().then(() => peer.readRest());
        await witness.isServed();
      });
    }
  }
  await witness.isAlone();
});

Deno.test("a connection that asks for a hundred things at once gets a hundred answers, in order", async () => {
  await using server = await TestServer.start();
  using peer = await RawSocket.connect(server.port);
  await peer.write(Array.from({ length: 100 }, (_, i) => get(i % 2 === 0 ? "/health" : "/nothing")).join(""));
  for (let i = 0; i < 100; i++) assertEquals((await peer.readResponse()).status, i % 2 === 0 ? 200 : 404);
});

Deno.test("a token in an address never reaches the log, whatever else is wrong with the request", async () => {
  const lines: string[] = [];
  await using server = await TestServer.start({}, openLog("debug", (line) => lines.push(line)));
  const token = await makeToken("ann");
  const target = `/ws?token=${token}`;
  for (const host of ["localhost", "a b", "[::1", ""]) {
    for (const method of ["GET", "POST"]) {
      await exchange(server.port, handshake({ host }).replace("GET /ws", `${method} ${target}`));
      await exchange(server.port, encodeHead(`${method} ${target} HTTP/1.1`, { host }));
    }
  }
  await using witness = await Witness.arrive(server);
  await witness.isAlone();
  assert(lines.some((line) => line.includes("connection_closed")), "something was logged");
  assertFalse(lines.some((line) => line.includes(token.slice(-20)) || line.includes("token=")));
});

/** Sends a request on a connection of its own. */
async function exchange(port: number, request: string | Uint8Array): Promise<RawResponse> {
  using peer = await RawSocket.connect(port);
  await peer.write(request);
  return await peer.readResponse();
}

/** Fails unless the answer forbids scripts, frames and sniffing by others. */
function assertSafe({ headers }: RawResponse): void {
  const policy = headers.get("content-security-policy") ?? "";
  assert(policy.startsWith("default-src 'none'") && policy.includes("frame-ancestors 'none'"), policy);
  assertFalse(/unsafe|\*/.test(policy), policy);
  assertEquals(headers.get("x-content-type-options"), "nosniff");
  assertEquals(headers.get("x-frame-options"), "DENY");
  assertEquals(headers.get("referrer-policy"), "no-referrer");
}

/** An opening handshake; headers that are `""` are left out, and lines added as they are. */
function handshake(headers: Record<string, string>, ...lines: string[]): string {
  const head = encodeHandshake("/ws", headers);
  return [head.slice(0, -2), ...lines.map((line) => `${line}\r\n`), "\r\n"].join("");
}

function latinHandshake(): Uint8Array {
  return latinOf(handshake({}, "authorization: Bearer \xff\xfe"));
}

function get(target: string, headers: Record<string, string> = {}): string {
  return encodeHead(`GET ${target} HTTP/1.1`, { ...HOST, ...headers });
}

function post(body: string, headers: Record<string, string> = {}): string {
  const length = `${bytesOf(body).length}`;
  return encodeHead("POST /api/token HTTP/1.1", { ...JSON_TYPE, "content-length": length, ...headers }) +
    body;
}

/** The body in two pieces of text, if it is long enough. */
function chunked(body: string): string {
  const pieces = [body.slice(0, 10), body.slice(10)].map((piece) =>
    `${piece.length.toString(16)}\r\n${piece}\r\n`
  );
  return `${encodeHead("POST /api/token HTTP/1.1", { ...JSON_TYPE, "transfer-encoding": "chunked" })}${
    pieces.join("")
  }0\r\n\r\n`;
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** One byte for each character. */
function latinOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
