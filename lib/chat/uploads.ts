import { type FileClaim, type FileStore, type UploadKey } from "../files/file_store.ts";
import { Lanes } from "../kit/lanes.ts";
import { CHUNK_BYTES, readChunk } from "../protocol/chunk.ts";
import { Refusal } from "../protocol/codes.ts";
import type { Command } from "../protocol/commands.ts";
import { encode } from "../protocol/encode.ts";
import type { Message } from "../protocol/messages.ts";
import type { Appended, Store } from "../store/store.ts";
import { checkReach, isDirect } from "./access.ts";
import { checkMute, checkUntil } from "./admission.ts";
import { Cluster } from "./cluster.ts";
import type { Direct } from "./direct.ts";
import type { Directory } from "./directory.ts";
import { claimOf } from "./file_claim.ts";
import type { Member, User } from "./member.ts";
import type { Posting } from "./posting.ts";
import type { Rooms } from "./rooms.ts";
import type { SharedFiles } from "./shared_files.ts";
import { Transfer, WINDOW } from "./transfer.ts";
import { nameUpload, Transfers, type Uploader } from "./transfers.ts";
import { UploadOpening } from "./upload_opening.ts";
import type { UploadsReport } from "./uploads_report.ts";

export interface UploadsOptions {
  readonly maxFileBytes: number;
  /** What all files of one person may take together. */
  readonly maxUserFileBytes: number;
}

/** The parts that uploads work with. */
export interface UploadsParts {
  readonly files: FileStore;
  readonly shared: SharedFiles;
  readonly store: Store;
  readonly rooms: Rooms;
  readonly directory: Directory;
  readonly direct: Direct;
  readonly posting: Posting;
  readonly cluster?: Cluster;
  readonly report: UploadsReport;
}

/** Uploads one connection may have open: as many as one person, as those that are paused stay open. */
const MAX_OPEN = 16;
/** Chunks of all connections that wait for the disk; beyond it clients are asked to come back. */
const MAX_HELD_BYTES = 128 << 20;

/** Takes files in pieces, and posts each as a message once it is whole. */
export class Uploads implements AsyncDisposable {
  readonly #parts: UploadsParts;
  readonly #options: UploadsOptions;
  readonly #opening: UploadOpening;
  readonly #transfers = new Transfers();
  /** What is done to one upload is done one after another. */
  readonly #uploads = new Lanes();
  #heldBytes = 0;

  constructor(parts: UploadsParts, options: UploadsOptions) {
    this.#parts = parts;
    this.#options = options;
    const cluster = parts.cluster ?? new Cluster();
    this.#opening = new UploadOpening({ ...parts, cluster }, options);
    cluster.on("uploading", ({ key }) => {
      const transfer = this.#transfers.take(key);
      if (transfer !== undefined) this.#letGo(transfer);
    });
  }

  /** Begins an upload, or goes on with one; a connection that was at it before has lost it. */
  begin(uploader: Uploader, command: Command<"file_begin">): Promise<Message<"file_ready"> | Refusal> {
    return this.#guard(async () => {
      const { id, roomId, size } = command;
      const { files } = this.#parts;
      const { maxFileBytes } = this.#options;
      if (files.refusal !== undefined) return files.refusal;
      if (size > maxFileBytes) return reject(`The file is too large: at most ${maxFileBytes} bytes`);
      const refusal = await this.#checkSpeaker(uploader.user, roomId);
      if (refusal !== undefined) return refusal;
      const key = { userId: uploader.user.userId, roomId, id };
      const name = nameUpload(key);
      const others = this.#transfers.of(uploader).filter((other) => nameUpload(other.key) !== name);
      if (others.some((other) => other.key.id === id)) {
        return new Refusal("bad_request", { message: "id is in use by another upload" });
      }
      if (others.length >= MAX_OPEN) {
        return new Refusal("limit_exceeded", { message: `at most ${MAX_OPEN} uploads at once` });
      }
      return await this.#uploads.run(name, () => this.#start(uploader, key, claimOf(command)));
    });
  }

  /** Takes a binary frame. */
  receive(uploader: Uploader, frame: ArrayBuffer): void {
    const chunk = readChunk(frame);
    if (chunk === undefined) {
      const message = `a binary frame must be 12 bytes and then at most ${CHUNK_BYTES} bytes of a file`;
      return uploader.refuse(new Refusal("bad_request", { message }));
    }
    const transfer = this.#transfers.at(uploader, chunk.handle);
    if (transfer === "ended") return; // What was on its way by then is no mistake of the sender's.
    if (transfer === undefined) {
      return uploader.refuse(new Refusal("bad_request", { message: "unknown handle" }));
    }
    const { length } = chunk.data;
    const isFull = this.#heldBytes + length > MAX_HELD_BYTES;
    const refusal = isFull ? new Refusal("unavailable") : transfer.take(chunk.offset, chunk.data);
    if (refusal === undefined) {
      this.#heldBytes += length;
      return;
    }
    this.#transfers.release(transfer);
    this.#letGo(transfer);
    this.#refuse(uploader, transfer, refusal);
  }

  /** Checks a file that was sent whole, and posts it. */
  end(uploader: Uploader, { id, content = "" }: Command<"file_end">): Promise<Posted | Refusal> {
    return this.#guard(async () => {
      const transfer = this.#transfers.find(uploader, id);
      if (transfer === undefined) return notOpen();
      this.#transfers.release(transfer);
      return await this.#uploads.run(nameUpload(transfer.key), async () => {
        await transfer.settled();
        try {
          if (!transfer.hasFailed) return await this.#finish(uploader.user, transfer, content);
          await this.#discard(transfer);
          return new Refusal("unavailable");
        } finally {
          await this.#close(transfer);
        }
      });
    });
  }

  /** Forgets an upload and what was sent of it. */
  abort(uploader: Uploader, { id }: Command<"file_abort">): Promise<Refusal | undefined> {
    return this.#guard(async () => {
      const transfer = this.#transfers.find(uploader, id);
      if (transfer === undefined) return notOpen();
      this.#transfers.release(transfer);
      await this.#uploads.run(nameUpload(transfer.key), () => this.#discard(transfer));
      this.#parts.report.went("aborted");
    });
  }

  /** Lets go of the uploads of a connection that is gone; they can be resumed. */
  lose(uploader: Member): void {
    for (const transfer of this.#transfers.lose(uploader)) this.#letGo(transfer);
  }

  /** Resolves once nothing is being written. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const transfer of this.#transfers.loseAll()) this.#letGo(transfer);
    await this.#uploads.idle();
  }

  async #start(
    uploader: Uploader,
    key: UploadKey,
    claim: FileClaim,
  ): Promise<Message<"file_ready"> | Refusal> {
    const before = this.#transfers.take(key);
    if (before !== undefined) await this.#close(before);
    const upload = await this.#opening.open(uploader.user, key, claim);
    if (upload instanceof Refusal) return upload;
    if (!uploader.isOpen) {
      await upload.close();
      return new Refusal("unavailable");
    }
    const { fileId, offset } = upload;
    const { handle } = this.#transfers.add(uploader, (handle) => {
      const transfer: Transfer = new Transfer(key, handle, upload, {
        released: (bytes) => this.#heldBytes -= bytes,
        kept: (offset) => uploader.push(encode({ type: "file_progress", fileId, offset })),
        failed: (error) => this.#fail(uploader, transfer, error),
      });
      return transfer;
    });
    const sizes = { chunkBytes: CHUNK_BYTES, window: WINDOW };
    return { type: "file_ready", id: key.id, fileId, handle, offset, ...sizes };
  }

  async #finish(
    user: User,
    { key: { id, roomId }, upload }: Transfer,
    content: string,
  ): Promise<Posted | Refusal> {
    const refusal = await this.#checkSpeaker(user, roomId);
    if (refusal !== undefined) return refusal;
    const record = await upload.finish();
    if (record === undefined) {
      return reject("The file is not the one that was announced: size or SHA-256 differ");
    }
    const { rooms, direct, posting, report } = this.#parts;
    if (!upload.isStored) {
      report.went("finished");
      report.stored(record.size);
    }
    const lease = await rooms.lease(roomId);
    if (lease === undefined) return new Refusal("room_not_found");
    using _ = lease;
    if (isDirect(roomId)) await direct.reopen(user, lease.room);
    const post = { id, content, file: this.#parts.shared.describe(record) };
    const outcome = await new Promise<Appended | Refusal>((settle) =>
      posting.post(user, lease.room, post, settle)
    );
    if (outcome instanceof Refusal) return outcome;
    await this.#parts.shared.notePost(record.fileId, lease.room, outcome.seq);
    return { roomId, ...outcome };
  }

  /** Refuses who may not speak in a room. */
  async #checkSpeaker(user: User, roomId: string): Promise<Refusal | undefined> {
    const refusal = checkReach(user, roomId);
    if (refusal !== undefined) return refusal;
    const { store, directory } = this.#parts;
    const standing = await store.standing(roomId, user.userId);
    const banned = checkUntil(standing?.bannedUntil);
    if (banned !== undefined) return banned;
    if (standing === undefined || standing.role === null) return directory.explainAbsence(user, roomId);
    return checkMute(standing.mutedUntil);
  }

  /** Nothing half is kept of what the disk could not take. */
  #fail(uploader: Uploader, transfer: Transfer, error: unknown): void {
    this.#parts.report.failed(error);
    const isEnding = !this.#transfers.release(transfer);
    void this.#uploads.run(nameUpload(transfer.key), () => this.#discard(transfer));
    if (!isEnding) this.#refuse(uploader, transfer, new Refusal("unavailable"));
  }

  #refuse(uploader: Uploader, { key: { id, roomId } }: Transfer, refusal: Refusal): void {
    this.#parts.report.went("refused");
    uploader.refuse(refusal, id, roomId);
  }

  async #guard<T>(work: () => Promise<T | Refusal>): Promise<T | Refusal> {
    const outcome = await this.#parts.shared.guard(work);
    if (outcome instanceof Refusal) this.#parts.report.went("refused");
    return outcome;
  }

  /** Ends a transfer for now; what is kept can be resumed. */
  #letGo(transfer: Transfer): void {
    void this.#uploads.run(nameUpload(transfer.key), () => this.#close(transfer));
  }

  async #close(transfer: Transfer): Promise<void> {
    await transfer.stop();
    await transfer.upload.close();
    this.#transfers.forget(transfer);
  }

  /** Keeps nothing of an upload, unless somebody else has gone on with it. */
  async #discard(transfer: Transfer): Promise<void> {
    await transfer.stop();
    if (!this.#transfers.forget(transfer)) return;
    await transfer.upload.discard().catch((error) => this.#parts.report.failed(error));
  }
}

/** Where a file's message stands in the log. */
export type Posted = Appended & { readonly roomId: string };

function reject(message: string): Refusal {
  return new Refusal("file_rejected", { message });
}

function notOpen(): Refusal {
  return new Refusal("bad_request", { message: "no upload with this id is open: send file_begin first" });
}
