import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { DiskFiles } from "../../lib/files/disk_files.ts";
import { type FileRecord, FilesUnavailable, type UploadKey } from "../../lib/files/file_store.ts";
import { Layout } from "../../lib/files/layout.ts";
import { openFiles } from "../../lib/files/open_files.ts";
import { openLog } from "../../lib/telemetry/log.ts";
import { randomBytes, sha256 } from "../support/file_sender.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const KEY: UploadKey = { userId: "ann", roomId: "general", id: "f1" };

/** Runs a test with a folder that is gone afterwards. */
async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function claim(bytes: Uint8Array, name = "a.bin") {
  return { name, size: bytes.length, mime: "application/octet-stream", sha256: sha256(bytes) };
}

async function store(files: DiskFiles, bytes: Uint8Array<ArrayBuffer>, key: Partial<UploadKey> = {}) {
  const upload = await files.begin({ ...KEY, ...key }, claim(bytes));
  await upload.write(bytes);
  return await upload.finish() as FileRecord;
}

async function read(
  files: DiskFiles,
  { fileId, size }: { fileId: string; size: number },
): Promise<Uint8Array> {
  const content = await files.open(fileId);
  return await new Response(content!.stream(0, size)).bytes();
}

/** Every file below a folder, as paths from it. */
async function tree(folder: string, prefix = ""): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) paths.push(...await tree(join(folder, name), `${prefix}${name}/`));
    else paths.push(prefix + name);
  }
  return paths;
}

Deno.test("a file that was sent in pieces is kept, and its upload is not", () =>
  withFolder(async (folder) => {
    const files = await DiskFiles.open(folder);
    const bytes = randomBytes(100_000);
    const upload = await files.begin(KEY, claim(bytes, "x.png"));
    await upload.write(bytes.slice(0, 60_000));
    assertEquals(await files.usage("ann"), { storedBytes: 0, unfinished: 1, unfinishedBytes: 100_000 });
    await upload.write(bytes.slice(60_000));
    const record = await upload.finish();
    assertEquals([record?.name, record?.size, record?.rooms], ["x.png", 100_000, ["general"]]);
    assertEquals(await read(files, record!), bytes);
    assertEquals(await files.find(record!.fileId), record);
    assertEquals(await files.usage("ann"), { storedBytes: 100_000, unfinished: 0, unfinishedBytes: 0 });
    assertEquals((await tree(folder)).filter((path) => path.endsWith(".part") || path.endsWith(".json")), []);
  }));

Deno.test("what is just being kept counts once, neither twice nor not at all", () =>
  withFolder(async (folder) => {
    const files = await DiskFiles.open(folder);
    for (let i = 0; i < 20; i++) {
      const bytes = randomBytes(100_000);
      const upload = await files.begin({ ...KEY, userId: `user ${i}` }, claim(bytes));
      await upload.write(bytes);
      const sums = new Set<number>();
      let isKept = false;
      const keeping = upload.finish().then(() => isKept = true);
      while (!isKept) {
        const { storedBytes, unfinishedBytes } = await files.usage(`user ${i}`);
        sums.add(storedBytes + unfinishedBytes);
      }
      await keeping;
      assertEquals([...sums], [100_000]);
    }
  }));

Deno.test("an upload goes on in another process, and is hashed whole", () =>
  withFolder(async (folder) => {
    const bytes = randomBytes(3 << 20);
    const first = await (await DiskFiles.open(folder)).begin(KEY, claim(bytes));
    await first.write(bytes.slice(0, 2_000_000));
    await first.close();
    const files = await DiskFiles.open(folder);
    const upload = (await files.resume(KEY))!;
    assertEquals([upload.offset, upload.fileId, upload.claim.size], [2_000_000, first.fileId, 3 << 20]);
    for (let at = 2_000_000; at < bytes.length; at += 50_000) {
      await upload.write(bytes.slice(at, at + 50_000));
    }
    assertEquals(await read(files, (await upload.finish())!), bytes);
  }));

Deno.test("a file of the wrong size or hash is not kept, nor is what was sent of it", () =>
  withFolder(async (folder) => {
    const files = await DiskFiles.open(folder);
    const bytes = randomBytes(1000);
    const wrong = await files.begin(KEY, { ...claim(bytes), sha256: "00".repeat(32) });
    await wrong.write(bytes);
    assertEquals(await wrong.finish(), undefined);
    const short = await files.begin(KEY, claim(bytes));
    await short.write(bytes.slice(1));
    assertEquals(await short.finish(), undefined);
    assertEquals(await files.resume(KEY), undefined);
    assertEquals(await tree(folder), []);
  }));

Deno.test("the same content is kept once, and read under either name", () =>
  withFolder(async (folder) => {
    const files = await DiskFiles.open(folder);
    const layout = new Layout(folder);
    const bytes = randomBytes(50_000);
    const one = await store(files, bytes);
    const two = await store(files, bytes, { id: "f2", userId: "bob" });
    assertNotEquals(one.fileId, two.fileId);
    assertEquals((await Deno.stat(layout.content(one.fileId))).nlink, 2);
    assertEquals((await files.sharing(one.sha256)).map(({ fileId }) => fileId), [one.fileId, two.fileId]);
    const known = await files.begin({ ...KEY, id: "f3" }, claim(bytes), one);
    assertEquals(known.offset, 50_000);
    const three = (await known.finish())!;
    await Deno.remove(layout.content(one.fileId));
    for (const record of [two, three]) assertEquals(await read(files, record), bytes);
    assertEquals((await files.usage("bob")).storedBytes, 50_000, "each pays for their own");
  }));

Deno.test("a finished upload can be finished again, as its answer may have been lost", () =>
  withFolder(async (folder) => {
    const files = await DiskFiles.open(folder);
    const record = await store(files, randomBytes(10));
    const again = (await files.resume(KEY))!;
    assertEquals([again.isStored, again.offset], [true, 10]);
    assertEquals(await again.finish(), record);
  }));

Deno.test("further rooms are added durably, and a line that a crash cut off is not there", () =>
  withFolder(async (folder) => {
    const files = await DiskFiles.open(folder);
    const { fileId } = await store(files, randomBytes(10));
    await files.addRoom(fileId, "team");
    await files.addRoom(fileId, 'odd "room" \u2028');
    await Deno.writeTextFile(new Layout(folder).record(fileId), '"cut of', { append: true });
    assertEquals((await files.find(fileId))!.rooms, ["general", "team", 'odd "room" \u2028']);
    await files.addRoom(fileId, "later");
    assertEquals((await files.find(fileId))!.rooms, ["general", "team", 'odd "room" \u2028', "later"]);
  }));

Deno.test("a name that is no file id finds nothing, wherever it points", () =>
  withFolder(async (folder) => {
    const files = await DiskFiles.open(folder);
    for (
      const name of [
        "",
        "..",
        "../../etc/passwd",
        "/etc/passwd",
        "a".repeat(31),
        "A".repeat(32),
        "0".repeat(32),
      ]
    ) {
      assertEquals(await files.find(name), undefined, name);
    }
    assertEquals(await files.sharing("../x"), []);
  }));

Deno.test("nothing that a stranger chose is part of a path", () =>
  withFolder(async (folder) => {
    const files = await DiskFiles.open(folder);
    const bytes = randomBytes(10);
    const key = { userId: "../../eve", roomId: "../room", id: "\u0000/id" };
    const upload = await files.begin(key, claim(bytes, "passwd"));
    await upload.write(bytes);
    await upload.finish();
    for (const path of await tree(folder)) assert(/^[0-9a-z/.-]+$/.test(path) && !path.includes(".."), path);
  }));

Deno.test("uploads are forgotten a day after their last byte, whole files are not", () =>
  withFolder(async (folder) => {
    const files = await DiskFiles.open(folder);
    const bytes = randomBytes(10);
    const record = await store(files, bytes);
    const upload = await files.begin({ ...KEY, id: "f2" }, claim(bytes));
    await upload.write(bytes.slice(0, 5));
    await upload.close();
    await files.sweep(Date.now() + DAY_MS - 60_000);
    const resumed = await files.resume({ ...KEY, id: "f2" });
    assertEquals(resumed?.offset, 5);
    await resumed!.close();
    await files.sweep(Date.now() + DAY_MS + 60_000);
    assertEquals(await files.resume({ ...KEY, id: "f2" }), undefined);
    assertEquals((await files.usage("ann")).unfinished, 0);
    assertEquals(await read(files, record), bytes);
    assertEquals((await tree(folder)).filter((path) => path.startsWith("uploads/")), []);
  }));

Deno.test("where a file's messages stand is noted durably, the last one of each room", () =>
  withFolder(async (folder) => {
    const files = await DiskFiles.open(folder);
    const { fileId, posts } = await store(files, randomBytes(10));
    assertEquals(posts, []);
    await files.addRoom(fileId, "team");
    await files.notePost(fileId, { roomId: "general", epoch: "e", seq: 3 });
    await files.notePost(fileId, { roomId: "team", epoch: "f", seq: 1 });
    await files.notePost(fileId, { roomId: "general", epoch: "e", seq: 9 });
    const record = (await files.find(fileId))!;
    assertEquals(record.rooms, ["general", "team"]);
    assertEquals(record.posts, [{ roomId: "general", epoch: "e", seq: 9 }, {
      roomId: "team",
      epoch: "f",
      seq: 1,
    }]);
  }));

Deno.test("quietFiles() finds every file that nothing was done with for a day", () =>
  withFolder(async (folder) => {
    const files = await DiskFiles.open(folder);
    const kept = [];
    for (let i = 0; i < 30; i++) kept.push((await store(files, randomBytes(10), { id: `${i}` })).fileId);
    const quiet = async (now: number) =>
      (await Array.fromAsync(files.quietFiles(now), ({ fileId }) => fileId)).sort();
    assertEquals(await quiet(Date.now()), []);
    assertEquals(await quiet(Date.now() + DAY_MS + 60_000), kept.sort());
  }));

Deno.test("remove() takes a file with everything about it, and leaves others of the same content", () =>
  withFolder(async (folder) => {
    const files = await DiskFiles.open(folder);
    const bytes = randomBytes(50_000);
    const [one, two] = [await store(files, bytes), await store(files, bytes, { id: "f2", userId: "bob" })];
    await files.remove(one);
    assertEquals([await files.find(one.fileId), await files.open(one.fileId)], [undefined, undefined]);
    assertEquals((await files.usage("ann")).storedBytes, 0);
    assertEquals(await read(files, two), bytes);
    assertEquals((await files.sharing(two.sha256)).map(({ fileId }) => fileId), [two.fileId]);
    await files.remove(two);
    await files.remove(two);
    await files.sweep(Date.now() + DAY_MS + 60_000);
    assertEquals(await tree(folder), []);
  }));

Deno.test("an upload that was to be made of a file that is gone begins anew", () =>
  withFolder(async (folder) => {
    const files = await DiskFiles.open(folder);
    const bytes = randomBytes(100);
    const source = await store(files, bytes);
    const known = await files.begin({ ...KEY, id: "f2" }, claim(bytes), source);
    await files.remove(source);
    await assertRejects(() => known.finish(), FilesUnavailable);
    assertEquals(await files.resume({ ...KEY, id: "f2" }), undefined);
    assertEquals(await read(files, await store(files, bytes, { id: "f2" })), bytes);
  }));

Deno.test({
  name: "a full disk is said to be one, and leaves no half file",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withFolder(async (folder) => {
      const files = await DiskFiles.open(folder);
      const bytes = randomBytes(1000);
      const upload = await files.begin(KEY, claim(bytes));
      await upload.close();
      const part = `${new Layout(folder).upload(KEY)}.part`;
      await Deno.remove(part);
      await Deno.symlink("/dev/full", part);
      const resumed = (await files.resume(KEY))!;
      const error = await assertRejects(() => resumed.write(bytes), FilesUnavailable);
      assert(/space/i.test(error.message), error.message);
      await resumed.discard();
      assertEquals(await tree(folder), []);
    }),
});

Deno.test("a folder that cannot be written to turns files off, and the log says so", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "file"), "");
    const lines: string[] = [];
    const log = openLog("warn", (line) => lines.push(line));
    const files = await openFiles({ filesDir: join(folder, "file", "files"), maxFileBytes: 10 }, log);
    assertEquals(files.refusal?.code, "file_rejected");
    assertEquals(lines.map((line) => JSON.parse(line).event), ["files_off"]);
    assertEquals(
      (await openFiles({ filesDir: folder, maxFileBytes: 0 }, log)).refusal?.code,
      "file_rejected",
    );
  }));

Deno.test("what was said to be kept is there after kill -9", () =>
  withFolder(async (folder) => {
    const script = new URL("./support/store_until_killed.ts", import.meta.url).href;
    const command = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--no-config", "--no-lock", script, folder],
      stdout: "piped",
      stderr: "null",
    });
    const child = command.spawn();
    let text = "";
    for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
      text += part;
      if (text.split("\n").length > 30) child.kill("SIGKILL");
    }
    await child.status;
    const kept = text.split("\n").slice(0, -1).map((line) => line.split(" "));
    assert(kept.length >= 30);
    const files = await DiskFiles.open(folder);
    for (const [fileId, hash] of kept) {
      const record = (await files.find(fileId))!;
      assertEquals(createHash("sha256").update(await read(files, record)).digest("hex"), hash);
    }
    // The one that was under way when it was killed goes on, or was finished, or had not begun.
    const next = await files.resume({ ...KEY, id: String(kept.length) });
    await next?.close();
  }));
