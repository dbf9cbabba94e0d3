import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { FileRetention } from "../../lib/chat/file_retention.ts";
import type { FilePost, FileRecord, FileStore } from "../../lib/files/file_store.ts";
import { NoFiles } from "../../lib/files/no_files.ts";
import type { Draft } from "../../lib/store/store.ts";
import { FakeStore } from "./fake_store.ts";

const HOUR_MS = 60 * 60 * 1000;
const STORED_AT = 1_790_000_000_000;

/** Files without content, which are all quiet. */
class FakeFiles extends NoFiles implements FileStore {
  readonly records = new Map<string, FileRecord>();

  add(fileId: string, rooms: string[], posts: FilePost[] = []): void {
    const claim = { name: "a.bin", size: 1, mime: "", sha256: "" };
    this.records.set(fileId, { ...claim, fileId, userId: "ann", storedAt: STORED_AT, rooms, posts });
  }

  override notePost(fileId?: string, post?: FilePost): Promise<void> {
    const record = this.records.get(fileId!)!;
    this.records.set(fileId!, { ...record, posts: [...record.posts, post!] });
    return Promise.resolve();
  }

  override async *quietFiles(): AsyncIterable<FileRecord> {
    yield* [...this.records.values()];
  }

  override remove(record?: FileRecord): Promise<void> {
    this.records.delete(record!.fileId);
    return Promise.resolve();
  }
}

/** Messages of a room in their order, some with a file; a minute lies between them. */
async function say(store: FakeStore, roomId: string, ...fileIds: (string | undefined)[]): Promise<void> {
  const said = { roomId, userId: "ann", username: "Ann", content: "" };
  await store.append(fileIds.map((fileId, i): Draft => ({
    ...said,
    id: crypto.randomUUID(),
    timestamp: STORED_AT + i * 60_000,
    file: fileId === undefined ? undefined : { fileId, name: "a.bin", size: 1, mime: "", url: "" },
  })));
}

async function postAt(store: FakeStore, roomId: string, seq: number): Promise<FilePost> {
  const { epoch } = await store.page(roomId, { limit: 1, maxLength: 0 });
  return { roomId, epoch, seq };
}

/** Which files are left after one look at them all. */
async function look(files: FakeFiles, store: FakeStore): Promise<string[]> {
  using time = new FakeTime();
  await using _ = new FileRetention(files, store, (error) => {
    throw error;
  });
  await time.tickAsync(HOUR_MS);
  for (let i = 0; i < 50; i++) await time.tickAsync(20);
  return [...files.records.keys()];
}

Deno.test("a file goes when retention has taken its last message, in every room, and not before", async () => {
  const [files, store] = [new FakeFiles(), new FakeStore(3)];
  for (const roomId of ["hall", "study"]) await say(store, roomId, ..."abcde".split(""));
  files.add("gone", ["hall"], [await postAt(store, "hall", 2)]);
  files.add("oldest kept", ["hall"], [await postAt(store, "hall", 3)]);
  files.add("shared", ["hall", "study"], [await postAt(store, "hall", 1), await postAt(store, "study", 5)]);
  files.add("gone twice", ["hall", "study"], [
    await postAt(store, "hall", 1),
    await postAt(store, "study", 2),
  ]);
  assertEquals(await look(files, store), ["oldest kept", "shared"]);
});

Deno.test("a file whose log is another one, or is not there, stays", async () => {
  const [files, store] = [new FakeFiles(), new FakeStore(3)];
  await say(store, "hall", ..."abcde".split(""));
  files.add("of another life", ["hall"], [{ roomId: "hall", epoch: "an older one", seq: 1 }]);
  files.add("of no room", ["nowhere"], [{ roomId: "nowhere", epoch: "an older one", seq: 1 }]);
  files.add("of no room, not noted", ["nowhere"]);
  assertEquals((await look(files, store)).length, 3);
});

Deno.test("a file that never became a message goes; one whose message was not noted is found", async () => {
  const [files, store] = [new FakeFiles(), new FakeStore(10_000)];
  await say(store, "hall", ...Array.from({ length: 2_000 }, (_, i) => i === 1_800 ? "posted" : undefined));
  files.add("posted", ["hall"]);
  files.add("never posted", ["hall"]);
  files.add("granted only", ["hall", "study"], [await postAt(store, "hall", 7)]);
  assertEquals(await look(files, store), ["posted", "granted only"]);
  assertEquals(files.records.get("posted")!.posts, [await postAt(store, "hall", 1_801)]);
});

Deno.test("a look that fails is told, and the next one comes all the same", async () => {
  using time = new FakeTime();
  const [files, store] = [new FakeFiles(), new FakeStore(1)];
  await say(store, "hall", "a", "b");
  files.add("gone", ["hall"], [await postAt(store, "hall", 1)]);
  const failures: unknown[] = [];
  await using _ = new FileRetention(files, store, (error) => failures.push(error));
  const nextLook = async () => {
    await time.tickAsync(HOUR_MS);
    for (let i = 0; i < 10; i++) await time.tickAsync(1);
  };
  store.isDown = true;
  await nextLook();
  assertEquals([failures.length, files.records.size], [1, 1]);
  store.isDown = false;
  await nextLook();
  assertEquals(files.records.size, 0);
});
