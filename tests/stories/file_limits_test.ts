import { assertEquals } from "@std/assert";
import { DiskFiles } from "../../lib/files/disk_files.ts";
import { writeChunk } from "../../lib/protocol/chunk.ts";
import { beginFile, makeFile, randomBytes, sendChunks, sendFile } from "../support/file_sender.ts";
import { Peer } from "../support/peer.ts";
import { makeToken, TestServer } from "../support/server.ts";

async function enter(server: TestServer, userId: string): Promise<Peer> {
  const peer = await Peer.signIn(server, userId);
  await peer.join("general");
  return peer;
}

Deno.test("chunks may be longer than messages, and have a limit of their own", async () => {
  await using server = await TestServer.start({ MAX_MESSAGE_BYTES: "1024" });
  await using ann = await enter(server, "ann");
  assertEquals((await sendFile(ann, makeFile(600_000))).type, "ack");
  const ready = await beginFile(ann, makeFile(600_000));
  ann.sendBytes(writeChunk({ handle: ready.handle as number, offset: 0, data: randomBytes(262_145) }));
  assertEquals((await ann.next("error")).code, "too_large");
  ann.sendBytes(new Uint8Array(4 * 262_156 + 1));
  assertEquals((await ann.closed).code, 1009);
});

Deno.test("a chunk in the wrong place is refused under the upload's id, and what came before can be resumed", async () => {
  await using server = await TestServer.start();
  await using ann = await enter(server, "ann");
  const file = makeFile(600_000);
  const ready = await beginFile(ann, file);
  await sendChunks(ann, ready, file, 100_000);
  ann.sendBytes(writeChunk({ handle: ready.handle as number, offset: 100_001, data: randomBytes(10) }));
  const refused = await ann.next("error");
  assertEquals([refused.code, refused.id, refused.roomId], ["bad_request", file.id, "general"]);
  const again = await beginFile(ann, file);
  assertEquals(again.offset, 100_000);
  await sendChunks(ann, again, file);
  assertEquals((await ann.ask({ type: "file_end", id: file.id })).type, "ack");
});

Deno.test("a binary frame is refused before a file was announced, and ends who has not signed in", async () => {
  await using server = await TestServer.start();
  await using ann = await enter(server, "ann");
  ann.sendBytes(new Uint8Array(20));
  assertEquals((await ann.next("error")).code, "bad_request");
  await using eager = await Peer.open(server, {
    protocols: ["parley.v1", `bearer.${await makeToken("bob")}`],
  });
  eager.sendBytes(new Uint8Array(20));
  await eager.next("welcome");
  assertEquals((await eager.next("error")).code, "bad_request");
  await using stranger = await Peer.open(server);
  stranger.sendBytes(new Uint8Array(20));
  assertEquals(await stranger.closed, { code: 1008, reason: "Authentication required" });
});

Deno.test("files larger than allowed, and more than one person may have, are refused", async () => {
  await using server = await TestServer.start({ MAX_FILE_BYTES: "100000", MAX_USER_FILE_BYTES: "150000" });
  await using ann = await enter(server, "ann");
  assertEquals((await beginFile(ann, makeFile(100_001))).code, "file_rejected");
  const first = makeFile(100_000);
  assertEquals((await sendFile(ann, first)).type, "ack");
  assertEquals((await beginFile(ann, makeFile(50_001))).code, "limit_exceeded");
  const begun = makeFile(30_000);
  assertEquals((await beginFile(ann, begun)).type, "file_ready");
  assertEquals((await beginFile(ann, makeFile(30_000))).code, "limit_exceeded", "what is on its way counts");
  await ann.ask({ type: "file_abort", id: begun.id });
  assertEquals((await sendFile(ann, makeFile(30_000))).type, "ack");
  await using bob = await enter(server, "bob");
  assertEquals((await sendFile(bob, makeFile(100_000))).type, "ack");
});

Deno.test("an id names one upload: not two at once, and not another file afterwards", async () => {
  await using server = await TestServer.start();
  await using ann = await enter(server, "ann");
  await ann.join("team");
  const file = makeFile(1000);
  await beginFile(ann, file);
  assertEquals(
    (await beginFile(ann, { ...makeFile(1000), id: file.id, roomId: "team" })).code,
    "bad_request",
  );
  const other = makeFile(2000, { id: file.id });
  const replaced = await beginFile(ann, other); // Nothing stands in the room yet: they may have changed their mind.
  assertEquals(replaced.offset, 0);
  await sendChunks(ann, replaced, other);
  assertEquals((await ann.ask({ type: "file_end", id: file.id })).type, "ack");
  assertEquals((await beginFile(ann, file)).code, "bad_request");
});

Deno.test("fields of file_begin that make no sense are named", async () => {
  await using server = await TestServer.start();
  await using ann = await enter(server, "ann");
  const wrong: Record<string, unknown[]> = {
    size: [-1, 1.5, "10", null, 2 ** 60],
    sha256: ["", "xyz", "ab".repeat(31), 5],
    mime: ["text", "text/", "/plain", "text/plain\nx", "a b/c", 5],
    name: ["", "a\u0000", 5, "x".repeat(256)],
    roomId: ["", 5],
  };
  for (const [field, values] of Object.entries(wrong)) {
    for (const value of values) {
      const refused = await beginFile(ann, makeFile(10), { [field]: value });
      assertEquals(refused.code, "bad_request", `${field} ${value}`);
      assertEquals((refused.message as string).startsWith(field), true, refused.message as string);
    }
  }
  ann.send({ type: "file_begin", roomId: "general" });
  assertEquals((await ann.next("error")).message, "id required");
});

Deno.test("what is said while a file is checked does not wait for it", async () => {
  await using server = await TestServer.start();
  await using ann = await enter(server, "ann");
  const file = makeFile(8 << 20);
  await sendChunks(ann, await beginFile(ann, file), file);
  ann.send({ type: "file_end", id: file.id }, { type: "ping", id: "p" });
  const first = await ann.next(undefined, ({ id }) => id === "p" || id === file.id);
  assertEquals(first.type, "pong");
  await ann.next("ack");
});

Deno.test("every message with a file is noted with the file, for retention to know when the last is gone", async () => {
  const folder = await Deno.makeTempDir();
  {
    await using server = await TestServer.start({ FILES_DIR: folder });
    await using ann = await enter(server, "ann");
    await ann.join("study");
    await ann.ask({ type: "chat", roomId: "study", content: "first" });
    const sent = await sendFile(ann, makeFile(100));
    assertEquals(sent.seq, 1);
    const { file } = await ann.next("chat", (said) => said.file !== undefined);
    const { fileId } = file as { fileId: string };
    for (const roomId of ["study", "general", "study"]) {
      assertEquals((await ann.ask({ type: "chat", roomId, content: "again", fileId })).type, "ack");
    }
    const files = await DiskFiles.open(folder);
    const noted = async () => (await files.find(fileId))!.posts;
    // The last note may come a little later than its `ack`.
    while (!(await noted()).some(({ roomId, seq }) => roomId === "study" && seq === 3)) {
      await ann.ask({ type: "ping" });
    }
    assertEquals((await noted()).map(({ roomId, seq }) => [roomId, seq]).sort(), [["general", 2], [
      "study",
      3,
    ]]);
  }
  await Deno.remove(folder, { recursive: true });
});
