import { assertEquals } from "@std/assert";
import { writeChunk } from "../../lib/protocol/chunk.ts";
import { API_KEY, ApiClient } from "../support/api_client.ts";
import { beginFile, makeFile, sendChunks, sendFile } from "../support/file_sender.ts";
import { Peer } from "../support/peer.ts";
import { MetricsPage } from "../support/prometheus.ts";
import { TestServer } from "../support/server.ts";

const BYTES = new TextEncoder();

/** A client that counts what it sends. */
class Counting {
  readonly peer: Peer;
  frames = 0;
  bytes = 0;

  constructor(peer: Peer) {
    this.peer = peer;
  }

  send(...objects: (object | string)[]): void {
    const frame = objects.map((object) => typeof object === "string" ? object : JSON.stringify(object)).join(
      "\n",
    );
    this.frames++;
    this.bytes += BYTES.encode(frame).length;
    this.peer.send(frame);
  }

  get heardBytes(): number {
    return this.peer.frames.reduce((sum, frame) => sum + BYTES.encode(frame).length, 0);
  }
}

Deno.test("after a scripted scenario, every counter says exactly what happened", async () => {
  await using server = await TestServer.start({ API_KEY, PRESENCE_GRACE_MS: "0" });
  const key = ApiClient.withKey(server);
  const ann = new Counting(await Peer.signIn(server, "ann"));
  const bob = new Counting(await Peer.signInPlainly(server, "bob"));
  const eve = new Counting(await Peer.signIn(server, "eve"));
  for (const each of [ann, bob, eve]) {
    each.send({ type: "join", roomId: "general" });
    await each.peer.next("joined");
  }
  // Three messages in one frame, and one of them again.
  const say = (n: number) => ({ type: "chat", roomId: "general", content: `Nr. ${n} 界`, id: `a${n}` });
  ann.send(say(1), say(2), say(3));
  await ann.peer.next("ack", ({ id }) => id === "a3");
  ann.send(say(2));
  await ann.peer.next("ack", ({ duplicate }) => duplicate === true);
  bob.send({ type: "chat", roomId: "general", content: "no id" });
  await bob.peer.next("ack");
  assertEquals(
    (await key.post("/api/rooms/general/messages", { content: "over HTTP", id: "h" })).status,
    201,
  );
  assertEquals(
    (await key.post("/api/rooms/general/messages", { content: "over HTTP", id: "h" })).status,
    200,
  );
  for (const each of [ann, bob, eve]) await each.peer.next("chat", ({ seq }) => seq === 5);
  // Eve goes, comes back knowing all but one, and once more with a log that was never there.
  eve.peer.close(1000);
  await eve.peer.closed;
  await ann.peer.next("system", ({ event }) => event === "leave");
  const eve2 = new Counting(await Peer.signIn(server, "eve"));
  eve2.send({ type: "join", roomId: "general", after: 4 });
  await eve2.peer.next("joined");
  eve2.send({ type: "join", roomId: "general", after: 4, epoch: "another" });
  await eve2.peer.next("joined");
  // What is refused, and what is no object.
  bob.send({ type: "chat", roomId: "nowhere", content: "x", id: "r1" }, { type: "dance" }, "{", "ping");
  await bob.peer.next("error", ({ code }) => code === "invalid_json");
  bob.send("ping");
  await bob.peer.next("text pong");
  bob.send({ type: "typing", roomId: "general", isTyping: true });
  await ann.peer.next("typing");
  await eve2.peer.next("typing");
  assertEquals((await key.post("/api/users/bob/disconnect")).status, 200);
  await bob.peer.closed;
  await ann.peer.next("system", ({ userId, event }) => userId === "bob" && event === "leave");
  await eve2.peer.next("system", ({ userId, event }) => userId === "bob" && event === "leave");
  const everybody = [ann, bob, eve, eve2];
  const sum = (of: (each: Counting) => number) => everybody.reduce((total, each) => total + of(each), 0);

  // The server hears of the end of a connection a little after the client does.
  let page = await MetricsPage.read(server.url);
  let reads = 1;
  for (; page.value("parley_connections") > 2; reads++) page = await MetricsPage.read(server.url);
  assertEquals(page.value("parley_opened_total"), 4);
  assertEquals([page.value("parley_connections"), page.value("parley_people"), page.value("parley_rooms")], [
    2,
    2,
    1,
  ]);
  assertEquals(page.values("parley_closed_total"), { 1000: 1, 4503: 1 });
  assertEquals(page.value("parley_slow_consumers_total"), 0);
  assertEquals(page.values("parley_commands_total"), { join: 5, chat: 6, typing: 1 });
  assertEquals(page.values("parley_refusals_total"), { room_not_found: 1, unknown_type: 1, invalid_json: 2 });
  assertEquals(page.value("parley_frames_received_total"), sum(({ frames }) => frames));
  assertEquals(page.value("parley_received_bytes_total"), sum(({ bytes }) => bytes));
  assertEquals(page.value("parley_frames_sent_total"), sum(({ peer }) => peer.frames.length));
  assertEquals(page.value("parley_sent_bytes_total"), sum(({ heardBytes }) => heardBytes));
  assertEquals(page.value("parley_skipped_total"), 0);
  assertEquals(page.value("parley_appended_total"), 5);
  assertEquals(page.value("parley_duplicates_total"), 2);
  assertEquals(page.value("parley_acks_total"), 7);
  assertEquals(page.value("parley_store_errors_total"), 0);
  assertEquals(page.value("parley_deliveries_total"), 5 * 3);
  assertEquals(page.values("parley_recoveries_total"), { recovered: 1, reset: 1 });
  assertEquals(page.values("parley_http_answers_total"), { 101: 4, 200: 2 + (reads - 1), 201: 1 });
  assertEquals(page.values("parley_surprises_total"), {});
  assertEquals(page.values("parley_send_buffer_bytes"), {});
  assertEquals(page.value("parley_store_troubled"), 0);
  // The three messages of one frame go to the store together.
  assertEquals(page.count("parley_append_seconds"), 5);
  for (const { peer } of [ann, eve2]) await peer[Symbol.asyncDispose]();
});

Deno.test("the counters of files say exactly what became of each, and how many bytes there were", async () => {
  await using server = await TestServer.start({ MAX_FILE_BYTES: "1000000" });
  await using ann = await Peer.signIn(server, "ann");
  await ann.join("general");
  const read = async () => {
    const page = await MetricsPage.read(server.url);
    const bytes = ["parley_stored_file_bytes_total", "parley_download_bytes_total"].map((name) =>
      page.value(name)
    );
    return [page.values("parley_uploads_total"), page.values("parley_downloads_total"), bytes];
  };
  assertEquals(await read(), [{}, {}, [0, 0]]);

  // One whole file, whose end is said twice; one that takes two connections; one more of the same content.
  const [first, second] = [makeFile(1000), makeFile(300_000)];
  assertEquals((await sendFile(ann, first)).type, "ack");
  const { url } = (await ann.next("chat")).file as { url: string };
  assertEquals((await sendFile(ann, first)).duplicate, true);
  const bob = await Peer.signIn(server, "ann");
  await sendChunks(bob, await beginFile(bob, second), second, 262_144);
  await bob[Symbol.asyncDispose]();
  assertEquals((await sendFile(ann, second)).type, "ack");
  assertEquals((await sendFile(ann, { ...first, id: "again" })).type, "ack");
  // Too large, not what was announced, aborted, and a chunk in the wrong place.
  assertEquals((await beginFile(ann, makeFile(0), { size: 1_000_001 })).code, "file_rejected");
  assertEquals((await sendFile(ann, makeFile(10), undefined)).type, "ack");
  const other = makeFile(10);
  const ready = await beginFile(ann, other, { sha256: "0".repeat(64) });
  await sendChunks(ann, ready, other);
  assertEquals((await ann.ask({ type: "file_end", id: other.id })).code, "file_rejected");
  const dropped = makeFile(10);
  await beginFile(ann, dropped);
  assertEquals((await ann.ask({ type: "file_abort", id: dropped.id })).type, "ok");
  const left = makeFile(10);
  ann.sendBytes(
    writeChunk({ handle: (await beginFile(ann, left)).handle as number, offset: 5, data: left.bytes }),
  );
  await ann.next("error", ({ id }) => id === left.id);
  const uploads = { begun: 7, resumed: 2, finished: 4, refused: 3, aborted: 1 };
  assertEquals(await read(), [uploads, {}, [1000 + 300_000 + 1000 + 10, 0]]);

  const get = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(server.url + path, init);
    await response.body?.cancel();
    return response.status;
  };
  assertEquals(await get(url), 200);
  assertEquals(await get(url, { headers: { range: "bytes=10-19" } }), 206);
  assertEquals(await get(url, { headers: { range: "bytes=1000-" } }), 416);
  assertEquals(await get(url, { method: "HEAD" }), 200);
  assertEquals(await get(url, { headers: { "if-none-match": "*" } }), 304);
  assertEquals(await get(url.split("?")[0]), 401);
  assertEquals(await get("/files/nothing"), 401);
  const downloads = { whole: 1, part: 1, check: 2, none: 3 };
  assertEquals(await read(), [uploads, downloads, [302_010, 1010]]);
  assertEquals((await MetricsPage.read(server.url)).value("parley_file_errors_total"), 0);
});
