import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { writeChunk } from "../../lib/protocol/chunk.ts";
import { beginFile, makeFile, randomBytes, sendChunks, sendFile, sha256 } from "../support/file_sender.ts";
import { Peer, type Said } from "../support/peer.ts";
import { makeToken, TestServer } from "../support/server.ts";

const MiB = 1 << 20;

type FileMessage = Said & { file: { fileId: string; name: string; size: number; mime: string; url: string } };

/** Joins `general` as somebody. */
async function enter(server: TestServer, userId: string, roomId = "general"): Promise<Peer> {
  const peer = await Peer.signIn(server, userId);
  await peer.join(roomId);
  return peer;
}

async function nextFile(peer: Peer): Promise<FileMessage> {
  return await peer.next("chat", ({ file }) => file !== undefined) as FileMessage;
}

async function fetchBytes(server: TestServer, url: string): Promise<Uint8Array> {
  const response = await fetch(server.url + url);
  assertEquals(response.status, 200);
  return await response.bytes();
}

async function fetchAs(server: TestServer, userId: string, fileId: string): Promise<number> {
  const headers = { authorization: `Bearer ${await makeToken(userId)}` };
  const response = await fetch(`${server.url}/files/${fileId}`, { headers });
  await response.body?.cancel();
  return response.status;
}

Deno.test("a file goes over the socket to everybody in the room, and comes down as it was", async () => {
  await using server = await TestServer.start();
  await using ann = await enter(server, "ann");
  await using bob = await enter(server, "bob");
  const file = makeFile(MiB + 17, { name: "日本 photo.png", mime: "image/png" });
  const ready = await beginFile(ann, file);
  assertEquals(ready.type, "file_ready");
  assertEquals([ready.offset, ready.chunkBytes, ready.window], [0, 262_144, 8]);
  await sendChunks(ann, ready, file);
  const ack = await ann.ask({ type: "file_end", id: file.id, content: "look" });
  assertEquals([ack.type, ack.roomId, ack.seq, ack.duplicate], ["ack", "general", 1, undefined]);
  for (const peer of [ann, bob]) {
    const { id, seq, userId, content, file: said } = await nextFile(peer);
    assertEquals([id, seq, userId, content], [file.id, 1, "ann", "look"]);
    const { name, size, mime, fileId } = said;
    assertEquals([name, size, mime, fileId], ["日本 photo.png", MiB + 17, "image/png", ready.fileId]);
    assertEquals(sha256(await fetchBytes(server, said.url)), sha256(file.bytes));
  }
});

Deno.test("a file reaches all devices of somebody who has closed the conversation of two", async () => {
  await using server = await TestServer.start();
  await using ann = await Peer.signIn(server, "ann");
  await using bob = await Peer.signIn(server, "bob");
  const { roomId } = await ann.ask({ type: "dm", to: "bob", content: "hello" }) as Said & { roomId: string };
  await bob.next("chat");
  assertEquals((await bob.ask({ type: "leave", roomId })).type, "left");
  await using phone = await Peer.signIn(server, "bob");
  const file = makeFile(1000, { roomId });
  await sendFile(ann, file, "look");
  for (const peer of [ann, bob, phone]) {
    const { content, seq, file: said } = await nextFile(peer);
    assertEquals([content, seq], ["look", 2]);
    assertEquals(await fetchAs(server, "bob", said.fileId), 200);
  }
});

Deno.test("history and search carry the file with a link that works", async () => {
  await using server = await TestServer.start();
  await using ann = await enter(server, "ann");
  const file = makeFile(1000, { name: "notes.txt", mime: "text/plain" });
  await sendFile(ann, file, "searchable words");
  await using bob = await Peer.signIn(server, "bob");
  bob.send({ type: "join", roomId: "general" });
  const [message] = (await bob.next("room_history")).history as FileMessage[];
  assertEquals(await fetchBytes(server, message.file.url), file.bytes);
  const found = await bob.ask({ type: "search", query: "searchable" });
  const [result] = found.results as FileMessage[];
  assertEquals(await fetchBytes(server, result.file.url), file.bytes);
});

Deno.test("an upload goes on where it was cut off, on a new connection", async () => {
  await using server = await TestServer.start();
  const file = makeFile(2 * MiB + 5);
  for (const cut of [1, 262_144, 300_000, MiB]) {
    await using ann = await enter(server, "ann");
    const ready = await beginFile(ann, file);
    await sendChunks(ann, ready, file, cut);
  }
  await using ann = await enter(server, "ann");
  const ready = await beginFile(ann, file);
  assertEquals(ready.offset, MiB);
  await sendChunks(ann, ready, file);
  assertEquals((await ann.ask({ type: "file_end", id: file.id })).type, "ack");
  const { file: { url } } = await nextFile(ann);
  assertEquals(sha256(await fetchBytes(server, url)), sha256(file.bytes));
});

Deno.test("a new connection takes an upload from one that is still there", async () => {
  await using server = await TestServer.start();
  const file = makeFile(MiB);
  await using ann = await enter(server, "ann");
  const first = await beginFile(ann, file);
  await sendChunks(ann, first, file, 262_144);
  await using again = await enter(server, "ann");
  const second = await beginFile(again, file);
  assertEquals([second.offset, second.fileId], [262_144, first.fileId]);
  const late = { handle: first.handle as number, offset: 262_144, data: randomBytes(1000) };
  ann.sendBytes(writeChunk(late)); // Was on its way: neither kept nor an error.
  assertEquals((await ann.drained()).filter(({ type }) => type === "error"), []);
  await sendChunks(again, second, file);
  assertEquals((await again.ask({ type: "file_end", id: file.id })).type, "ack");
  const { file: { url } } = await nextFile(again);
  assertEquals(sha256(await fetchBytes(server, url)), sha256(file.bytes));
});

Deno.test("an upload goes on after a restart of the server", async () => {
  const folder = await Deno.makeTempDir();
  const file = makeFile(MiB + 1);
  {
    await using server = await TestServer.start({ FILES_DIR: folder });
    await using ann = await enter(server, "ann");
    await sendChunks(ann, await beginFile(ann, file), file, 600_000);
  }
  await using server = await TestServer.start({ FILES_DIR: folder });
  await using ann = await enter(server, "ann");
  const ready = await beginFile(ann, file);
  assertEquals(ready.offset, 600_000);
  await sendChunks(ann, ready, file);
  assertEquals((await ann.ask({ type: "file_end", id: file.id })).type, "ack");
  const { file: { url } } = await nextFile(ann);
  assertEquals(sha256(await fetchBytes(server, url)), sha256(file.bytes));
  await Deno.remove(folder, { recursive: true });
});

Deno.test("an upload goes on after a restart without joining again, and its message with file is there after the next", async () => {
  const folder = await Deno.makeTempDir();
  const settings = { FILES_DIR: `${folder}/files`, STORE: `sqlite:${folder}/parley.db` };
  const file = makeFile(500_000);
  {
    await using server = await TestServer.start(settings);
    await using ann = await enter(server, "ann");
    await sendChunks(ann, await beginFile(ann, file), file, 300_000);
  }
  {
    await using server = await TestServer.start(settings);
    await using ann = await Peer.signIn(server, "ann");
    const ready = await beginFile(ann, file);
    assertEquals(ready.offset, 300_000);
    await sendChunks(ann, ready, file);
    assertEquals((await ann.ask({ type: "file_end", id: file.id })).type, "ack");
  }
  await using server = await TestServer.start(settings);
  await using ann = await Peer.signIn(server, "ann");
  const page = await ann.ask({ type: "history", roomId: "general" });
  const [message] = page.history as FileMessage[];
  assertEquals(sha256(await fetchBytes(server, message.file.url)), sha256(file.bytes));
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a large file arrives bit by bit through twenty cut connections", async () => {
  await using server = await TestServer.start();
  const file = makeFile(20 * MiB);
  for (let i = 1; i <= 20; i++) {
    await using ann = await enter(server, "ann");
    const ready = await beginFile(ann, file);
    await sendChunks(ann, ready, file, i * MiB - 12_345);
    // More is on its way when the connection goes.
    const offset = i * MiB - 12_345;
    ann.sendBytes(
      writeChunk({ handle: ready.handle as number, offset, data: file.bytes.subarray(offset, offset + 777) }),
    );
  }
  await using ann = await enter(server, "ann");
  const ready = await beginFile(ann, file);
  assert(ready.offset as number >= 20 * MiB - 12_345);
  await sendChunks(ann, ready, file);
  assertEquals((await ann.ask({ type: "file_end", id: file.id })).type, "ack");
  const { file: { url } } = await nextFile(ann);
  assertEquals(sha256(await fetchBytes(server, url)), sha256(file.bytes));
});

Deno.test("an answer that was lost is asked for again, and the file stands in the room once", async () => {
  await using server = await TestServer.start();
  await using ann = await enter(server, "ann");
  const file = makeFile(5000);
  const first = await sendFile(ann, file);
  await using again = await enter(server, "ann");
  const ready = await beginFile(again, file);
  assertEquals(ready.offset, 5000);
  const second = await again.ask({ type: "file_end", id: file.id });
  assertEquals([second.seq, second.timestamp, second.duplicate], [first.seq, first.timestamp, true]);
  const { history } = await again.ask({ type: "history", roomId: "general" });
  assertEquals((history as unknown[]).length, 1);
});

Deno.test("a file that is not the one announced is refused, and nothing of it is kept", async () => {
  await using server = await TestServer.start();
  await using ann = await enter(server, "ann");
  const file = makeFile(300_000);
  const ready = await beginFile(ann, file, { sha256: sha256(randomBytes(10)) });
  await sendChunks(ann, ready, file);
  assertEquals((await ann.ask({ type: "file_end", id: file.id })).code, "file_rejected");
  assertEquals(await fetchAs(server, "ann", ready.fileId as string), 404);
  const again = await beginFile(ann, file);
  assertEquals(again.offset, 0);
  await sendChunks(ann, again, file, 100_000);
  assertEquals((await ann.ask({ type: "file_end", id: file.id })).code, "file_rejected", "too short");
  assertEquals((await beginFile(ann, file)).offset, 0);
});

Deno.test("who knows a hash gets nothing by it, unless they may read the file anyway", async () => {
  await using server = await TestServer.start();
  await using ann = await enter(server, "ann");
  await using bob = await enter(server, "bob");
  const file = makeFile(400_000, { name: "secret.bin" });
  await sendFile(ann, file);
  await using eve = await enter(server, "eve", "elsewhere");
  const stranger = { ...file, id: "e1", roomId: "elsewhere" };
  assertEquals((await beginFile(eve, stranger)).offset, 0);
  assertEquals((await eve.ask({ type: "file_end", id: "e1" })).code, "file_rejected");

  await bob.join("elsewhere");
  const copy = { ...file, id: "b1", roomId: "elsewhere", name: "mine.bin" };
  const ready = await beginFile(bob, copy);
  assertEquals(ready.offset, 400_000);
  assertEquals((await bob.ask({ type: "file_end", id: "b1" })).type, "ack");
  const { file: { url, name, fileId } } = await nextFile(eve);
  assertEquals(name, "mine.bin");
  assertEquals(await fetchBytes(server, url), file.bytes);
  assertEquals(fileId, ready.fileId);
});

Deno.test("a file is posted in another room by who may read it, and by nobody else", async () => {
  await using server = await TestServer.start();
  await using ann = await enter(server, "ann");
  const file = makeFile(100, { name: "plan.pdf", mime: "application/pdf" });
  await sendFile(ann, file);
  const { file: { fileId } } = await nextFile(ann);
  await using eve = await enter(server, "eve", "team");
  const stolen = await eve.ask({ type: "chat", roomId: "team", content: "mine now", fileId });
  assertEquals(stolen.code, "file_rejected");
  assertEquals(
    (await eve.ask({ type: "chat", roomId: "team", content: "?", fileId: "0".repeat(32) })).code,
    "file_rejected",
  );
  assertEquals(await fetchAs(server, "eve", fileId), 404);

  await ann.join("team");
  const shared = await ann.ask({ type: "chat", roomId: "team", content: "see this", fileId });
  assertEquals(shared.type, "ack");
  const told = await nextFile(eve);
  assertEquals([told.content, told.file.fileId, told.file.name], ["see this", fileId, "plan.pdf"]);
  assertEquals(await fetchBytes(server, told.file.url), file.bytes);
  assertEquals(await fetchAs(server, "eve", fileId), 200);
});

Deno.test("who is not in the room, muted or banned sends no file", async () => {
  await using server = await TestServer.start();
  await using ann = await enter(server, "ann");
  await using bob = await enter(server, "bob");
  await using eve = await Peer.signIn(server, "eve");
  assertEquals((await beginFile(eve, makeFile(10))).code, "not_a_member");
  assertEquals((await beginFile(eve, makeFile(10, { roomId: "nowhere" }))).code, "room_not_found");
  const file = makeFile(10);
  await sendChunks(bob, await beginFile(bob, file), file);
  await ann.ask({ type: "moderate", roomId: "general", action: "mute", userId: "bob", seconds: 60 });
  const muted = await bob.ask({ type: "file_end", id: file.id });
  assertEquals(muted.code, "forbidden");
  assert(muted.retryAfterMs as number > 0);
  assertEquals((await beginFile(bob, makeFile(10))).code, "forbidden");
  await ann.ask({ type: "moderate", roomId: "general", action: "ban", userId: "bob" });
  assertEquals((await beginFile(bob, makeFile(10))).code, "forbidden");
});

Deno.test("an upload that is given up leaves nothing behind", async () => {
  await using server = await TestServer.start();
  await using ann = await enter(server, "ann");
  const file = makeFile(MiB);
  const ready = await beginFile(ann, file);
  await sendChunks(ann, ready, file, 500_000);
  const offset = 500_000;
  ann.sendBytes(
    writeChunk({ handle: ready.handle as number, offset, data: file.bytes.subarray(offset, offset + 10) }),
  );
  assertEquals((await ann.ask({ type: "file_abort", id: file.id })).type, "ok");
  ann.sendBytes(writeChunk({ handle: ready.handle as number, offset: offset + 10, data: randomBytes(10) }));
  assertEquals((await ann.ask({ type: "file_end", id: file.id })).code, "bad_request");
  assertEquals((await ann.ask({ type: "file_abort", id: file.id })).code, "bad_request");
  const again = await beginFile(ann, file);
  assertEquals(again.offset, 0);
  assertNotEquals(again.fileId, ready.fileId);
  assertEquals((await ann.drained()).filter(({ type }) => type === "error"), []);
});

Deno.test("a server without files says so", async () => {
  await using server = await TestServer.start({ MAX_FILE_BYTES: "0" });
  await using ann = await Peer.open(server, { protocols: ["parley.v1", `bearer.${await makeToken("ann")}`] });
  const welcome = await ann.next("welcome");
  assertEquals((welcome.limits as Record<string, number>).fileBytes, 0);
  await ann.join("general");
  const refused = await beginFile(ann, makeFile(1));
  assertEquals(refused.code, "file_rejected");
  assertMatch(refused.message as string, /no files/);
});
