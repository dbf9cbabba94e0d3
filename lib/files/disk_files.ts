import { join } from "node:path";
import { Lanes } from "../kit/lanes.ts";
import { DiskContent } from "./disk_content.ts";
import { type DiskParts, DiskUpload, type Manifest, StoredUpload } from "./disk_upload.ts";
import {
  appendLine,
  io,
  list,
  makeFolder,
  readIfThere,
  removeIfThere,
  unlessMissing,
  wholeLines,
  writeWhole,
} from "./durable.ts";
import {
  type FileClaim,
  type FilePost,
  type FileRecord,
  type FileStore,
  MIN_COUNTED_BYTES,
  type OpenContent,
  type Upload,
  UploadBusy,
  type UploadKey,
  type Usage,
} from "./file_store.ts";
import { FileLock } from "./file_lock.ts";
import { Layout, newFileId } from "./layout.ts";

/** Uploads that nobody went on with for this long are forgotten. */
const MAX_QUIET_MS = 24 * 60 * 60 * 1000;
/** Counting what somebody has takes others no longer than this. */
const MAX_COUNTING_MS = 5_000;
/** Of files with the same content, this many of the newest are looked at. */
const MAX_SHARING = 20;
/** The names of files, and the hash that is the name of a content. */
const FILE_ID = /^[0-9a-f]{32}$/;
const SHA256 = /^[0-9a-f]{64}$/;

/**
 * Files in a folder, which several processes may share.
 *
 * Everything is a file of its own, so that nothing has to be read at the start or kept in memory, and what is
 * half-written after a crash is not there at all.
 */
export class DiskFiles implements FileStore {
  readonly refusal = undefined;
  readonly #layout: Layout;
  readonly #parts: DiskParts;

  private constructor(layout: Layout) {
    this.#layout = layout;
    this.#parts = { layout, findSharing: (sha256) => this.#sharing(sha256), writing: new Lanes() };
  }

  /** Opens a folder, making it if need be; rejects if it cannot be written to. */
  static async open(folder: string): Promise<DiskFiles> {
    const layout = new Layout(folder);
    await makeFolder(layout.scratch);
    const probe = layout.newScratch();
    await Deno.writeTextFile(probe, "");
    await Deno.remove(probe);
    return new DiskFiles(layout);
  }

  usage(userId: string): Promise<Usage> {
    return io(async () => {
      const folder = this.#layout.uploadsOf(userId);
      const sizes = new Map<string, number>();
      for (const name of await list(folder)) {
        const manifest = name.endsWith(".json") ? await readManifest(join(folder, name)) : undefined;
        if (manifest !== undefined) sizes.set(manifest.fileId, manifest.claim.size);
      }
      let storedBytes = 0;
      // Afterwards: what is kept meanwhile is among both, and counts here.
      for (const name of await list(this.#layout.person(userId))) {
        const [fileId, size] = name.split("-");
        storedBytes += Math.max(MIN_COUNTED_BYTES, Number(size) || 0);
        sizes.delete(fileId);
      }
      const unfinishedBytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
      return { storedBytes, unfinished: sizes.size, unfinishedBytes };
    });
  }

  async alone<T>(userId: string, work: () => Promise<T>): Promise<T> {
    const lock = await io(async () => {
      await makeFolder(this.#layout.uploadsOf(userId));
      const taken = await FileLock.take(this.#layout.personLock(userId), MAX_COUNTING_MS);
      if (taken === undefined) throw new Error("another process keeps a lock");
      return taken;
    });
    try {
      return await work();
    } finally {
      lock.release();
    }
  }

  resume(key: UploadKey): Promise<Upload | undefined> {
    return io(async () => {
      const path = this.#layout.upload(key);
      const begun = await readManifest(`${path}.json`);
      if (begun !== undefined && await this.#canGoOn(begun)) {
        const upload = await this.#locked(path, (lock) => this.#goOn(path, lock));
        if (upload !== undefined) return upload;
      }
      const done = await readManifest(`${path}.done`);
      const record = done && await this.#find(done.fileId);
      return done && record && new StoredUpload(record, done.claim);
    });
  }

  begin(key: UploadKey, claim: FileClaim, source?: FileRecord): Promise<Upload> {
    return io(async () => {
      const path = this.#layout.upload(key);
      const manifest: Manifest = { fileId: newFileId(), key, claim, source: source?.fileId };
      await makeFolder(this.#layout.uploadsOf(key.userId));
      return await this.#locked(path, async (lock) => {
        await removeIfThere(`${path}.part`);
        await writeWhole(`${path}.json`, JSON.stringify(manifest), this.#layout.newScratch(), false);
        return await DiskUpload.open(this.#parts, manifest, lock);
      });
    });
  }

  find(fileId: string): Promise<FileRecord | undefined> {
    return io(() => this.#find(fileId));
  }

  sharing(sha256: string): Promise<FileRecord[]> {
    return io(() => this.#sharing(sha256));
  }

  addRoom(fileId: string, roomId: string): Promise<void> {
    return io(() => appendLine(this.#layout.record(fileId), JSON.stringify(roomId), false));
  }

  notePost(fileId: string, { roomId, epoch, seq }: FilePost): Promise<void> {
    return io(() => appendLine(this.#layout.record(fileId), JSON.stringify([roomId, epoch, seq]), false));
  }

  async *quietFiles(now: number): AsyncIterable<FileRecord> {
    const { records } = this.#layout;
    for (const fan of await io(() => list(records))) {
      for (const fileId of await io(() => list(join(records, fan)))) {
        const record = await io(async () =>
          await isQuiet(join(records, fan, fileId), now) && this.#find(fileId)
        );
        if (record) yield record;
      }
    }
  }

  /** The record goes last: what a crash leaves behind is found again. */
  remove({ fileId, userId, size, sha256 }: FileRecord): Promise<void> {
    return io(async () => {
      await removeIfThere(this.#layout.content(fileId));
      await removeIfThere(join(this.#layout.person(userId), `${fileId}-${size}`));
      const isLast = (await this.#sharing(sha256)).every((other) => other.fileId === fileId);
      if (isLast) await removeIfThere(this.#layout.hash(sha256));
      await removeIfThere(this.#layout.record(fileId));
    });
  }

  open(fileId: string): Promise<OpenContent | undefined> {
    return io(async () => {
      const file = await unlessMissing(Deno.open(this.#layout.content(fileId)));
      return file && new DiskContent(file);
    });
  }

  sweep(now: number): Promise<void> {
    return io(async () => {
      for (const name of await list(this.#layout.uploads)) {
        await forgetQuiet(join(this.#layout.uploads, name), now);
      }
      const { scratch } = this.#layout;
      for (const name of await list(scratch)) {
        if (await isQuiet(join(scratch, name), now)) await removeIfThere(join(scratch, name));
      }
    });
  }

  async #goOn(path: string, lock: FileLock): Promise<Upload | undefined> {
    const begun = await readManifest(`${path}.json`);
    return begun && await DiskUpload.open(this.#parts, begun, lock);
  }

  /** Opens an upload that nobody else is at, and that is let go of when it is closed. */
  async #locked<T extends Upload | undefined>(
    path: string,
    open: (lock: FileLock) => Promise<T>,
  ): Promise<T> {
    const lock = await FileLock.take(`${path}.lock`, 0);
    if (lock === undefined) throw new UploadBusy("Another process is at this upload");
    try {
      const upload = await open(lock);
      if (upload === undefined) await lock.remove();
      return upload;
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  async #find(fileId: string): Promise<FileRecord | undefined> {
    if (!FILE_ID.test(fileId)) return undefined;
    const [record, ...more] = wholeLines(await readIfThere(this.#layout.record(fileId)));
    if (record === undefined) return undefined;
    const own: FileRecord = JSON.parse(record);
    const rooms = new Set(own.rooms);
    const posts = new Map<string, FilePost>();
    for (const line of more) {
      const read = readLine(line);
      if (typeof read === "string") rooms.add(read);
      else if (read !== undefined) posts.set(read.roomId, read);
    }
    return { ...own, rooms: [...rooms], posts: [...posts.values()] };
  }

  /** Whether what an upload was to be made of is still there. */
  async #canGoOn({ source }: Manifest): Promise<boolean> {
    if (source === undefined) return true;
    return await unlessMissing(Deno.stat(this.#layout.content(source))) !== undefined;
  }

  async #sharing(sha256: string): Promise<FileRecord[]> {
    if (!SHA256.test(sha256)) return [];
    const newest = wholeLines(await readIfThere(this.#layout.hash(sha256))).slice(-MAX_SHARING);
    const records = await Promise.all(newest.map((fileId) => this.#find(fileId)));
    return records.filter((record) => record !== undefined);
  }
}

async function readManifest(path: string): Promise<Manifest | undefined> {
  const text = await readIfThere(path);
  return text === undefined ? undefined : JSON.parse(text);
}

/** The room or the message that a line names; one that a crash cut off names none. */
function readLine(line: string): string | FilePost | undefined {
  try {
    const read: unknown = JSON.parse(line);
    if (!Array.isArray(read)) return String(read);
    const [roomId, epoch, seq] = read;
    return { roomId: String(roomId), epoch: String(epoch), seq: Number(seq) };
  } catch {
    return undefined;
  }
}

/** Removes what is left of a person's uploads that have been quiet for long. */
async function forgetQuiet(folder: string, now: number): Promise<void> {
  const names = new Set((await list(folder)).map((name) => name.replace(/\.\w+$/, "")));
  for (const name of names) {
    const paths = [".part", ".json", ".done", ".lock"].map((ending) => join(folder, name + ending));
    const quiet = await Promise.all(paths.map((path) => isQuiet(path, now)));
    if (!quiet.includes(false)) { for (const path of paths) await removeIfThere(path); }
  }
  await Deno.remove(folder).catch(() => {}); // Only an empty one goes.
}

/** Whether a file was not written to for long, or is not there. */
async function isQuiet(path: string, now: number): Promise<boolean> {
  const info = await unlessMissing(Deno.stat(path));
  return info === undefined || now - (info.mtime?.getTime() ?? 0) > MAX_QUIET_MS;
}
