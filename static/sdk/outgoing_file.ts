import type { OutgoingError } from "./outgoing.ts";
import type { Ack } from "./types.ts";

/** What is sent: a `File`, or a `Blob`, which is called `file` unless it has a name. */
export type FileSource = Blob & { readonly name?: string };

/** How a file is sent. */
export type SendFileOptions = {
  /** What is said about it. */
  content?: string;
  /** Cancels it when aborted. */
  signal?: AbortSignal;
  /** Hears how many of the bytes the server has. */
  onProgress?: (sentBytes: number, size: number) => void;
  /** Names the upload: one that was begun under the same `id`, room and content goes on where it was. @default a new one */
  id?: string;
};

/**
 * `waiting`: for its turn or the connection. `hashing`, `sending`, `paused`. `checking`: all is there, and the server
 * looks whether it is whole. `sent`: kept, as a message. `failed`: `retry` or `cancel`. `cancelled`.
 */
export type OutgoingFileStatus =
  | "waiting"
  | "hashing"
  | "sending"
  | "paused"
  | "checking"
  | "sent"
  | "failed"
  | "cancelled";

/** A file on its way to the server. It changes as it goes; the room's `file` event tells when. */
export type OutgoingFile = {
  readonly id: string;
  readonly roomId: string;
  readonly name: string;
  readonly size: number;
  readonly mime: string;
  readonly content: string;
  readonly createdAt: number;
  readonly source: Blob;
  readonly status: OutgoingFileStatus;
  /** What the server has of it. */
  readonly sentBytes: number;
  /** The message's place in the log, once the server has it. */
  readonly seq?: number;
  readonly error?: OutgoingError;
  /** Resolves when the file is a message; rejects with a `ParleyError` if it is refused or cancelled. */
  readonly done: Promise<Ack>;
  /** Stops for now; the server keeps for a while what it has. */
  pause(): void;
  resume(): void;
  /** Gives it up, unless it is a message already. */
  cancel(): void;
  /** Tries again what has failed. */
  retry(): void;
};
