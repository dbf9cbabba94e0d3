import { Refusal } from "../protocol/codes.ts";
import { type FileRecord, type FileStore, FilesUnavailable, type Upload, type Usage } from "./file_store.ts";

/** Keeps nothing: for servers without files. */
export class NoFiles implements FileStore {
  readonly refusal = new Refusal("file_rejected", { message: "This server takes no files" });

  usage(): Promise<Usage> {
    return Promise.resolve({ storedBytes: 0, unfinished: 0, unfinishedBytes: 0 });
  }

  alone<T>(_userId: string, work: () => Promise<T>): Promise<T> {
    return work();
  }

  resume(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  begin(): Promise<Upload> {
    return Promise.reject(new FilesUnavailable(this.refusal.message));
  }

  find(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  sharing(): Promise<FileRecord[]> {
    return Promise.resolve([]);
  }

  addRoom(): Promise<void> {
    return Promise.reject(new FilesUnavailable(this.refusal.message));
  }

  notePost(): Promise<void> {
    return Promise.resolve();
  }

  async *quietFiles(): AsyncIterable<FileRecord> {}

  remove(): Promise<void> {
    return Promise.resolve();
  }

  open(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  sweep(): Promise<void> {
    return Promise.resolve();
  }
}
