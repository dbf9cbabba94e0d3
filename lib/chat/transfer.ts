import type { Upload, UploadKey } from "../files/file_store.ts";
import { Refusal } from "../protocol/codes.ts";

/** This many chunks of one upload may be on their way unconfirmed. */
export const WINDOW = 8;

/** What becomes of the chunks. */
export interface TransferReport {
  /** So many bytes are not held in memory any more. */
  released(bytes: number): void;
  /** Everything up to the offset is kept. */
  kept(offset: number): void;
  /** A chunk could not be kept, and no further one will be. */
  failed(error: unknown): void;
}

/** One upload on one connection: takes chunks in order, and keeps them one after another. */
export class Transfer {
  readonly key: UploadKey;
  readonly handle: number;
  readonly upload: Upload;
  readonly #report: TransferReport;
  /** Where the next chunk must begin. */
  #expected: number;
  #unconfirmed = 0;
  #isStopped = false;
  #hasFailed = false;
  #writing = Promise.resolve();

  constructor(key: UploadKey, handle: number, upload: Upload, report: TransferReport) {
    this.key = key;
    this.handle = handle;
    this.upload = upload;
    this.#report = report;
    this.#expected = upload.offset;
  }

  /** Whether a chunk could not be kept. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Takes one chunk, or says what is wrong with it. */
  take(offset: number, data: Uint8Array<ArrayBuffer>): Refusal | undefined {
    if (offset !== this.#expected) {
      return new Refusal("bad_request", { message: `offset must be ${this.#expected}` });
    }
    if (offset + data.length > this.upload.claim.size) {
      return new Refusal("file_rejected", { message: "The file is longer than it was said to be" });
    }
    if (this.#unconfirmed >= WINDOW) {
      return new Refusal("bad_request", { message: `at most ${WINDOW} chunks may be unconfirmed` });
    }
    this.#expected += data.length;
    this.#unconfirmed++;
    this.#writing = this.#writing.then(() => this.#write(data));
  }

  /** Resolves once all that was taken is kept, or failed. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  /** As {@linkcode settled}; nothing is reported any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#writing;
  }

  async #write(data: Uint8Array<ArrayBuffer>): Promise<void> {
    try {
      if (this.#hasFailed) return;
      await this.upload.write(data);
      this.#unconfirmed--;
      if (!this.#isStopped) this.#report.kept(this.upload.offset);
    } catch (error) {
      this.#hasFailed = true;
      this.#report.failed(error);
    } finally {
      this.#report.released(data.length);
    }
  }
}
