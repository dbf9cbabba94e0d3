import { ParleyError } from "./errors.ts";
import type { Ack, Command } from "./types.ts";
import type { StoredMessage } from "./unsent_store.ts";

/** `pending`: waits its turn. `sent`: on its way. `acked`: kept by the server. `failed`: refused, `retry` or `discard`. */
export type OutgoingStatus = "pending" | "sent" | "acked" | "failed";

/** Why a message failed, or has to wait. */
export type OutgoingError = { code: string; message: string; retryAfterMs?: number };

/** A message on its way to the server. It changes as it goes; the `outgoing` event tells when. */
export type OutgoingMessage = {
  readonly id: string;
  /** Its room; for a message to an `@name` only `acked` tells the room. */
  readonly roomId: string;
  readonly content: string;
  readonly replyTo?: string;
  readonly to?: string;
  readonly createdAt: number;
  readonly status: OutgoingStatus;
  /** Its place in the log, once the server has it. */
  readonly seq?: number;
  readonly error?: OutgoingError;
  /** Resolves when the server has kept the message; rejects with a `ParleyError` if it is refused or discarded. */
  readonly acked: Promise<Ack>;
};

/** The queue's own hold on an outgoing message. */
export class Outgoing implements OutgoingMessage {
  readonly id: string;
  readonly roomId: string;
  readonly content: string;
  readonly replyTo?: string;
  readonly to?: string;
  readonly createdAt: number;
  status: OutgoingStatus = "pending";
  seq?: number;
  error?: OutgoingError;
  /** Whether the store has it: nothing is sent before. */
  stored = false;
  #outcome!: PromiseWithResolvers<Ack>;

  constructor(message: StoredMessage) {
    this.id = message.id;
    this.roomId = message.roomId;
    this.content = message.content;
    this.replyTo = message.replyTo;
    this.to = message.to;
    this.createdAt = message.createdAt;
    this.error = message.error;
    this.#expect();
    if (message.error) this.fail(message.error);
  }

  get acked(): Promise<Ack> {
    return this.#outcome.promise;
  }

  /** Back to waiting; one that had failed gets a new `acked`. */
  wait(error?: OutgoingError): void {
    if (this.status === "failed") this.#expect();
    this.status = "pending";
    this.error = error && plain(error);
  }

  send(): void {
    this.status = "sent";
    this.error = undefined;
  }

  ack(ack: Ack): void {
    this.status = "acked";
    this.seq = ack.seq;
    this.error = undefined;
    this.#outcome.resolve(ack);
  }

  fail(error: OutgoingError): void {
    this.status = "failed";
    this.error = plain(error);
    const { retryAfterMs } = error;
    this.#outcome.reject(new ParleyError(error.code, error.message, { retryAfterMs, roomId: this.roomId }));
  }

  toStored(): StoredMessage {
    const { id, roomId, createdAt, error } = this;
    const failure = this.status === "failed" && error ? { error } : {};
    return { id, roomId, ...this.#said, createdAt, ...failure };
  }

  toCommand(): Command {
    const { id, roomId } = this;
    return this.to === undefined
      ? { type: "chat", id, roomId, ...this.#said }
      : { type: "dm", id, ...this.#said };
  }

  get #said(): { content: string; replyTo?: string; to?: string } {
    const { content, replyTo, to } = this;
    return { content, ...(replyTo === undefined ? {} : { replyTo }), ...(to === undefined ? {} : { to }) };
  }

  #expect(): void {
    this.#outcome = Promise.withResolvers<Ack>();
    this.#outcome.promise.catch(() => {}); // who does not look at `acked` looks at `status`
  }
}

function plain({ code, message, retryAfterMs }: OutgoingError): OutgoingError {
  return { code, message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}
