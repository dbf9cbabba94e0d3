import { assertEquals } from "@std/assert";
import { Peer } from "../support/peer.ts";
import { concatBytes, encodeFrame, encodeHead, HANDSHAKE_HEADERS, RawSocket } from "../support/raw_socket.ts";
import { encodeHandshake } from "../support/raw_story.ts";
import { makeToken, TestServer } from "../support/server.ts";
import { Chance } from "./chance.ts";
import { Witness } from "./witness.ts";

/** Stands in the name of each test: put it here to see the same again. */
const SEED = Number(Deno.env.get("FUZZ_SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0]);

const token = await makeToken("stranger");
const TYPES = [
  "auth",
  "join",
  "leave",
  "chat",
  "typing",
  "history",
  "rooms",
  "members",
  "ping",
  "receipt",
  "search",
];
const FIELDS = [
  "roomId",
  "content",
  "after",
  "before",
  "limit",
  "epoch",
  "isTyping",
  "token",
  "replyTo",
  "roomName",
];
const VALUES: unknown[] = [
  ...[
    "a",
    "a",
    "b",
    "",
    " ",
    "x".repeat(129),
    "__proto__",
    "constructor",
    "dm:a:b",
    "\ud800",
    "\0",
    "\u{1f600}",
    "*",
  ],
  ...[0, 1, -1, 0.5, 1e308, -0, 2 ** 53, 2 ** 31, NaN, true, false, null, [], {}, [[[]]], { toString: 1 }],
  ...[
    { length: 1e9 },
    { then: 1 },
    { constructor: { prototype: null } },
    "1",
    "null",
    "x".repeat(300),
    token,
  ],
];

Deno.test(`random commands with an id are each answered once (FUZZ_SEED=${SEED})`, async () => {
  const chance = new Chance(SEED);
  await using server = await TestServer.start();
  await using witness = await Witness.arrive(server);
  let stranger = await Peer.signIn(server, "stranger");
  for (let i = 0; i < 2_500; i++) {
    const id = `${i}`;
    const command = makeCommand(chance, id);
    const isWhole = !chance.once(10);
    const text = isWhole ? command : chance.garble(JSON.stringify(command)).replaceAll("\n", " ");
    const said = await stranger.drained(text).catch(() => undefined);
    if (said === undefined) {
      assertEquals((await stranger.closed).code, 4009); // That was one error too many.
      stranger = await Peer.signIn(server, "stranger");
    } else if (isWhole && command.id === id) {
      const answers = said.filter((said) => said.type !== "chat" && said.id === id);
      assertEquals(answers.length, 1, JSON.stringify([command, said]));
    }
    await witness.isServed();
  }
  stranger.close();
  await stranger.closed;
  await witness.isAlone();
});

Deno.test(`random frames reach nobody but who sends them (FUZZ_SEED=${SEED})`, async () => {
  const chance = new Chance(SEED);
  await using server = await TestServer.start();
  await using witness = await Witness.arrive(server);
  const hello = new TextEncoder().encode(encodeHandshake(`/ws?token=${token}`));
  for (let i = 0; i < 1_000; i++) {
    const frames = Array.from({ length: 1 + chance.below(5) }, () => makeFrame(chance));
    await say(server.port, concatBytes(hello, ...frames));
    await witness.isServed();
  }
  await witness.isAlone();
});

Deno.test(`random requests are each answered or cut off (FUZZ_SEED=${SEED})`, async () => {
  const chance = new Chance(SEED);
  await using server = await TestServer.start({ GUESTS: "on" });
  await using witness = await Witness.arrive(server);
  for (let i = 0; i < 1_000; i++) {
    const request = makeRequest(chance);
    const latin = Uint8Array.from(request, (character) => character.charCodeAt(0));
    await say(server.port, chance.once(3) ? latin : new TextEncoder().encode(request));
    await witness.isServed();
  }
  await witness.isAlone();
});

/** Sends all of it on a connection of its own, and listens until the server has had enough. */
async function say(port: number, bytes: Uint8Array): Promise<void> {
  using peer = await RawSocket.connect(port);
  await peer.write(bytes);
  await peer.closeWrite().catch(() => {}); // The server was faster.
  await peer.readRest();
}

function makeCommand(chance: Chance, id: string): Record<string, unknown> {
  const command: Record<string, unknown> = {
    type: chance.once(10) ? chance.pick(VALUES) : chance.pick(TYPES),
  };
  if (!chance.once(8)) command.id = chance.once(20) ? chance.pick(VALUES) : id;
  if (!chance.once(8)) command.roomId = chance.pick(["a", "b", "c"]);
  if (!chance.once(3)) command.content = "hello";
  for (let i = chance.below(4); i > 0; i--) command[chance.pick(FIELDS)] = chance.pick(VALUES);
  return command;
}

function makeFrame(chance: Chance): Uint8Array {
  const text = JSON.stringify(makeCommand(chance, "1"));
  const frame = encodeFrame({
    opcode: chance.once(4) ? chance.below(16) : chance.pick([0, 1, 1, 1, 2, 8, 9, 10]),
    payload: chance.pick([
      text,
      chance.garble(text),
      "ping",
      chance.bytes(chance.below(300)),
      "x".repeat(70_000),
    ]),
    isFinal: !chance.once(4),
    reserved: chance.once(10) ? chance.below(8) : 0,
    isMasked: !chance.once(10),
    lengthBits: chance.once(10) ? 64 : undefined,
    declaredLength: chance.once(20) ? BigInt(chance.below(2 ** 31)) << BigInt(chance.below(33)) : undefined,
  });
  return chance.once(10) ? frame.subarray(0, chance.below(frame.length)) : frame;
}

function makeRequest(chance: Chance): string {
  const method = chance.pick(["GET", "GET", "GET", "POST", "HEAD", "OPTIONS", "PUT", "X"]);
  const targets = [
    "/ws",
    "/",
    `/ws?token=${token}`,
    "/api/token",
    "/health",
    "/sdk/client.ts",
    "/../x",
    "*",
    "//",
  ];
  const target = chance.once(4) ? chance.garble(chance.pick(targets)) : chance.pick(targets);
  const body = chance.once(2) ? "" : chance.garble('{"username":"ann"}');
  const headers: Record<string, string> = { ...HANDSHAKE_HEADERS, "content-type": "application/json" };
  if (body !== "") headers["content-length"] = `${body.length + (chance.once(5) ? chance.below(9) - 4 : 0)}`;
  for (const name of Object.keys(headers)) {
    const fate = chance.below(8);
    if (fate === 0) delete headers[name];
    if (fate === 1) headers[name] = chance.garble(headers[name]);
  }
  if (chance.once(4)) headers["sec-websocket-protocol"] = chance.garble(`parley.v1, bearer.${token}`);
  if (chance.once(4)) headers["accept-encoding"] = chance.garble("gzip, br;q=0.5, *;q=0");
  if (chance.once(4)) headers["if-none-match"] = chance.garble('W/"1", "2"');
  if (chance.once(4)) headers.range = chance.garble("bytes=0-9");
  if (chance.once(8)) headers.origin = chance.garble("http://127.0.0.1");
  const head = encodeHead(`${method} ${target} HTTP/1.1`, headers);
  return (chance.once(6) ? chance.garble(head) : head) + body;
}
