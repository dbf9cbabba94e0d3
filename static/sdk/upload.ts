import { Backoff, type BackoffOptions } from "./backoff.ts";
import { deadline } from "./deadline.ts";
import { delay } from "./delay.ts";
import { isPassing, ParleyError } from "./errors.ts";
import { writeFileChunk } from "./file_chunk.ts";
import { hashFile } from "./hash_file.ts";
import { newId } from "./new_id.ts";
import type { OutgoingError } from "./outgoing.ts";
import type { FileSource, OutgoingFile, OutgoingFileStatus, SendFileOptions } from "./outgoing_file.ts";
import type { Ack, Command, MessageOf, ServerMessage } from "./types.ts";

/** What lies before the socket unsent delays every message by as long as it takes. */
const MOST_BUFFERED_BYTES = 512 << 10;
const BUFFER_LOOK_MS = 20;
/** Without a confirmation, or a byte leaving, for so long, something is wrong. */
const STALL_MS = 30_000;
const MOST_NAME_LENGTH = 255;

/** What an upload needs of its client. */
export interface UploadHost {
  /** The present connection; it lasts until the signal is aborted. */
  readonly connection: AbortSignal | undefined;
  readonly backoff: BackoffOptions;
  readonly random: () => number;
  /** The largest file the server takes, once that is known. */
  maxBytes(): number;
  askFor<T extends ServerMessage["type"]>(command: Command, type: T): Promise<MessageOf<T>>;
  sendBytes(frame: Uint8Array<ArrayBuffer>): void;
  /** What waits to leave this machine. */
  bufferedBytes(): number;
  changed(upload: Upload): void;
  /** It has failed, and wants another turn. */
  again(upload: Upload): void;
}

/** One file, sent in pieces on one connection after another until the server has it whole. */
export class Upload implements OutgoingFile {
  readonly id: string;
  readonly roomId: string;
  readonly name: string;
  readonly size: number;
  readonly mime: string;
  readonly content: string;
  readonly createdAt: number;
  readonly source: Blob;
  status: OutgoingFileStatus = "waiting";
  sentBytes = 0;
  seq?: number;
  error?: OutgoingError;
  #host: UploadHost;
  #onProgress: SendFileOptions["onProgress"];
  #outcome!: PromiseWithResolvers<Ack>;
  #end = new AbortController();
  #stir = Promise.withResolvers<void>();
  #isPaused = false;
  #sha256: string | undefined;
  #fileId: string | undefined;
  #refusal: ParleyError | undefined;

  constructor(roomId: string, source: FileSource, options: SendFileOptions, host: UploadHost, now: number) {
    this.id = options.id ?? newId();
    this.roomId = roomId;
    this.source = source;
    this.name = (source.name || "file").slice(0, MOST_NAME_LENGTH);
    this.size = source.size;
    this.mime = source.type || "application/octet-stream";
    this.content = options.content ?? "";
    this.createdAt = now;
    this.#onProgress = options.onProgress;
    this.#host = host;
    this.#expect();
  }

  get done(): Promise<Ack> {
    return this.#outcome.promise;
  }

  /** Whether nothing more becomes of it, unless it is tried again. */
  get isOver(): boolean {
    return this.status === "sent" || this.status === "failed" || this.status === "cancelled";
  }

  pause(): void {
    if (this.isOver || this.status === "checking") return;
    this.#isPaused = true;
    this.#become("paused");
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#become("waiting");
  }

  cancel(): void {
    if (this.status === "sent" || this.status === "cancelled" || this.status === "checking") return;
    this.#outcome.reject(new ParleyError("cancelled", "The file was cancelled", { roomId: this.roomId }));
    this.#finish("cancelled");
  }

  retry(): void {
    if (this.status !== "failed") return;
    this.error = undefined;
    this.#isPaused = false;
    this.#end = new AbortController();
    this.#expect();
    this.status = "waiting";
    this.#host.changed(this);
    this.#host.again(this);
  }

  /** Something it may wait for has happened. */
  wake(): void {
    this.#stir.resolve();
    this.#stir = Promise.withResolvers();
  }

  /** The server has so much of a file. */
  progressed({ fileId, offset }: MessageOf<"file_progress">): void {
    if (fileId === this.#fileId) this.#confirm(offset);
  }

  /** The server takes no more pieces. */
  refused(error: ParleyError): void {
    this.#refusal = error;
    this.wake();
  }

  /** The server has kept it. */
  delivered(ack: Ack): void {
    if (this.status === "sent" || this.status === "cancelled") return;
    this.seq = ack.seq;
    this.sentBytes = this.size;
    this.#outcome.resolve(ack);
    this.#finish("sent");
  }

  /** Gives up, for this reason. */
  fail({ code, message, retryAfterMs }: ParleyError): void {
    if (this.isOver) return;
    this.error = { code, message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
    this.#outcome.reject(new ParleyError(code, message, { retryAfterMs, roomId: this.roomId }));
    this.#finish("failed");
  }

  /** Sends it; resolves when it is over. */
  async run(): Promise<void> {
    const backoff = new Backoff(this.#host.backoff, this.#host.random);
    while (!this.isOver) {
      const before = this.sentBytes;
      try {
        await this.#hash();
        const connection = await this.#whenReady();
        if (connection) this.delivered(await this.#attempt(connection));
      } catch (caught) {
        const error = caught instanceof ParleyError ? caught : unreadable(caught);
        const isPutOff = isPassing(error) || error.code === "rate_limited";
        if (!isPutOff) return this.fail(error);
        if (this.isOver) return;
        this.#become(this.#isPaused ? "paused" : "waiting");
        if (this.sentBytes > before) backoff.reset();
        // The connection has its own way of taking its time.
        const waitMs = error.code === "disconnected" ? 0 : Math.max(backoff.next(), error.retryAfterMs ?? 0);
        await delay(waitMs, this.#end.signal);
      }
    }
  }

  async #hash(): Promise<void> {
    const maxBytes = this.#host.maxBytes();
    if (this.size > maxBytes) throw new ParleyError("file_too_large", `At most ${maxBytes} bytes`);
    if (this.#sha256 !== undefined) return;
    this.#become("hashing");
    this.#sha256 = await hashFile(this.source, this.#end.signal);
  }

  /** Waits until there is a connection, and nobody has paused it; nothing once it is over. */
  async #whenReady(): Promise<AbortSignal | undefined> {
    this.#become(this.#isPaused ? "paused" : "waiting");
    while (!this.isOver) {
      const { connection } = this.#host;
      if (connection && !this.#isPaused) return connection;
      await this.#stir.promise;
    }
  }

  async #attempt(connection: AbortSignal): Promise<Ack> {
    const { id, roomId, name, size, mime, content } = this;
    this.#refusal = undefined;
    const about = { id, roomId, name, size, mime, sha256: this.#sha256 };
    const ready = await this.#host.askFor({ type: "file_begin", ...about }, "file_ready");
    this.#fileId = ready.fileId;
    this.#become(this.#isPaused ? "paused" : "sending");
    this.#confirm(ready.offset);
    try {
      await this.#sendRest(ready, connection);
      this.#check(connection);
    } catch (error) {
      if (this.status === "cancelled" && !connection.aborted) {
        this.#host.askFor({ type: "file_abort", id }, "ok").catch(() => {});
      }
      throw error;
    }
    this.#become("checking");
    return await this.#host.askFor({ type: "file_end", id, content }, "ack");
  }

  async #sendRest(ready: MessageOf<"file_ready">, connection: AbortSignal): Promise<void> {
    const { handle, chunkBytes, window } = ready;
    let next = ready.offset;
    while (this.sentBytes < this.size || this.#isPaused) {
      this.#check(connection);
      const unconfirmed = Math.ceil((next - this.sentBytes) / chunkBytes);
      const mayGoOn = !this.#isPaused && next < this.size && unconfirmed < window;
      if (!mayGoOn) {
        await this.#wait(unconfirmed > 0);
      } else if (this.#host.bufferedBytes() >= MOST_BUFFERED_BYTES) {
        await deadline(this.#stir.promise, BUFFER_LOOK_MS, () => {});
      } else {
        this.#become("sending");
        const data = await this.source.slice(next, next + chunkBytes).arrayBuffer();
        this.#check(connection);
        this.#host.sendBytes(writeFileChunk(handle, next, data));
        next += data.byteLength;
      }
    }
  }

  /** Waits for a confirmation, or for somebody to go on. */
  async #wait(isOwed: boolean): Promise<void> {
    if (!isOwed) return await this.#stir.promise;
    const buffered = this.#host.bufferedBytes();
    await deadline(this.#stir.promise, STALL_MS, () => {
      if (this.#host.bufferedBytes() < buffered) return;
      throw new ParleyError("timeout", "The server confirms nothing", { roomId: this.roomId });
    });
  }

  #check(connection: AbortSignal): void {
    if (this.isOver) throw new ParleyError("cancelled", "The file was cancelled", { roomId: this.roomId });
    if (connection.aborted) throw new ParleyError("disconnected", "The connection was lost");
    if (this.#refusal) throw this.#refusal;
  }

  #confirm(offset: number): void {
    if (offset !== this.sentBytes) {
      this.sentBytes = offset;
      this.#onProgress?.(offset, this.size);
      this.#host.changed(this);
    }
    this.wake();
  }

  #become(status: OutgoingFileStatus): void {
    if (this.isOver) return;
    const isNews = this.status !== status;
    this.status = status;
    if (isNews) this.#host.changed(this);
    this.wake();
  }

  #finish(status: OutgoingFileStatus): void {
    this.status = status;
    this.#end.abort();
    this.#host.changed(this);
    this.wake();
  }

  #expect(): void {
    this.#outcome = Promise.withResolvers<Ack>();
    this.#outcome.promise.catch(() => {}); // who does not look at `done` looks at `status`
  }
}

function unreadable(error: unknown): ParleyError {
  return new ParleyError(
    "file_unreadable",
    error instanceof Error ? error.message : "The file cannot be read",
  );
}
