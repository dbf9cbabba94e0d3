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
  #sha256: string | undefined;
  #fileId: string | undefined;
  /** The connection on which the server has been told of it. */
  #begunOn: AbortSignal | undefined;
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

  /** Whether it needs no place among those that are sent. */
  get isResting(): boolean {
    return this.isOver || this.status === "paused";
  }

  pause(): void {
    if (!this.isResting && this.status !== "checking") this.#rest("paused");
  }

  resume(): void {
    if (this.status === "paused") this.#goOn();
  }

  cancel(): void {
    if (this.status === "sent" || this.status === "cancelled" || this.status === "checking") return;
    this.#outcome.reject(new ParleyError("cancelled", "The file was cancelled", { roomId: this.roomId }));
    const wasPaused = this.status === "paused";
    this.#rest("cancelled");
    if (wasPaused) this.#takeBack();
  }

  retry(): void {
    if (this.status !== "failed") return;
    this.error = undefined;
    this.#expect();
    this.#goOn();
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
    this.#rest("sent");
  }

  /** Gives up, for this reason. */
  fail({ code, message, retryAfterMs }: ParleyError): void {
    if (this.isOver) return;
    this.error = { code, message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
    this.#outcome.reject(new ParleyError(code, message, { retryAfterMs, roomId: this.roomId }));
    this.#rest("failed");
  }

  /** Sends it; resolves when it is over, or paused. */
  async run(): Promise<void> {
    const backoff = new Backoff(this.#host.backoff, this.#host.random);
    const end = this.#end.signal;
    while (!end.aborted) {
      const before = this.sentBytes;
      try {
        await this.#hash(end);
        const connection = await this.#whenReady(end);
        if (connection) this.delivered(await this.#attempt(connection, end));
      } catch (caught) {
        if (end.aborted) return;
        const error = caught instanceof ParleyError ? caught : unreadable(caught);
        const isPutOff = isPassing(error) || error.code === "rate_limited";
        if (!isPutOff) return this.fail(error);
        this.#become("waiting");
        if (this.sentBytes > before) backoff.reset();
        // The connection has its own way of taking its time.
        const waitMs = error.code === "disconnected" ? 0 : Math.max(backoff.next(), error.retryAfterMs ?? 0);
        await delay(waitMs, end);
      }
    }
  }

  async #hash(end: AbortSignal): Promise<void> {
    const maxBytes = this.#host.maxBytes();
    if (this.size > maxBytes) throw new ParleyError("file_too_large", `At most ${maxBytes} bytes`);
    if (this.#sha256 !== undefined) return;
    this.#become("hashing");
    this.#sha256 = await hashFile(this.source, end);
  }

  /** Waits until there is a connection; nothing once it has ended. */
  async #whenReady(end: AbortSignal): Promise<AbortSignal | undefined> {
    if (!end.aborted) this.#become("waiting");
    while (!end.aborted) {
      const { connection } = this.#host;
      if (connection) return connection;
      await this.#stir.promise;
    }
  }

  async #attempt(connection: AbortSignal, end: AbortSignal): Promise<Ack> {
    const { id, roomId, name, size, mime, content } = this;
    this.#refusal = undefined;
    const about = { id, roomId, name, size, mime, sha256: this.#sha256 };
    const ready = await this.#host.askFor({ type: "file_begin", ...about }, "file_ready");
    this.#fileId = ready.fileId;
    this.#begunOn = connection;
    try {
      this.#check(connection, end);
      this.#become("sending");
      this.#confirm(ready.offset);
      await this.#sendRest(ready, connection, end);
      this.#check(connection, end);
    } catch (error) {
      if (this.status === "cancelled") this.#takeBack();
      throw error;
    }
    this.#become("checking");
    return await this.#host.askFor({ type: "file_end", id, content }, "ack");
  }

  /** Has the server forget what it has of it. */
  #takeBack(): void {
    const isBegun = this.#begunOn?.aborted === false;
    this.#begunOn = undefined;
    if (isBegun) this.#host.askFor({ type: "file_abort", id: this.id }, "ok").catch(() => {});
  }

  async #sendRest(ready: MessageOf<"file_ready">, connection: AbortSignal, end: AbortSignal): Promise<void> {
    const { handle, chunkBytes, window } = ready;
    let next = ready.offset;
    while (this.sentBytes < this.size) {
      this.#check(connection, end);
      const unconfirmed = Math.ceil((next - this.sentBytes) / chunkBytes);
      if (next >= this.size || unconfirmed >= window) {
        await this.#wait();
      } else if (this.#host.bufferedBytes() >= MOST_BUFFERED_BYTES) {
        await deadline(this.#stir.promise, BUFFER_LOOK_MS, () => {});
      } else {
        this.#become("sending");
        const data = await this.source.slice(next, next + chunkBytes).arrayBuffer();
        this.#check(connection, end);
        this.#host.sendBytes(writeFileChunk(handle, next, data));
        next += data.byteLength;
      }
    }
  }

  /** Waits for a confirmation. */
  async #wait(): Promise<void> {
    const buffered = this.#host.bufferedBytes();
    await deadline(this.#stir.promise, STALL_MS, () => {
      if (this.#host.bufferedBytes() < buffered) return;
      throw new ParleyError("timeout", "The server confirms nothing", { roomId: this.roomId });
    });
  }

  #check(connection: AbortSignal, end: AbortSignal): void {
    if (end.aborted) throw new ParleyError("cancelled", "The file was cancelled", { roomId: this.roomId });
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
    const isNews = this.status !== status;
    this.status = status;
    if (isNews) this.#host.changed(this);
    this.wake();
  }

  #rest(status: OutgoingFileStatus): void {
    this.status = status;
    this.#end.abort();
    this.#host.changed(this);
    this.wake();
  }

  #goOn(): void {
    this.#end = new AbortController();
    this.#become("waiting");
    this.#host.again(this);
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
