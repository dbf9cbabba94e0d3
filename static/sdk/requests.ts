import { ParleyError } from "./errors.ts";
import { newId } from "./new_id.ts";
import { byteLength } from "./outbox.ts";
import type { Command, MessageOf, ServerMessage } from "./types.ts";

type Asked = {
  resolve(reply: ServerMessage): void;
  reject(error: ParleyError): void;
  timer: ReturnType<typeof setTimeout>;
  line: string;
  sent: boolean;
};

/** What requests need of a connection. */
export type RequestOptions = { send(line: string): void; timeoutMs: number };

/** Commands that wait for their answer, found again by `id`. */
export class Requests {
  /** The most bytes one command may have. */
  maxBytes = Infinity;
  #send: (line: string) => void;
  #timeoutMs: number;
  #asked = new Map<string, Asked>();
  #open = false;

  constructor({ send, timeoutMs }: RequestOptions) {
    this.#send = send;
    this.#timeoutMs = timeoutMs;
  }

  /** Sends a command, as soon as there is a connection, and gives its answer; rejects with a `ParleyError`. */
  ask(command: Command, timeoutMs = this.#timeoutMs): Promise<ServerMessage> {
    const id = command.id ?? newId();
    const line = JSON.stringify({ ...command, id });
    if (this.#asked.has(id)) {
      return Promise.reject(new ParleyError("bad_request", "id is waiting for its answer"));
    }
    if (byteLength(line) > this.maxBytes) {
      return Promise.reject(new ParleyError("too_large", "Message too large"));
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#give(id, noAnswer(command)), timeoutMs);
      const asked = { resolve, reject, timer, line, sent: false };
      this.#asked.set(id, asked);
      if (this.#open) this.#transmit(asked);
    });
  }

  /** As `ask`, for an answer of the given type. */
  async askFor<T extends ServerMessage["type"]>(
    command: Command,
    type: T,
    timeoutMs?: number,
  ): Promise<MessageOf<T>> {
    const reply = await this.ask(command, timeoutMs);
    if (reply.type === type) return reply as MessageOf<T>;
    throw new ParleyError(
      "unexpected_reply",
      `Expected "${type}" in answer to "${command.type}": got "${reply.type}"`,
    );
  }

  /** Gives an answer to whoever waits for its `id`; false if nobody does. */
  settle(reply: ServerMessage): boolean {
    if (!("id" in reply) || reply.id === undefined) return false;
    return this.#give(reply.id, reply);
  }

  /** Commands may be sent; those that waited for it are. */
  opened(): void {
    this.#open = true;
    for (const asked of this.#asked.values()) if (!asked.sent) this.#transmit(asked);
  }

  /** Commands wait, until `opened`. */
  interrupted(): void {
    this.#open = false;
  }

  /** What has been sent gets no answer any more. */
  lost(): void {
    for (const [id, asked] of this.#asked) {
      if (asked.sent) {
        this.#give(id, new ParleyError("disconnected", "The connection was lost before the answer"));
      }
    }
  }

  /** Nothing gets an answer any more. */
  stopped(): void {
    for (const id of this.#asked.keys()) this.#give(id, new ParleyError("closed", "The client has stopped"));
  }

  #transmit(asked: Asked): void {
    asked.sent = true;
    this.#send(asked.line);
  }

  #give(id: string, reply: ServerMessage | ParleyError): boolean {
    const asked = this.#asked.get(id);
    if (!asked) return false;
    this.#asked.delete(id);
    clearTimeout(asked.timer);
    if (reply instanceof ParleyError) asked.reject(reply);
    else if (reply.type === "error") asked.reject(ParleyError.from(reply));
    else asked.resolve(reply);
    return true;
  }
}

function noAnswer(command: Command): ParleyError {
  return new ParleyError("timeout", `No answer to "${command.type}" in time`, { roomId: command.roomId });
}
