import { dirname, join } from "node:path";
import type { Lanes } from "../kit/lanes.ts";
import {
  appendLine,
  FILE_MODE,
  io,
  makeFolder,
  removeIfThere,
  syncFolder,
  writeAll,
  writeWhole,
} from "./durable.ts";
import {
  type FileClaim,
  type FileRecord,
  FilesUnavailable,
  type Upload,
  type UploadKey,
} from "./file_store.ts";
import type { FileLock } from "./file_lock.ts";
import type { Layout } from "./layout.ts";
import { RunningHash } from "./running_hash.ts";

/** What is kept of an upload beside its bytes. */
export interface Manifest {
  readonly fileId: string;
  readonly key: UploadKey;
  readonly claim: FileClaim;
  /** The file that has the same content already. */
  readonly source?: string;
}

/** What all uploads of a folder share. */
export interface DiskParts {
  readonly layout: Layout;
  /** Finds files whose content is the same, for the disk to keep it once. */
  readonly findSharing: (sha256: string) => Promise<FileRecord[]>;
  /** In which contents are written one piece after another: many at once would take the disk from the messages. */
  readonly writing: Lanes;
}

/** So much of a content goes to the disk at a time: all of it at the end would hold up the messages that are synced then. */
const SYNC_BYTES = 4 * 1024 * 1024;

/** An upload whose bytes go to a file of their own until they are complete. */
export class DiskUpload implements Upload {
  readonly isStored = false;
  readonly #parts: DiskParts;
  readonly #manifest: Manifest;
  readonly #path: string;
  #lock: FileLock | undefined;
  #offset: number;
  #unsynced = 0;
  #file: Deno.FsFile | undefined;
  #hash: RunningHash | undefined;

  private constructor(parts: DiskParts, manifest: Manifest, lock: FileLock) {
    this.#parts = parts;
    this.#manifest = manifest;
    this.#path = parts.layout.upload(manifest.key);
    this.#lock = lock;
    this.#offset = manifest.source === undefined ? 0 : manifest.claim.size;
  }

  /**
   * Begins an upload, or goes on where the bytes that are there end.
   *
   * @param lock Keeps others from this upload; let go of when it is closed
   */
  static async open(parts: DiskParts, manifest: Manifest, lock: FileLock): Promise<DiskUpload> {
    const upload = new DiskUpload(parts, manifest, lock);
    if (manifest.source === undefined) await upload.#open();
    return upload;
  }

  get fileId(): string {
    return this.#manifest.fileId;
  }

  get claim(): FileClaim {
    return this.#manifest.claim;
  }

  get offset(): number {
    return this.#offset;
  }

  async write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#parts.writing.run("contents", () => io(() => this.#write(bytes)));
    this.#hash!.add(bytes);
    this.#offset += bytes.length;
  }

  async finish(): Promise<FileRecord | undefined> {
    try {
      if (await io(() => this.#isAsClaimed())) {
        const record = await io(() => this.#keep());
        await io(() => this.#forgetLock());
        return record;
      }
      await this.discard();
    } finally {
      await this.close();
    }
  }

  close(): Promise<void> {
    this.#file?.close();
    this.#hash = this.#file = undefined;
    this.#lock?.release();
    this.#lock = undefined;
    return Promise.resolve();
  }

  async discard(): Promise<void> {
    this.#file?.close();
    this.#hash = this.#file = undefined;
    try {
      await io(async () => {
        await removeIfThere(`${this.#path}.part`);
        await removeIfThere(`${this.#path}.json`);
        await this.#forgetLock();
      });
    } finally {
      await this.close();
    }
  }

  async #forgetLock(): Promise<void> {
    const lock = this.#lock;
    this.#lock = undefined;
    await lock?.remove();
  }

  async #open(): Promise<void> {
    const path = `${this.#path}.part`;
    this.#file = await Deno.open(path, { write: true, create: true, mode: FILE_MODE });
    this.#offset = await this.#file.seek(0, Deno.SeekMode.End);
    if (this.#offset > this.claim.size) {
      await this.#file.truncate(0);
      this.#offset = await this.#file.seek(0, Deno.SeekMode.Start);
    }
    this.#hash = new RunningHash(path, this.#offset);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    await writeAll(this.#file!, bytes);
    this.#unsynced += bytes.length;
    if (this.#unsynced < SYNC_BYTES) return;
    await this.#file!.syncData();
    this.#unsynced = 0;
  }

  async #isAsClaimed(): Promise<boolean> {
    const { size, sha256 } = this.claim;
    if (this.#hash === undefined) return true;
    if (this.#offset !== size || await this.#hash.digest() !== sha256) return false;
    await this.#file!.sync();
    return true;
  }

  /** The record comes last: what has none is no file. */
  async #keep(): Promise<FileRecord> {
    const { fileId, key: { userId, roomId }, claim } = this.#manifest;
    const record: FileRecord = { fileId, userId, ...claim, storedAt: Date.now(), rooms: [roomId], posts: [] };
    const { layout } = this.#parts;
    const [path, content] = [layout.record(fileId), layout.content(fileId)];
    const [hash, person] = [layout.hash(claim.sha256), layout.person(userId)];
    for (const folder of [dirname(path), dirname(content), dirname(hash), person]) await makeFolder(folder);
    await this.#place(content);
    try {
      const marker = await Deno.open(join(person, `${fileId}-${claim.size}`), { write: true, create: true });
      marker.close();
      await writeWhole(path, `${JSON.stringify(record)}\n`, layout.newScratch(), true);
    } catch (error) {
      await removeIfThere(content);
      await removeIfThere(join(person, `${fileId}-${claim.size}`));
      throw error;
    }
    await appendLine(hash, fileId, true);
    await Deno.rename(`${this.#path}.json`, `${this.#path}.done`);
    await removeIfThere(`${this.#path}.part`);
    return record;
  }

  /** Puts the content where it stays; where the same is kept already, under one more name. */
  async #place(content: string): Promise<void> {
    await removeIfThere(content);
    const { source, claim } = this.#manifest;
    const same = source === undefined
      ? (await this.#parts.findSharing(claim.sha256)).map(({ fileId }) => fileId)
      : [source];
    for (const fileId of same) {
      if (await this.#link(this.#parts.layout.content(fileId), content)) return;
    }
    if (source !== undefined) throw new Error("Cannot keep a file: the one with the same content is gone");
    if (!await this.#link(`${this.#path}.part`, content)) await Deno.rename(`${this.#path}.part`, content);
    await syncFolder(dirname(content));
  }

  /** Not every disk has hard links, and no file may have endlessly many. */
  async #link(from: string, to: string): Promise<boolean> {
    try {
      await Deno.link(from, to);
      await syncFolder(dirname(to));
      return true;
    } catch {
      return false;
    }
  }
}

/** A file that is kept whole, whose sender may not know it yet. */
export class StoredUpload implements Upload {
  readonly isStored = true;
  readonly claim: FileClaim;
  readonly #record: FileRecord;

  constructor(record: FileRecord, claim: FileClaim) {
    this.#record = record;
    this.claim = claim;
  }

  get fileId(): string {
    return this.#record.fileId;
  }

  get offset(): number {
    return this.#record.size;
  }

  write(): Promise<void> {
    return Promise.reject(new FilesUnavailable("Cannot write to a file that is complete"));
  }

  finish(): Promise<FileRecord> {
    return Promise.resolve(this.#record);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  discard(): Promise<void> {
    return Promise.resolve();
  }
}
