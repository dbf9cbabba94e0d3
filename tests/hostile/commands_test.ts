import { assertEquals } from "@std/assert";
import { Peer, type Said } from "../support/peer.ts";
import { TestServer } from "../support/server.ts";
import { Witness } from "./witness.ts";

/** An input, and the fields of the answer that matter. */
type Row = readonly [name: string, text: string, answer: Partial<Said>];

const invalidJson = { type: "error", code: "invalid_json", message: "Invalid JSON" };
const typeRequired = { type: "error", code: "bad_request", message: "type required" };
const badRequest = { type: "error", code: "bad_request" };

/** So deep that a function that calls itself for each level would run out of stack. */
const deepArray = "[".repeat(20_000) + "]".repeat(20_000);
const deepObject = '{"a":'.repeat(10_000) + "1" + "}".repeat(10_000);

const ROWS: Row[] = [
  ["half an object", "{nope", invalidJson],
  ["no text", "", invalidJson],
  ["blanks", "   ", invalidJson],
  ["line breaks", "\n\n\n", invalidJson],
  ["64 KiB of line breaks", "\n".repeat(65_536), invalidJson],
  ["null", "null", invalidJson],
  ["a number", "1e999", invalidJson],
  ["a string", '"ping"', invalidJson],
  ["a list of commands", '[{"type":"ping"}]', invalidJson],
  ["an array 20,000 levels deep", deepArray, invalidJson],
  ["an array that never ends", "[".repeat(65_536), invalidJson],
  ["an object that never ends", '{"a":'.repeat(13_000), invalidJson],
  ["a byte order mark", '\ufeff{"type":"ping"}', invalidJson],
  ["the wrong ping", "PING", invalidJson],
  ["an object 10,000 levels deep", deepObject, typeRequired],
  ["an empty object", "{}", typeRequired],
  ["a type that is a number", '{"type":1}', typeRequired],
  ["a type that is an object", '{"type":{"toString":"ping"}}', typeRequired],
  ["a type only in __proto__", '{"__proto__":{"type":"ping"}}', typeRequired],
  ...["__proto__", "constructor", "toString", "hasOwnProperty", "then"].map((type): Row => [
    `the type ${type}`,
    JSON.stringify({ type }),
    { type: "error", code: "unknown_type", message: `Unknown message type: ${type}` },
  ]),
  ["a type that is half a character", '{"type":"\\ud800"}', {
    type: "error",
    code: "unknown_type",
    message: "Unknown message type: \ufffd",
  }],
  ["the last of two types counts", '{"type":"chat","type":"ping"}', { type: "pong" }],
  ["depth where nobody looks", `{"type":"ping","id":"p","more":${deepArray}}`, { type: "pong", id: "p" }],
  ["depth where a name is wanted", `{"type":"join","id":"p","roomId":${deepArray}}`, {
    ...badRequest,
    id: "p",
  }],
  ["depth where a number is wanted", `{"type":"join","roomId":"a","after":${deepObject}}`, badRequest],
  ["10,000 fields", `{${"0".repeat(5_000).split("").map((_, i) => `"${i}":0`).join()},"type":"ping"}`, {
    type: "pong",
  }],
  ["an id only in __proto__", '{"type":"ping","__proto__":{"id":"p"}}', { type: "pong", id: undefined }],
  ["the id __proto__", '{"type":"ping","id":"__proto__"}', { type: "pong", id: "__proto__" }],
  ["an id that is a number", '{"type":"ping","id":1e999}', { ...badRequest, id: undefined }],
  ["an id that is half a character", '{"type":"ping","id":"\\udc00"}', { ...badRequest, id: undefined }],
  ["an id of 65 characters", `{"type":"ping","id":"${"x".repeat(65)}"}`, { ...badRequest, id: undefined }],
  ["an infinite position", '{"type":"join","roomId":"a","after":1e999}', badRequest],
  ["a position beyond 2^53", '{"type":"history","roomId":"a","before":9007199254740993}', badRequest],
  ["a position between two", '{"type":"join","roomId":"a","after":0.5}', badRequest],
  ["a room name with a control character", '{"type":"join","roomId":"a\\u0000b"}', badRequest],
  ["a room name that is half a character", '{"type":"join","roomId":"\\ud83d"}', badRequest],
  ["a room name of 129 characters", `{"type":"join","roomId":"${"x".repeat(129)}"}`, badRequest],
  ["a room that nobody made", '{"type":"chat","roomId":"__proto__","content":"x"}', {
    type: "error",
    code: "room_not_found",
  }],
  ["text that is half a character", '{"type":"chat","roomId":"a","content":"\\ud800"}', badRequest],
  ["an answer to nothing", '{"type":"typing","roomId":"a","isTyping":"true"}', badRequest],
  ["a page before time", '{"type":"history","roomId":"a","before":-1}', badRequest],
  ["a page of nothing", '{"type":"history","roomId":"a","limit":0}', badRequest],
];

Deno.test("whatever a text frame holds has one answer, and nobody else notices", async (t) => {
  await using server = await TestServer.start();
  await using witness = await Witness.arrive(server);
  {
    await using stranger = await Peer.signIn(server, "stranger");
    for (const [name, text, answer] of ROWS) {
      await t.step(name, async () => {
        stranger.send(text);
        const said = await stranger.drained();
        assertEquals(said.map((said) => pick(said, answer)), [answer]);
        await witness.isServed();
      });
    }
  }
  await witness.isAlone();
});

Deno.test("names that objects already have are names like any other", async () => {
  await using server = await TestServer.start({ PRESENCE_GRACE_MS: "0" });
  await using witness = await Witness.arrive(server);
  const names = ["__proto__", "constructor", "hasOwnProperty"];
  for (const name of names) {
    await using owner = await Peer.signIn(server, name);
    await using other = await Peer.signIn(server, "other");
    assertEquals((await owner.join(name)).roomId, name);
    await other.join(name);
    const said = { type: "chat", roomId: name, content: name, id: name };
    owner.send(said);
    const { seq, userId, username, content } = await other.next("chat");
    assertEquals({ seq, userId, username, content }, { seq: 1, userId: name, username: name, content: name });
    owner.send(said);
    assertEquals((await owner.next("ack", (ack) => ack.duplicate === true)).seq, 1);
    const { members } = await other.ask({ type: "members", roomId: name });
    assertEquals(
      (members as { userId: string }[]).map(({ userId }) => userId).sort(),
      [name, "other"].sort(),
    );
    const { history } = await other.ask({ type: "history", roomId: name });
    assertEquals((history as Said[]).map(({ id }) => id), [name]);
  }
  await using late = await Peer.signIn(server, "late");
  const { rooms } = await late.ask({ type: "rooms" });
  assertEquals((rooms as { roomId: string }[]).map(({ roomId }) => roomId).sort(), names.toSorted());
  late.close();
  await late.closed;
  await witness.isAlone();
});

Deno.test("who has not signed in is told nothing, whatever they say", async (t) => {
  await using server = await TestServer.start();
  await using witness = await Witness.arrive(server);
  const texts = [
    "{nope",
    "",
    deepArray,
    "ping",
    '{"type":"ping"}',
    '{"type":"auth"}',
    '{"type":"auth","token":1}',
  ];
  for (const text of [...texts, "x".repeat(100_000)]) {
    await t.step(`${text.slice(0, 40)} (${text.length})`, async () => {
      await using stranger = await Peer.open(server);
      stranger.send(text, { type: "join", roomId: "general" });
      assertEquals(await stranger.closed, { code: 1008, reason: "Authentication required" });
      assertEquals(stranger.frames, []);
    });
  }
  await t.step("a binary frame", async () => {
    await using stranger = await Peer.open(server);
    stranger.sendBytes(new Uint8Array(16));
    assertEquals(await stranger.closed, { code: 1008, reason: "Authentication required" });
  });
  await witness.isAlone();
});

Deno.test("a token that is none is refused in the same words wherever it stands", async (t) => {
  await using server = await TestServer.start();
  await using witness = await Witness.arrive(server);
  const tokens = [
    ...[
      "x",
      "a.b.c",
      "...",
      "__proto__",
      "e30.e30.e30",
      "%00",
      "a".repeat(9_000),
      "\u{1f600}.\u{1f600}.\u{1f600}",
    ],
    ...[
      deepArray.slice(0, 4_000),
      '{"alg":"HS256"}',
      '{"alg":"none"}',
      '{"__proto__":{"alg":"HS256"}}',
      "null",
    ]
      .map((header) => `${toBase64Url(header)}.${toBase64Url('{"sub":"x"}')}.AAAA`),
  ];
  for (const token of tokens) {
    await t.step(`${token.slice(0, 40)} (${token.length})`, async () => {
      const ways = [{ path: `/ws?token=${encodeURIComponent(token)}` }];
      if (/^[\w.-]+$/.test(token)) {
        ways.push({ path: "/ws", protocols: ["parley.v1", `bearer.${token}`] } as never);
      }
      for (const way of ways) {
        await using stranger = await Peer.open(server, way);
        assertEquals(await stranger.closed, { code: 1008, reason: "Invalid token" });
      }
      await using stranger = await Peer.open(server);
      stranger.send({ type: "auth", token });
      assertEquals(await stranger.closed, { code: 1008, reason: "Invalid token" });
    });
  }
  await witness.isAlone();
});

function pick(said: Said, like: Partial<Said>): Partial<Said> {
  return Object.fromEntries(Object.keys(like).map((key) => [key, said[key]])) as Partial<Said>;
}

function toBase64Url(text: string): string {
  return new TextEncoder().encode(text).toBase64({ alphabet: "base64url", omitPadding: true });
}
