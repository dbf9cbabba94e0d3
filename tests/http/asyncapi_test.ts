import { assert, assertEquals } from "@std/assert";
// deno-lint-ignore no-import-prefix -- only this test needs it, so that nobody else has to download it
import { Parser } from "npm:@asyncapi/parser@3.6.3";
import { nameOfCommand, nameOfMessage } from "../../lib/http/asyncapi.ts";
import { COMMANDS, type CommandType } from "../../lib/protocol/commands.ts";
import { writeChunk } from "../../lib/protocol/chunk.ts";
import { MESSAGES, type MessageType } from "../../lib/protocol/messages.ts";
import { API_KEY, ApiClient } from "../support/api_client.ts";
import { sha256 } from "../support/file_sender.ts";
import { Peer, type Said } from "../support/peer.ts";
import { SchemaCheck } from "../support/schema_check.ts";
import { makeToken, TestServer } from "../support/server.ts";

// deno-lint-ignore no-explicit-any -- a document is read as it comes
type Document = any;

const FILE = new TextEncoder().encode("hi");

function fileCommand(id: string, bytes: Uint8Array) {
  const file = { roomId: "den", name: "a.txt", mime: "text/plain" };
  return { id, ...file, size: bytes.length, sha256: sha256(bytes) };
}

/** One good command of every type, in an order in which each is possible. */
const SAMPLES: Record<CommandType, Record<string, unknown>> = {
  auth: {},
  create: { roomId: "den", roomName: "The den", visibility: "private", password: "sesame" },
  join: { roomId: "den", roomName: "Den", password: "sesame", after: 0, epoch: "x" },
  update: { roomId: "den", roomName: "Our den", visibility: "private", password: null },
  invite: { roomId: "den", userId: "bob" },
  chat: { roomId: "den", content: "hi", replyTo: "m" },
  typing: { roomId: "den", isTyping: true },
  history: { roomId: "den", after: 0, before: 9, limit: 5 },
  receipt: { roomId: "den", seq: 1, status: "read" },
  presence: { status: "away" },
  dm: { to: "bob", content: "psst", replyTo: "m" },
  search: { query: "hi", roomId: "den", before: 9_999_999_999_999, limit: 5 },
  file_begin: fileCommand("f", FILE),
  file_end: { id: "f", content: "a file" },
  file_abort: { id: "g" },
  rooms: {},
  members: { roomId: "den" },
  moderate: { roomId: "den", action: "mute", userId: "bob", seconds: 9, reason: "loud" },
  ping: {},
  leave: { roomId: "den" },
};

async function readDocument(server: TestServer): Promise<Document> {
  return (await new ApiClient(server).get("/asyncapi.json")).body;
}

/** Everything that somebody heard, object by object. */
function heardBy(peer: Peer): Said[] {
  return peer.frames.flatMap((frame) => frame.split("\n")).filter((line) => line !== "pong").map((line) =>
    JSON.parse(line)
  );
}

Deno.test("the AsyncAPI document is valid, by AsyncAPI's own parser", async () => {
  await using server = await TestServer.start();
  const { document, diagnostics } = await new Parser().parse(JSON.stringify(await readDocument(server)));
  assertEquals(diagnostics.filter(({ code }) => code !== "asyncapi-latest-version"), []);
  assertEquals(document?.version(), "3.0.0");
});

Deno.test("the document holds every command with its replies, and everything the server says", async () => {
  await using server = await TestServer.start();
  const { channels, operations } = await readDocument(server);
  const names = [
    ...Object.keys(COMMANDS).map((type) => nameOfCommand(type as CommandType)),
    ...Object.keys(MESSAGES).map((type) => nameOfMessage(type as MessageType)),
  ];
  assertEquals(Object.keys(channels.socket.messages), names);
  const actions = Object.values<Document>(operations).map(({ action }) => action);
  assertEquals(actions.filter((action) => action === "receive").length, Object.keys(COMMANDS).length);
  assertEquals(actions.filter((action) => action === "send").length, 1);
});

Deno.test("every command is answered, and every message is said, as the document says", async () => {
  const server = await TestServer.start({ API_KEY, PRESENCE_GRACE_MS: "0" });
  const document = await readDocument(server);
  const check = new SchemaCheck(document);
  const ann = await Peer.signIn(server, "ann");
  const bob = await Peer.signInPlainly(server, "bob");
  const eve = await Peer.signIn(server, "eve", { ttlSeconds: 3 });
  const samples = { ...SAMPLES, auth: { token: await makeToken("ann") } };

  for (const [type, fields] of Object.entries(samples)) {
    const command = { type, ...fields };
    check.assertValid(nameOfCommand(type as CommandType), { id: "x", ...command }, `the sample of ${type}`);
    const reply = await ann.ask(command);
    const names = document.operations[`receive_${type}`].reply.messages.map(({ $ref }: Document) =>
      $ref.split("/").at(-1)
    );
    const name = nameOfMessage(reply.type as MessageType);
    assert(
      reply.type !== "error" && names.includes(name),
      `${type} was answered with ${JSON.stringify(reply)}`,
    );
    if (type === "invite") {
      await bob.join("den");
      await bob.ask({ type: "presence", status: "online" });
    }
    if (type === "file_begin") {
      ann.sendBytes(writeChunk({ handle: reply.handle as number, offset: 0, data: FILE }));
      await ann.next("file_progress");
    }
    if (type === "file_end") {
      await ann.ask({ type: "file_begin", ...fileCommand("g", new TextEncoder().encode("ho")) });
    }
    if (type === "receipt") await bob.ask({ type: "receipt", roomId: "den", seq: 1, status: "delivered" });
    if (type === "presence") await bob.ask({ type: "presence", status: "away" });
    if (type === "typing") await bob.ask({ type: "typing", roomId: "den", isTyping: false });
  }
  const key = ApiClient.withKey(server);
  await key.post("/api/rooms/den/events", { event: "x", data: { a: 1 } });
  await key.post("/api/users/bob/events", { event: "x" });
  await key.post("/api/users/bob/notifications", { title: "x", body: "y", data: 1 });
  assertEquals((await bob.ask({ type: "join", roomId: "dm:a:b" })).code, "room_not_found");
  bob.send("{");
  // Bob has been muted; elsewhere he says something twice, and sees somebody go.
  assert(typeof (await bob.ask({ type: "chat", roomId: "den", content: "hm" })).retryAfterMs === "number");
  for (const peer of [bob, eve]) await peer.join("square");
  const twice = { type: "chat", roomId: "square", content: "hi", id: "twice" };
  bob.send(twice);
  bob.send(twice);
  await eve.next("token_expiring");
  await eve.closed;
  await bob.next("presence", ({ status }) => status === "offline");
  await server.server.drain();
  for (const peer of [ann, bob]) await peer.closed;

  const heard = [ann, bob, eve].flatMap(heardBy);
  for (const said of heard) check.assertValid(nameOfMessage(said.type as MessageType), said, said.type);
  const unheard = Object.keys(MESSAGES).filter((type) => !heard.some((said) => said.type === type));
  assertEquals(unheard, []);
  const fields = Object.keys(MESSAGES).flatMap((type) => {
    const { properties } = document.components.schemas[nameOfMessage(type as MessageType)];
    return Object.keys(properties)
      .filter((field) => !heard.some((said) => said.type === type && said[field] !== undefined))
      .map((field) => `${type}.${field}`);
  });
  assertEquals(fields, []);
  await server[Symbol.asyncDispose]();
});
