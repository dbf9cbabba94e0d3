import type { Refusal } from "../protocol/codes.ts";

/** What somebody says of a file before they send it. */
export interface FileClaim {
  /** One path segment, as {@linkcode cleanFileName} leaves it. */
  readonly name: string;
  readonly size: number;
  /** What the sender takes it for; nothing here relies on it. */
  readonly mime: string;
  /** 64 lower-case hexadecimal digits. */
  readonly sha256: string;
}

/** Names an upload once and for all: the `id` is the sender's. */
export interface UploadKey {
  readonly userId: string;
  readonly roomId: string;
  readonly id: string;
}

/** Where a message with a file stands. */
export interface FilePost {
  readonly roomId: string;
  /** The life of the room's log. */
  readonly epoch: string;
  /** 0 for a room in which no such message was found. */
  readonly seq: number;
}

/** A file that is kept whole. */
export interface FileRecord extends FileClaim {
  /** 32 hexadecimal digits that nobody can guess. */
  readonly fileId: string;
  /** Whose upload it was. */
  readonly userId: string;
  /** In milliseconds since the Unix epoch. */
  readonly storedAt: number;
  /** The rooms whose members may read it. */
  readonly rooms: readonly string[];
  /** Its last message in each room, as far as that is known. */
  readonly posts: readonly FilePost[];
}

/** What a person keeps here. */
export interface Usage {
  /** Files that are whole, each counted as at least {@linkcode MIN_COUNTED_BYTES}. */
  readonly storedBytes: number;
  /** Uploads that have begun and not ended. */
  readonly unfinished: number;
  /** The sizes that these claim. */
  readonly unfinishedBytes: number;
}

/** The content of a file, open for reading. */
export interface OpenContent {
  /** The bytes from `start` up to, not including, `end`; must be taken. Its end closes the content, however it comes. */
  stream(start: number, end: number): ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** A small file costs more than its bytes. */
export const MIN_COUNTED_BYTES = 16 * 1024;

/**
 * An upload under way.
 *
 * Its methods MUST NOT be called before the promise of the call before has settled.
 */
export interface Upload {
  readonly fileId: string;
  readonly claim: FileClaim;
  /** How many bytes are kept. */
  readonly offset: number;
  /** Whether the file is kept whole already, and only its answer was lost. */
  readonly isStored: boolean;
  /** Keeps the next bytes. Resolves once they would outlive the process. */
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /**
   * Compares size and SHA-256 with the claim and makes the file one of the room's, durably. `undefined` where they
   * differ: then nothing is kept.
   */
  finish(): Promise<FileRecord | undefined>;
  /** Ends it for now; what is kept can be resumed. */
  close(): Promise<void>;
  /** Ends it and keeps nothing. */
  discard(): Promise<void>;
}

/**
 * Keeps the contents of files, and what was said of them.
 *
 * Every method rejects with {@linkcode FilesUnavailable} when nothing was done and the same call may succeed later. A
 * file that {@linkcode Upload.finish} resolved to MUST survive the end of the process and of the machine, and MUST be
 * there either whole or not at all. No content and no name that a stranger chose may decide where something is kept.
 */
export interface FileStore {
  /** Why nothing is taken; `undefined` where files are. */
  readonly refusal: Refusal | undefined;

  usage(userId: string): Promise<Usage>;
  /** Does something for a person while no other process does so for the same one. */
  alone<T>(userId: string, work: () => Promise<T>): Promise<T>;
  /**
   * Goes on with an upload of the same key, also after a restart; `undefined` if there is none. MUST NOT be called
   * while the same upload is open here; rejects with {@linkcode UploadBusy} while it is open elsewhere.
   */
  resume(key: UploadKey): Promise<Upload | undefined>;
  /** Begins an upload, or rejects as {@linkcode FileStore.resume} does; `source` is a file with the same content, of which nothing needs to be sent again. */
  begin(key: UploadKey, claim: FileClaim, source?: FileRecord): Promise<Upload>;

  find(fileId: string): Promise<FileRecord | undefined>;
  /** Some files with this content: not necessarily all. */
  sharing(sha256: string): Promise<FileRecord[]>;
  /** Lets the members of another room read a file, durably. */
  addRoom(fileId: string, roomId: string): Promise<void>;
  /** Remembers where a message with a file stands, durably. */
  notePost(fileId: string, post: FilePost): Promise<void>;
  /** Every file that nothing was done with for a day, one after another; those that come meanwhile may be left out. */
  quietFiles(now: number): AsyncIterable<FileRecord>;
  /** Forgets a file and its content; other files with the same content stay. */
  remove(record: FileRecord): Promise<void>;
  /** Opens the content of a file; `undefined` if it is gone. */
  open(fileId: string): Promise<OpenContent | undefined>;

  /** Forgets uploads that nobody went on with for a day. */
  sweep(now: number): Promise<void>;
}

/** Another process is at this upload, and may let go of it. */
export class UploadBusy extends Error {
  override readonly name = "UploadBusy";
}

/** The files cannot be reached or written: the same call may succeed later. */
export class FilesUnavailable extends Error {
  override readonly name = "FilesUnavailable";
}
