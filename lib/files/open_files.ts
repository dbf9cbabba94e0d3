import { describeError, type Log } from "../telemetry/log.ts";
import { DiskFiles } from "./disk_files.ts";
import type { FileStore } from "./file_store.ts";
import { NoFiles } from "./no_files.ts";

export interface FilesOptions {
  readonly filesDir: string;
  /** 0 for no files at all. */
  readonly maxFileBytes: number;
}

/** Opens the folder for files; a server that cannot write there says so in its log, and does without. */
export async function openFiles({ filesDir, maxFileBytes }: FilesOptions, log: Log): Promise<FileStore> {
  if (maxFileBytes === 0) return new NoFiles();
  try {
    return await DiskFiles.open(filesDir);
  } catch (error) {
    log.warn("files_off", { setting: "FILES_DIR", ...describeError(error) });
    return new NoFiles();
  }
}
