import { assert, assertEquals } from "@std/assert";
import { stub } from "@std/testing/mock";
import { DiskFiles } from "../../lib/files/disk_files.ts";
import { randomBytes, sha256 } from "../support/file_sender.ts";

const MIB = 1024 * 1024;

/** Begins the uploads of so many people who send the same. */
async function begin(folder: string, people: number, bytes: Uint8Array) {
  const files = await DiskFiles.open(folder);
  const claim = {
    name: "a.bin",
    size: bytes.length,
    mime: "application/octet-stream",
    sha256: sha256(bytes),
  };
  const names = Array.from({ length: people }, (_, i) => `user ${i}`);
  return await Promise.all(
    names.map((userId) => files.begin({ userId, roomId: "general", id: "f1" }, claim)),
  );
}

Deno.test("a large file goes to the disk bit by bit, so that nothing has to wait for all of it", async () => {
  const folder = await Deno.makeTempDir();
  const bytes = randomBytes(10 * MIB);
  const [upload] = await begin(folder, 1, bytes);
  let written = 0, unsynced = 0, longest = 0;
  const { write, syncData } = Deno.FsFile.prototype;
  using _write = stub(Deno.FsFile.prototype, "write", async function (this: Deno.FsFile, data: Uint8Array) {
    const count = await write.call(this, data);
    written += count;
    unsynced += count;
    longest = Math.max(longest, unsynced);
    return count;
  });
  using _sync = stub(Deno.FsFile.prototype, "syncData", async function (this: Deno.FsFile) {
    await syncData.call(this);
    unsynced = 0;
  });
  for (let i = 0; i < bytes.length; i += 65_536) await upload.write(bytes.slice(i, i + 65_536));
  await upload.close();
  assertEquals(written, bytes.length);
  assert(longest <= 4 * MIB, `${longest} bytes waited for one sync`);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("files of many people are written one piece after another", async () => {
  const folder = await Deno.makeTempDir();
  const bytes = randomBytes(1_000);
  const uploads = await begin(folder, 8, bytes);
  let atWork = 0, most = 0;
  const { write } = Deno.FsFile.prototype;
  using _write = stub(Deno.FsFile.prototype, "write", async function (this: Deno.FsFile, data: Uint8Array) {
    most = Math.max(most, ++atWork);
    const count = await write.call(this, data);
    atWork--;
    return count;
  });
  await Promise.all(uploads.map((upload) => upload.write(bytes)));
  await Promise.all(uploads.map((upload) => upload.close()));
  assertEquals(most, 1);
  await Deno.remove(folder, { recursive: true });
});
