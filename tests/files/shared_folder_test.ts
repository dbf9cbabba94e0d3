import { assertEquals, assertRejects } from "@std/assert";
import { DiskFiles } from "../../lib/files/disk_files.ts";
import { UploadBusy, type UploadKey } from "../../lib/files/file_store.ts";
import { randomBytes, sha256 } from "../support/file_sender.ts";

const KEY: UploadKey = { userId: "ann", roomId: "general", id: "f1" };
const DAY_MS = 24 * 60 * 60 * 1000;

/** Runs a test with two who share a folder, as two processes do. */
async function withBoth(test: (one: DiskFiles, two: DiskFiles) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(await DiskFiles.open(folder), await DiskFiles.open(folder));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function claim(bytes: Uint8Array) {
  return { name: "a.bin", size: bytes.length, mime: "application/octet-stream", sha256: sha256(bytes) };
}

Deno.test("an upload that one is at is nobody else's until it is closed, and then goes on where it was", () =>
  withBoth(async (one, two) => {
    const bytes = randomBytes(100_000);
    const begun = await one.begin(KEY, claim(bytes));
    await begun.write(bytes.slice(0, 60_000));
    await assertRejects(() => two.resume(KEY), UploadBusy);
    await assertRejects(() => two.begin(KEY, claim(bytes)), UploadBusy);
    await begun.close();
    const resumed = (await two.resume(KEY))!;
    assertEquals([resumed.fileId, resumed.offset], [begun.fileId, 60_000]);
    await assertRejects(() => one.resume(KEY), UploadBusy);
    await resumed.write(bytes.slice(60_000));
    const record = await resumed.finish();
    const known = await one.resume(KEY);
    assertEquals([known?.isStored, known?.fileId], [true, record?.fileId]);
  }));

Deno.test("an upload that one has given up can be begun anew by the other", () =>
  withBoth(async (one, two) => {
    const bytes = randomBytes(1_000);
    const begun = await one.begin(KEY, claim(bytes));
    await begun.write(bytes.slice(0, 500));
    await begun.discard();
    assertEquals(await two.resume(KEY), undefined);
    const again = await two.begin(KEY, claim(bytes));
    assertEquals(again.offset, 0);
    await again.write(bytes);
    assertEquals((await again.finish())?.size, 1_000);
  }));

Deno.test("two who begin the same upload at once never both have it", () =>
  withBoth(async (one, two) => {
    const bytes = randomBytes(1_000);
    for (let i = 0; i < 50; i++) {
      const key = { ...KEY, id: `f${i}` };
      const begun = await Promise.allSettled([one, two].map((files) => files.begin(key, claim(bytes))));
      const uploads = begun.flatMap((outcome) => outcome.status === "fulfilled" ? [outcome.value] : []);
      assertEquals(uploads.length, 1);
      await uploads[0].write(bytes);
      assertEquals((await uploads[0].finish())?.sha256, sha256(bytes));
    }
  }));

Deno.test("alone() lets one after another work for a person, and others beside", () =>
  withBoth(async (one, two) => {
    const done: string[] = [];
    const gate = Promise.withResolvers<void>();
    const inside = Promise.withResolvers<void>();
    const first = one.alone("ann", async () => {
      inside.resolve();
      await gate.promise;
      done.push("first");
    });
    await inside.promise;
    const second = two.alone("ann", () => Promise.resolve(void done.push("second")));
    await two.alone("bob", () => Promise.resolve(void done.push("bob")));
    gate.resolve();
    await Promise.all([first, second]);
    assertEquals(done, ["bob", "first", "second"]);
    await assertRejects(() => one.alone("ann", () => Promise.reject(new Error("no"))), Error, "no");
    await two.alone("ann", () => Promise.resolve());
  }));

Deno.test("locks of what was abandoned are swept with it", () =>
  withBoth(async (one, two) => {
    const bytes = randomBytes(1_000);
    await one.alone("ann", async () => {
      await (await one.begin(KEY, claim(bytes))).close();
    });
    await two.sweep(Date.now() + DAY_MS + 60_000);
    assertEquals(await two.resume(KEY), undefined);
    assertEquals(await one.usage("ann"), { storedBytes: 0, unfinished: 0, unfinishedBytes: 0 });
  }));
