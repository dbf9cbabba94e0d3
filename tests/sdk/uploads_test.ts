import { assert, assertEquals, assertRejects } from "@std/assert";
import { createHash } from "node:crypto";
import { ParleyError, type Room } from "../../static/sdk/mod.ts";
import { joined, page } from "./support/chat_messages.ts";
import type { FakeSocket, SentCommand } from "./support/fake_socket.ts";
import { joinedRoom, reconnected, testClient } from "./support/test_client.ts";

const CHUNK_BYTES = 4;
const text = "0123456789abcdefghij";

function file(content = text, name = "a.txt"): File {
  return new File([content], name, { type: "text/plain" });
}

/** Lets the client's own work, such as reading and hashing, come to rest. */
async function settle(test: ReturnType<typeof testClient>, isThere: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2_000 && !isThere(); turn++) {
    // Reading a file takes turns of the real event loop, which no clock of ours moves.
    await new Blob(["x"]).arrayBuffer();
    await test.time.tickAsync(0);
  }
  assert(isThere());
}

async function nextCommand(
  test: ReturnType<typeof testClient>,
  socket: FakeSocket,
  type: string,
  count = 1,
): Promise<SentCommand> {
  const found = () => socket.sent.filter((command) => command.type === type);
  await settle(test, () => found().length >= count);
  return found()[count - 1];
}

function ready(socket: FakeSocket, { id }: SentCommand, more: object = {}): void {
  const usual = { fileId: "f1", handle: 7, offset: 0, chunkBytes: CHUNK_BYTES, window: 2 };
  socket.receive({ type: "file_ready", id, ...usual, ...more });
}

function readChunk(frame: Uint8Array): { handle: number; offset: number; text: string } {
  const view = new DataView(frame.buffer);
  return {
    handle: view.getUint32(0),
    offset: Number(view.getBigUint64(4)),
    text: new TextDecoder().decode(frame.subarray(12)),
  };
}

/** Confirms each piece as it comes, up to so many pieces. */
async function confirmAll(test: ReturnType<typeof testClient>, socket: FakeSocket, pieces: number) {
  for (let at = 0; at < pieces; at++) {
    await settle(test, () => socket.chunks.length > at);
    const { offset, text } = readChunk(socket.chunks[at]);
    socket.receive({ type: "file_progress", fileId: "f1", offset: offset + text.length });
  }
}

async function rejoin(test: ReturnType<typeof testClient>, room: Room): Promise<FakeSocket> {
  const socket = await reconnected(test);
  const join = socket.takeSent().find(({ type }) => type === "join")!;
  socket.receive(page([], room.seq, { recovered: true }), joined(join.id, room.seq));
  await test.time.runMicrotasks();
  return socket;
}

Deno.test("sendFile() announces the file, sends its pieces within the window, and ends it", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test);
  const told: number[] = [];
  const sending = room.sendFile(file(), { content: "look", onProgress: (sent) => told.push(sent) });
  const begin = await nextCommand(test, socket, "file_begin");
  assertEquals([begin.roomId, begin.name, begin.size, begin.mime], ["general", "a.txt", 20, "text/plain"]);
  assertEquals(begin.sha256, createHash("sha256").update(text).digest("hex"));
  ready(socket, begin);
  await settle(test, () => socket.chunks.length === 2);
  await settle(test, () => sending.status === "sending");
  assertEquals(socket.chunks.map(readChunk), [
    { handle: 7, offset: 0, text: "0123" },
    { handle: 7, offset: 4, text: "4567" },
  ]);
  await confirmAll(test, socket, 5);
  assertEquals(told, [4, 8, 12, 16, 20]);
  const end = await nextCommand(test, socket, "file_end");
  assertEquals([end.id, end.content, sending.status], [begin.id, "look", "checking"]);
  socket.receive({ type: "ack", id: end.id, roomId: "general", seq: 1, timestamp: 1 });
  assertEquals((await sending.done).seq, 1);
  assertEquals([sending.status, sending.sentBytes], ["sent", 20]);
});

Deno.test("A file goes on where the server stands after a lost connection, under the same id", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test);
  const sending = room.sendFile(file());
  const begin = await nextCommand(test, socket, "file_begin");
  ready(socket, begin);
  await confirmAll(test, socket, 2);
  const again = await rejoin(test, room);
  const second = await nextCommand(test, again, "file_begin");
  assertEquals([second.id, second.sha256], [begin.id, begin.sha256]);
  ready(again, second, { handle: 9, offset: 12 });
  await confirmAll(test, again, 2);
  assertEquals(again.chunks.map(readChunk), [
    { handle: 9, offset: 12, text: "cdef" },
    { handle: 9, offset: 16, text: "ghij" },
  ]);
  const end = await nextCommand(test, again, "file_end");
  again.receive({ type: "ack", id: end.id, roomId: "general", seq: 1, timestamp: 1, duplicate: true });
  await sending.done;
});

Deno.test("A file that the server has already is not sent again", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test);
  room.sendFile(file());
  ready(socket, await nextCommand(test, socket, "file_begin"), { offset: 20 });
  await nextCommand(test, socket, "file_end");
  assertEquals(socket.chunks, []);
});

Deno.test("What the server refuses fails with its code, and can be tried again", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test);
  const sending = room.sendFile(file());
  const { id } = await nextCommand(test, socket, "file_begin");
  socket.receive({ type: "error", code: "limit_exceeded", message: "Too much", id });
  const error = await assertRejects(() => sending.done, ParleyError);
  assertEquals([error.code, sending.status, room.files.length], ["limit_exceeded", "failed", 1]);
  sending.retry();
  assertEquals(sending.status, "waiting");
  ready(socket, await nextCommand(test, socket, "file_begin", 2));
  await settle(test, () => socket.chunks.length === 2);
  // A refusal in the middle answers no command, and is no error of the client's.
  const errors: string[] = [];
  test.client.addEventListener("error", ({ detail }) => errors.push(detail.code));
  socket.receive({ type: "error", code: "file_rejected", message: "No", id, roomId: "general" });
  await assertRejects(() => sending.done, ParleyError, "No");
  assertEquals(errors, []);
});

Deno.test("A server that is busy is asked again by itself", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test);
  const sending = room.sendFile(file());
  const { id } = await nextCommand(test, socket, "file_begin");
  socket.receive({ type: "error", code: "rate_limited", message: "Slow", id, retryAfterMs: 3_000 });
  await test.time.tickAsync(2_999);
  assertEquals([sending.status, socket.sent.filter(({ type }) => type === "file_begin").length], [
    "waiting",
    1,
  ]);
  await test.time.tickAsync(1);
  await nextCommand(test, socket, "file_begin", 2);
});

Deno.test("A paused file sends nothing until it is resumed, and goes on where the server stands", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test);
  const sending = room.sendFile(file());
  ready(socket, await nextCommand(test, socket, "file_begin"));
  await settle(test, () => socket.chunks.length === 2);
  sending.pause();
  await confirmAll(test, socket, 2);
  await test.time.tickAsync(20_000);
  assertEquals([socket.chunks.length, sending.status, sending.sentBytes], [2, "paused", 8]);
  sending.resume();
  ready(socket, await nextCommand(test, socket, "file_begin", 2), { handle: 8, offset: 8 });
  await confirmAll(test, socket, 5);
  assertEquals(readChunk(socket.chunks[2]), { handle: 8, offset: 8, text: "89ab" });
  await nextCommand(test, socket, "file_end");
});

Deno.test("A file that is paused and resumed while it is hashed or announced is sent once", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test);
  const sending = room.sendFile(file());
  sending.pause();
  sending.resume();
  ready(socket, await nextCommand(test, socket, "file_begin"));
  sending.pause();
  sending.resume();
  ready(socket, await nextCommand(test, socket, "file_begin", 2));
  await confirmAll(test, socket, 5);
  await nextCommand(test, socket, "file_end");
  assertEquals(socket.chunks.length, 5);
});

Deno.test("Paused files keep no others waiting, and wait themselves once they are resumed", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test);
  const send = (name: string) => room.sendFile(file(text, name));
  const paused = ["a", "b", "c"].map(send);
  for (const at of [1, 2, 3]) ready(socket, await nextCommand(test, socket, "file_begin", at));
  await settle(test, () => paused.every(({ status }) => status === "sending"));
  for (const each of paused) each.pause();
  const others = ["d", "e", "f"].map(send);
  await nextCommand(test, socket, "file_begin", 6);
  paused[0].resume();
  await test.time.tickAsync(1_000);
  assertEquals([paused[0].status, paused[1].status], ["waiting", "paused"]);
  others[1].pause();
  ready(socket, { id: others[1].id } as SentCommand);
  assertEquals((await nextCommand(test, socket, "file_begin", 7)).name, "a");
});

Deno.test("A paused file is taken back when it is cancelled, and fails when the client stops", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test);
  const [first, second] = ["a", "b"].map((name) => room.sendFile(file(text, name)));
  for (const at of [1, 2]) ready(socket, await nextCommand(test, socket, "file_begin", at));
  await settle(test, () => second.status === "sending");
  first.pause();
  second.pause();
  first.cancel();
  await test.time.tickAsync(1_000);
  const aborts = socket.sent.filter(({ type }) => type === "file_abort");
  assertEquals([first.status, aborts.map(({ id }) => id)], ["cancelled", [first.id]]);
  test.client.close();
  assertEquals((await assertRejects(() => second.done, ParleyError)).code, "closed");
});

Deno.test("A cancelled file is taken back, and its room forgets it", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test);
  const ending = new AbortController();
  const sending = room.sendFile(file(), { signal: ending.signal });
  const { id } = await nextCommand(test, socket, "file_begin");
  ready(socket, { id } as SentCommand);
  await settle(test, () => socket.chunks.length === 2);
  ending.abort();
  assertEquals((await nextCommand(test, socket, "file_abort")).id, id);
  socket.receive({ type: "ok", id });
  assertEquals((await assertRejects(() => sending.done, ParleyError)).code, "cancelled");
  assertEquals([sending.status, room.files], ["cancelled", []]);
});

Deno.test("Three files go at once, and the next one when one of them has ended", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test);
  const all = ["a", "b", "c", "d"].map((name) => room.sendFile(file(text, name)));
  await nextCommand(test, socket, "file_begin", 3);
  assertEquals(all.map(({ status }) => status).at(-1), "waiting");
  assertEquals(socket.sent.filter(({ type }) => type === "file_begin").length, 3);
  all[0].cancel();
  ready(socket, { id: all[0].id } as SentCommand);
  assertEquals((await nextCommand(test, socket, "file_begin", 4)).name, "d");
});

Deno.test("A file over the server's limit, or one that cannot be read, fails before anything is sent", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test);
  const large = room.sendFile(file("x".repeat(1_000_001)));
  assertEquals((await assertRejects(() => large.done, ParleyError)).code, "file_too_large");
  const gone = file();
  Object.defineProperty(gone, "arrayBuffer", { value: () => Promise.reject(new Error("gone")) });
  const lost = room.sendFile(gone);
  assertEquals((await assertRejects(() => lost.done, ParleyError)).code, "file_unreadable");
  assertEquals(socket.sent.filter(({ type }) => type.startsWith("file")), []);
});

Deno.test("Nothing is sent while much still waits to leave this machine", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test);
  socket.bufferedAmount = 600_000;
  room.sendFile(file());
  ready(socket, await nextCommand(test, socket, "file_begin"));
  await test.time.tickAsync(1_000);
  assertEquals(socket.chunks.length, 0);
  socket.bufferedAmount = 0;
  await test.time.tickAsync(20);
  await settle(test, () => socket.chunks.length === 2);
});

Deno.test("A server that confirms nothing is asked where it stands", async () => {
  using test = testClient();
  const { socket, room } = await joinedRoom(test);
  room.sendFile(file());
  ready(socket, await nextCommand(test, socket, "file_begin"));
  await settle(test, () => socket.chunks.length === 2);
  for (let second = 0; second < 31; second++) {
    await test.time.tickAsync(1_000);
    socket.receiveText("pong");
  }
  await test.time.tickAsync(1_000);
  await nextCommand(test, socket, "file_begin", 2);
});
