import type { BackoffOptions } from "./backoff.ts";
import { ParleyError } from "./errors.ts";
import type { FileSource, OutgoingFile, SendFileOptions } from "./outgoing_file.ts";
import type { Ack, ChatMessage, Command, ErrorMessage, MessageOf, ServerMessage } from "./types.ts";
import { Upload, type UploadHost } from "./upload.ts";

/** So that each is done soon; a server takes more, as it holds on to those that are paused. */
const MOST_AT_ONCE = 3;

/** What uploads need; `changed` hears of every file whose status or progress changed. */
export type UploadsOptions = {
  backoff: BackoffOptions;
  random: () => number;
  now: () => number;
  maxBytes(): number;
  askFor<T extends ServerMessage["type"]>(command: Command, type: T): Promise<MessageOf<T>>;
  sendBytes(frame: Uint8Array<ArrayBuffer>): void;
  bufferedBytes(): number;
  changed(file: OutgoingFile): void;
};

/** The files of all rooms that are on their way or have failed: a few are sent at a time, and none waits for paused ones. */
export class Uploads {
  #options: UploadsOptions;
  #uploads = new Set<Upload>();
  #waiting: Upload[] = [];
  #running = new Set<Upload>();
  #connection: AbortController | undefined;

  constructor(options: UploadsOptions) {
    this.#options = options;
  }

  /** Sends a file, as soon as it is its turn. */
  add(roomId: string, file: FileSource, options: SendFileOptions): OutgoingFile {
    const upload = new Upload(roomId, file, options, this.#host(), this.#options.now());
    const cancel = () => upload.cancel();
    this.#uploads.add(upload);
    if (options.signal?.aborted) cancel();
    options.signal?.addEventListener("abort", cancel, { once: true });
    this.#queue(upload);
    return upload;
  }

  /** The files of one room, in the order they were chosen. */
  of(roomId: string): readonly OutgoingFile[] {
    return [...this.#uploads].filter((upload) => upload.roomId === roomId);
  }

  /** There is a connection. */
  opened(): void {
    this.#connection = new AbortController();
    for (const upload of this.#running) upload.wake();
  }

  /** The connection is lost, or about to be. */
  interrupted(): void {
    this.#connection?.abort();
    this.#connection = undefined;
    for (const upload of this.#running) upload.wake();
  }

  /** The client has stopped. */
  stopped(error: ParleyError): void {
    for (const upload of this.#uploads) upload.fail(error);
  }

  progressed(message: MessageOf<"file_progress">): void {
    for (const upload of this.#uploads) upload.progressed(message);
  }

  /** An error that answers no command; false if it is not about a file. */
  refused(message: ErrorMessage): boolean {
    const upload = [...this.#uploads].find(({ id }) => id === message.id);
    upload?.refused(ParleyError.from(message));
    return upload !== undefined;
  }

  /** A message of ours has come back: it may be a file. */
  delivered({ id, roomId, seq, timestamp }: ChatMessage | Ack): void {
    for (const upload of this.#uploads) {
      if (upload.id !== id || upload.roomId !== roomId) continue;
      this.#uploads.delete(upload);
      upload.delivered({ type: "ack", id, roomId, seq, timestamp });
    }
  }

  #host(): UploadHost {
    const connection = () => this.#connection?.signal;
    return {
      ...this.#options,
      get connection() {
        return connection();
      },
      changed: (upload) => {
        if (upload.status === "cancelled") this.#uploads.delete(upload);
        this.#options.changed(upload);
      },
      again: (upload) => this.#queue(upload),
    };
  }

  #queue(upload: Upload): void {
    this.#waiting.push(upload);
    this.#next();
  }

  #next(): void {
    while (this.#running.size < MOST_AT_ONCE) {
      const upload = this.#waiting.shift();
      if (!upload) return;
      if (this.#running.has(upload)) continue;
      this.#running.add(upload);
      void upload.run().finally(() => {
        this.#running.delete(upload);
        if (!upload.isResting) this.#waiting.push(upload); // asked for again before it had ended
        this.#next();
      });
    }
  }
}
