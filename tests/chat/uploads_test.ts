import { assertEquals } from "@std/assert";
import type { Direct } from "../../lib/chat/direct.ts";
import type { Directory } from "../../lib/chat/directory.ts";
import type { Posting } from "../../lib/chat/posting.ts";
import type { Rooms } from "../../lib/chat/rooms.ts";
import { SharedFiles } from "../../lib/chat/shared_files.ts";
import type { Uploader } from "../../lib/chat/transfers.ts";
import { Uploads } from "../../lib/chat/uploads.ts";
import { FileLinks } from "../../lib/files/file_links.ts";
import {
  type FileClaim,
  type FileRecord,
  type FileStore,
  FilesUnavailable,
  type Upload,
  type UploadKey,
  type Usage,
} from "../../lib/files/file_store.ts";
import { CHUNK_BYTES, writeChunk } from "../../lib/protocol/chunk.ts";
import { Refusal } from "../../lib/protocol/codes.ts";
import type { Message } from "../../lib/protocol/messages.ts";
import type { Store } from "../../lib/store/store.ts";

/** A disk that writes when it is told to. */
class SlowDisk {
  readonly refusal = undefined;
  readonly uploads: SlowUpload[] = [];
  usageNow: Usage = { storedBytes: 0, unfinished: 0, unfinishedBytes: 0 };
  same: FileRecord[] = [];

  usage = () => Promise.resolve(this.usageNow);
  resume = () => Promise.resolve(undefined);
  alone = <T>(_userId: string, work: () => Promise<T>) => work();
  sharing = () => Promise.resolve(this.same);
  begin(_key: UploadKey, claim: FileClaim, source?: FileRecord): Promise<Upload> {
    const upload = new SlowUpload(claim, source === undefined ? 0 : claim.size);
    this.uploads.push(upload);
    return Promise.resolve(upload);
  }
}

class SlowUpload implements Upload {
  readonly fileId = crypto.randomUUID();
  readonly isStored = false;
  readonly done: string[] = [];
  /** Writes that wait to be let through, or to fail. */
  readonly waiting: { let: () => void; fail: (error: unknown) => void }[] = [];
  #awaited = Promise.withResolvers<void>();

  constructor(readonly claim: FileClaim, public offset: number) {}

  write(bytes: Uint8Array): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.waiting.push({ let: resolve, fail: reject });
    this.#awaited.resolve();
    return promise.then(() => void (this.offset += bytes.length));
  }

  /** The next write, once it is there. */
  async next(): Promise<{ let: () => void; fail: (error: unknown) => void }> {
    while (this.waiting.length === 0) {
      this.#awaited = Promise.withResolvers();
      await this.#awaited.promise;
    }
    return this.waiting.shift()!;
  }

  finish = () => Promise.resolve(undefined);
  close = () => Promise.resolve(void this.done.push("closed"));
  discard = () => Promise.resolve(void this.done.push("discarded"));
}

/** A connection that remembers what it was told. */
class FakeUploader implements Uploader {
  readonly connectionId = crypto.randomUUID();
  readonly takesBatches = true;
  readonly availability = "online";
  readonly user: Uploader["user"];
  isOpen = true;
  readonly pushed: { type: string; offset?: number }[] = [];
  readonly refused: { code: string; id?: string; roomId?: string }[] = [];

  constructor(userId = "ann") {
    this.user = { userId, username: userId, role: "user" };
  }

  send(): void {}
  evicted(): void {}
  end(): void {}
  push(line: string): void {
    this.pushed.push(JSON.parse(line));
  }
  refuse({ code }: Refusal, id?: string, roomId?: string): void {
    this.refused.push({ code, id, roomId });
    this.#refusal.resolve();
  }
  /** Resolves with the first refusal. */
  get wasRefused(): Promise<void> {
    return this.#refusal.promise;
  }
  readonly #refusal = Promise.withResolvers<void>();
}

function build(options: { maxFileBytes?: number; maxUserFileBytes?: number } = {}) {
  const disk = new SlowDisk();
  const files = disk as unknown as FileStore;
  const directory = { checkMember: () => Promise.resolve(undefined) } as unknown as Directory;
  const standing = { role: "member", bannedUntil: 0, mutedUntil: 0 };
  const store = { standing: () => Promise.resolve(standing) } as unknown as Store;
  const failures: unknown[] = [];
  const failed = (error: unknown) => void failures.push(error);
  const steps: string[] = [];
  const report = { failed, stored() {}, went: (step: string) => void steps.push(step) };
  const shared = new SharedFiles(files, new FileLinks("secret"), directory, failed);
  const [rooms, direct, posting] = [{} as Rooms, {} as Direct, {} as Posting];
  const parts = { files, shared, store, rooms, directory, direct, posting, report };
  const uploads = new Uploads(parts, { maxFileBytes: 100 << 20, maxUserFileBytes: 1 << 30, ...options });
  return { disk, uploads, failures, steps };
}

const SHA256 = "ab".repeat(32);

async function begin(uploads: Uploads, uploader: Uploader, size: number, id = "f1") {
  const command = {
    type: "file_begin" as const,
    id,
    roomId: "general",
    name: "a",
    size,
    mime: "",
    sha256: SHA256,
  };
  return await uploads.begin(uploader, command);
}

function chunk(ready: unknown, offset: number, length: number): ArrayBuffer {
  const { handle } = ready as Message<"file_ready">;
  return writeChunk({ handle, offset, data: new Uint8Array(length) }).buffer;
}

Deno.test("chunks are written one after another and confirmed in order", async () => {
  const { disk, uploads } = build();
  const ann = new FakeUploader();
  const ready = await begin(uploads, ann, 30);
  for (const offset of [0, 10, 20]) uploads.receive(ann, chunk(ready, offset, 10));
  const [upload] = disk.uploads;
  const first = await upload.next();
  assertEquals([upload.waiting.length, ann.pushed.length], [0, 0]);
  first.let();
  (await upload.next()).let();
  (await upload.next()).let();
  await uploads[Symbol.asyncDispose]();
  assertEquals(ann.pushed.map(({ offset }) => offset), [10, 20]); // The last was not confirmed any more.
  assertEquals([upload.offset, upload.done], [30, ["closed"]]);
});

Deno.test("more chunks than the window allows end the transfer, and what was kept can be resumed", async () => {
  const { disk, uploads } = build();
  const ann = new FakeUploader();
  const ready = await begin(uploads, ann, 100) as Message<"file_ready">;
  for (let i = 0; i <= ready.window; i++) uploads.receive(ann, chunk(ready, i, 1));
  assertEquals(ann.refused, [{ code: "bad_request", id: "f1", roomId: "general" }]);
  uploads.receive(ann, chunk(ready, 9, 1)); // Was on its way.
  assertEquals(ann.refused.length, 1);
  for (let i = 0; i < ready.window; i++) (await disk.uploads[0].next()).let();
  await uploads[Symbol.asyncDispose]();
  assertEquals([disk.uploads[0].offset, disk.uploads[0].done], [8, ["closed"]]);
});

Deno.test("a confirmed chunk makes room for another", async () => {
  const { disk, uploads } = build();
  const ann = new FakeUploader();
  const ready = await begin(uploads, ann, 100) as Message<"file_ready">;
  for (let i = 0; i < ready.window; i++) uploads.receive(ann, chunk(ready, i, 1));
  (await disk.uploads[0].next()).let();
  await disk.uploads[0].next().then((write) => write.let());
  uploads.receive(ann, chunk(ready, ready.window, 1));
  assertEquals(ann.refused, []);
  for (let i = 2; i <= ready.window; i++) (await disk.uploads[0].next()).let();
  await uploads[Symbol.asyncDispose]();
});

Deno.test("a chunk must begin where the one before ended", async () => {
  for (const offset of [0, 9, 11, 2 ** 40]) {
    const { uploads, disk } = build();
    const ann = new FakeUploader();
    const ready = await begin(uploads, ann, 2 ** 21);
    uploads.receive(ann, chunk(ready, 0, 10));
    uploads.receive(ann, chunk(ready, offset, 10));
    assertEquals(ann.refused.map(({ code }) => code), ["bad_request"], String(offset));
    (await disk.uploads[0].next()).let();
    await uploads[Symbol.asyncDispose]();
  }
});

Deno.test("a file cannot be longer than it was said to be", async () => {
  const { uploads } = build();
  const ann = new FakeUploader();
  uploads.receive(ann, chunk(await begin(uploads, ann, 9), 0, 10));
  assertEquals(ann.refused.map(({ code }) => code), ["file_rejected"]);
  await uploads[Symbol.asyncDispose]();
});

Deno.test("a binary frame that is no chunk is refused", async () => {
  const { uploads } = build();
  const ann = new FakeUploader();
  const ready = await begin(uploads, ann, 2 ** 20) as Message<"file_ready">;
  uploads.receive(ann, new ArrayBuffer(0));
  uploads.receive(ann, new ArrayBuffer(11));
  uploads.receive(ann, chunk(ready, 0, 0));
  uploads.receive(ann, chunk(ready, 0, CHUNK_BYTES + 1));
  uploads.receive(ann, chunk({ handle: 0 }, 0, 1));
  uploads.receive(ann, chunk({ handle: ready.handle + 1 }, 0, 1));
  uploads.receive(new FakeUploader("bob"), chunk(ready, 0, 1));
  assertEquals(ann.refused.map(({ code }) => code), Array(6).fill("bad_request"));
  await uploads[Symbol.asyncDispose]();
});

Deno.test("what the disk cannot take is told once, and nothing half is kept", async () => {
  const { disk, uploads, failures } = build();
  const ann = new FakeUploader();
  const ready = await begin(uploads, ann, 30);
  for (const offset of [0, 10, 20]) uploads.receive(ann, chunk(ready, offset, 10));
  (await disk.uploads[0].next()).let();
  (await disk.uploads[0].next()).fail(new FilesUnavailable("No space left on device"));
  await ann.wasRefused;
  await uploads[Symbol.asyncDispose]();
  assertEquals(ann.refused, [{ code: "unavailable", id: "f1", roomId: "general" }]);
  assertEquals(disk.uploads[0].done, ["discarded"]);
  assertEquals(failures.length, 1);
});

Deno.test("a disk that fails while file_end waits is told as the answer to it", async () => {
  const { disk, uploads } = build();
  const ann = new FakeUploader();
  uploads.receive(ann, chunk(await begin(uploads, ann, 10), 0, 10));
  const ending = uploads.end(ann, { type: "file_end", id: "f1" });
  (await disk.uploads[0].next()).fail(new FilesUnavailable("No space left on device"));
  const answer = await ending;
  assertEquals(answer instanceof Refusal && answer.code, "unavailable");
  await uploads[Symbol.asyncDispose]();
  assertEquals(ann.refused, []);
  assertEquals(disk.uploads[0].done[0], "discarded");
});

Deno.test("sizes, numbers and sums are bounded", async () => {
  const { disk, uploads } = build({ maxFileBytes: 1000, maxUserFileBytes: 5000 });
  const code = (answer: unknown) => answer instanceof Refusal ? answer.code : "";
  const ann = new FakeUploader();
  assertEquals(code(await begin(uploads, ann, 1001)), "file_rejected");
  disk.usageNow = { storedBytes: 3000, unfinished: 1, unfinishedBytes: 1001 };
  assertEquals(code(await begin(uploads, ann, 1000)), "limit_exceeded");
  assertEquals(code(await begin(uploads, ann, 999)), "");
  disk.usageNow = { storedBytes: 0, unfinished: 16, unfinishedBytes: 0 };
  assertEquals(code(await begin(uploads, ann, 1, "f2")), "limit_exceeded");
  disk.usageNow = { storedBytes: 0, unfinished: 0, unfinishedBytes: 0 };
  for (let open = 2; open <= 16; open++) assertEquals(code(await begin(uploads, ann, 1, `f${open}`)), "");
  assertEquals(code(await begin(uploads, ann, 1, "f17")), "limit_exceeded");
  assertEquals(code(await begin(uploads, ann, 1, "f4")), "", "going on with one of them");
  await uploads[Symbol.asyncDispose]();
});

Deno.test("a connection that goes while its upload begins leaves none open", async () => {
  const { disk, uploads } = build();
  const ann = new FakeUploader();
  const beginning = begin(uploads, ann, 10);
  ann.isOpen = false;
  uploads.lose(ann);
  assertEquals((await beginning) instanceof Refusal, true);
  assertEquals(disk.uploads[0].done, ["closed"]);
  await uploads[Symbol.asyncDispose]();
});

Deno.test("of every refusal is heard once, whoever refuses", async () => {
  const { disk, uploads, steps } = build({ maxFileBytes: 100 });
  const ann = new FakeUploader();
  await begin(uploads, ann, 101);
  uploads.receive(ann, chunk(await begin(uploads, ann, 9, "long"), 0, 10));
  await uploads.end(ann, { type: "file_end", id: "unknown" });
  await uploads.abort(ann, { type: "file_abort", id: "unknown" });
  assertEquals(steps, ["refused", "begun", "refused", "refused", "refused"]);
  const bob = new FakeUploader("bob");
  uploads.receive(bob, chunk(await begin(uploads, bob, 10), 0, 10));
  (await disk.uploads[1].next()).fail(new FilesUnavailable("No space left on device"));
  await bob.wasRefused;
  await uploads[Symbol.asyncDispose]();
  assertEquals(steps.slice(5), ["begun", "refused"]);
  const again = build();
  again.uploads.receive(ann, chunk(await begin(again.uploads, ann, 10), 0, 10));
  const ending = again.uploads.end(ann, { type: "file_end", id: "f1" });
  (await again.disk.uploads[0].next()).fail(new FilesUnavailable("No space left on device"));
  await ending;
  await again.uploads[Symbol.asyncDispose]();
  assertEquals(again.steps, ["begun", "refused"]);
});

Deno.test("a file of the same content and another size is not taken for the same", async () => {
  const { disk, uploads } = build();
  const claim = { name: "x", size: 10, mime: "", sha256: SHA256 };
  disk.same = [{
    ...claim,
    fileId: "0".repeat(32),
    userId: "bob",
    storedAt: 0,
    rooms: ["general"],
    posts: [],
  }];
  const ann = new FakeUploader();
  assertEquals((await begin(uploads, ann, 10, "f1") as Message<"file_ready">).offset, 10);
  assertEquals((await begin(uploads, ann, 11, "f2") as Message<"file_ready">).offset, 0);
  await uploads[Symbol.asyncDispose]();
});
