import { assert, assertEquals } from "@std/assert";
import { stub } from "@std/testing/mock";
import { Connection } from "../../lib/connection/connection.ts";
import { FakeSocket, makeIdentity, openParts, settled } from "../connection/fakes.ts";
import { Peer } from "../support/peer.ts";
import {
  concatBytes,
  encodeClose,
  encodeFrame,
  encodeHead,
  HANDSHAKE_HEADERS,
  RawSocket,
} from "../support/raw_socket.ts";
import { makeToken, TestServer } from "../support/server.ts";
import { readSurprises, Witness } from "./witness.ts";

/** How a peer goes: without looking, with an ear still open, or with a reset while the server is speaking. */
type Way = "goes" | "stops sending" | "is reset";

const token = await makeToken("stranger");
const hello = encodeHead(`GET /ws HTTP/1.1`, HANDSHAKE_HEADERS);
const helloWithToken = encodeHead(`GET /ws?token=${token} HTTP/1.1`, HANDSHAKE_HEADERS);
const auth = text({ type: "auth", token });
const join = text({ type: "join", roomId: "general", id: "1" });
const chat = text({ type: "chat", roomId: "general", id: "2", content: "x".repeat(1_000) });
const leave = text({ type: "leave", roomId: "general", id: "3" });

/** What a peer has sent by the time it is gone. */
const STAGES: readonly (readonly [name: string, ...sent: (string | Uint8Array)[]])[] = [
  ["before it has sent anything"],
  ["inside the request line", hello.slice(0, 7)],
  ["inside a header", hello.slice(0, 40)],
  ["before the last line break of the handshake", hello.slice(0, -1)],
  ["behind the handshake", hello],
  ["behind a handshake with a token", helloWithToken],
  ["inside the command that signs it in", hello, auth.subarray(0, 30)],
  ["while it is being signed in", hello, auth],
  ["while it is being seated", hello, auth, join],
  ["while it is being seated in many rooms", helloWithToken, ...numberedJoins(30)],
  ["while its message is being stored", helloWithToken, join, chat],
  ["while it is leaving", helloWithToken, join, leave],
  ["while it is coming back", helloWithToken, join, leave, join, leave, join],
  ["inside the header of a frame", helloWithToken, join, chat.subarray(0, 3)],
  ["inside a frame", helloWithToken, join, chat.subarray(0, 500)],
  ["between two fragments", helloWithToken, join, encodeFrame({ opcode: 1, payload: "{", isFinal: false })],
  ["inside a close frame", helloWithToken, join, encodeClose(1000, "good-bye").subarray(0, 9)],
  ["behind a close frame", helloWithToken, join, encodeClose(1000)],
];

for (const way of ["goes", "stops sending", "is reset"] as const) {
  Deno.test(`a peer that ${way} at any moment leaves nothing behind`, async (t) => {
    const folder = await Deno.makeTempDir();
    {
      await using server = await TestServer.start({
        STORE: `sqlite:${folder}/log.db`,
        PRESENCE_GRACE_MS: "0",
        MAX_CONNECTIONS_PER_USER: "5",
      });
      await using witness = await Witness.arrive(server);
      for (const [name, ...sent] of STAGES) {
        await t.step(name, async () => {
          await Promise.all(Array.from({ length: 5 }, () => vanish(server.port, sent, way)));
          await witness.isAlone();
        });
      }
      // The stranger may have five connections at once, so none of those that are gone can still count.
      await using stranger = await Peer.signIn(server, "stranger");
      assertEquals((await stranger.join("general")).members, 1);
    }
    await Deno.remove(folder, { recursive: true });
  });
}

Deno.test("a reader that goes while much is on its way to it leaves nothing behind", async () => {
  await using server = await TestServer.start({ PRESENCE_GRACE_MS: "0" });
  await using witness = await Witness.arrive(server);
  await using speaker = await Peer.signIn(server, "speaker");
  await speaker.join("general");
  for (const way of ["goes", "is reset"]) {
    const reader = await RawSocket.open(server.port, `/ws?token=${token}`);
    await reader.hear("welcome");
    await reader.write(join);
    await speaker.next("system", ({ event }) => event === "join");
    for (let i = 0; i < 7; i++) {
      for (let j = 0; j < 10; j++) {
        speaker.send({ type: "chat", roomId: "general", content: "x".repeat(60_000) });
      }
      await speaker.drained();
    }
    if (way === "is reset") await reader.readByte();
    reader.close();
    assertEquals((await speaker.next("system", ({ event }) => event === "leave")).members, 1);
  }
  speaker.close();
  await speaker.closed;
  await witness.isAlone();
});

Deno.test("a peer that does not answer the end is cut off", async (t) => {
  await using server = await TestServer.start({ AUTH_TIMEOUT_MS: "50", HEARTBEAT_MS: "600" });
  await using witness = await Witness.arrive(server);
  await t.step("and says nothing", async () => {
    using peer = await RawSocket.open(server.port);
    assertEquals((await peer.readToEnd()).map(({ opcode }) => opcode), [8]);
  });
  await t.step("and goes on with a message without an end", async () => {
    using peer = await RawSocket.open(server.port);
    const fragment = (opcode: number) => encodeFrame({ opcode, payload: "x".repeat(1_000), isFinal: false });
    await peer.write(fragment(1));
    let count = 0;
    while (await peer.write(fragment(0))) count++;
    assert(count > 0);
  });
  await t.step("and has gone to sleep", async () => {
    using peer = await RawSocket.open(server.port, `/ws?token=${token}`);
    await peer.hear("welcome");
    await witness.isAlone();
  });
  await witness.isAlone();
});

Deno.test("a socket that closes, errs and speaks more often than it should is gone once", async () => {
  const sockets: WebSocket[] = [];
  const upgrade = Deno.upgradeWebSocket;
  using _ = stub(Deno, "upgradeWebSocket", (request: Request, options?: Deno.UpgradeWebSocketOptions) => {
    const upgraded = upgrade(request, options);
    sockets.push(upgraded.socket);
    return upgraded;
  });
  await using server = await TestServer.start({ PRESENCE_GRACE_MS: "0" });
  await using witness = await Witness.arrive(server);
  await using ann = await Peer.signIn(server, "ann");
  await ann.join("general");
  await using bob = await Peer.signIn(server, "bob");
  await bob.join("general");
  const socket = sockets.at(-1)!;
  const gone = Promise.withResolvers<void>();
  socket.addEventListener("close", () => gone.resolve());
  bob.close();
  await gone.promise;
  socket.dispatchEvent(new CloseEvent("close", { code: 1005 }));
  socket.dispatchEvent(new ErrorEvent("error", { message: "again" }));
  socket.dispatchEvent(new MessageEvent("message", { data: '{"type":"join","roomId":"general"}' }));
  socket.dispatchEvent(new MessageEvent("message", { data: new Blob(["x"]) }));
  socket.dispatchEvent(new Event("open"));
  socket.dispatchEvent(new CloseEvent("close", { code: 1001 }));
  const told = (await ann.drained()).filter(({ type }) => type === "system");
  assertEquals(told.map(({ event, userId }) => [event, userId]), [["join", "bob"], ["leave", "bob"]]);
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  const closed = metrics.match(/^parley_closed_total\{.* [1-9]\d*$/gm);
  assertEquals(closed, ['parley_closed_total{code="1005"} 1']);
  assertEquals(await readSurprises(server), []);
  ann.close();
  await ann.closed;
  await witness.isAlone();
});

Deno.test("a socket whose peer went before its handshake was answered is not counted for ever", async () => {
  using kit = await openParts();
  const { connections, metrics } = kit.parts;
  const socket = new FakeSocket();
  socket.readyState = WebSocket.CONNECTING;
  const identify = () => Promise.resolve(makeIdentity("stranger"));
  const connection = new Connection(socket as unknown as WebSocket, identify, true, kit.parts);
  connection.check(Date.now() + 4_000);
  assertEquals([connections.size, metrics.unopened.value], [1, 0]);
  connection.check(Date.now() + 6_000);
  assertEquals([connections.size, metrics.unopened.value], [0, 1]);
  // It opens after all.
  socket.readyState = WebSocket.OPEN;
  socket.onopen();
  await settled();
  assertEquals([socket.sent, socket.readyState], [[], WebSocket.CLOSING]);
  socket.onclose({ code: 1006 });
  assertEquals([connections.size, kit.surprises], [0, []]);
});

/** Sends all of it, and is gone. */
async function vanish(port: number, sent: readonly (string | Uint8Array)[], way: Way): Promise<void> {
  using peer = await RawSocket.connect(port);
  await peer.write(concatBytes(...sent.map(toBytes)));
  const isAnswered = sent[0] === hello || sent[0] === helloWithToken;
  // Closing a connection with something unread resets it (RFC 1122 §4.2.2.13).
  if (way === "is reset" && isAnswered) await peer.readByte();
  if (way !== "stops sending") return;
  await peer.closeWrite();
  await peer.readRest();
}

function toBytes(data: string | Uint8Array): Uint8Array {
  return typeof data === "string" ? new TextEncoder().encode(data) : data;
}

function text(command: object): Uint8Array<ArrayBuffer> {
  return encodeFrame({ opcode: 1, payload: JSON.stringify(command) });
}

function numberedJoins(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => text({ type: "join", roomId: `room ${i}` }));
}
