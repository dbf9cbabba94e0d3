import { Gather } from "../kit/turn.ts";
import { Refusal } from "../protocol/codes.ts";
import type { ChatMessage, FileInfo } from "../protocol/messages.ts";
import type { Appended, Draft, Store } from "../store/store.ts";
import type { MessageTrace, Tracing } from "../telemetry/tracing.ts";
import type { User } from "./member.ts";
import type { Observer } from "./observer.ts";
import type { Room } from "./room.ts";
import type { Rooms } from "./rooms.ts";

/** What somebody wants to say in a room. */
export interface Post {
  readonly content: string;
  /** Names the message; one is made if there is none. */
  readonly id?: string;
  readonly replyTo?: string;
  readonly file?: FileInfo;
}

/** Called once with where the message stands in the log, or why it does not, and with the message's id. */
export type Settle = (outcome: Appended | Refusal, id: string) => void;

interface Pending {
  readonly room: Room;
  readonly draft: Draft;
  readonly settle: Settle;
  readonly trace: MessageTrace | undefined;
}

/** Hears of every batch that was appended, or failed to be. */
export interface PostingReport {
  appended(count: number, tookMs: number, duplicates: number): void;
  failed(count: number, error: unknown): void;
  /** Where traces are collected, what follows every message. */
  readonly tracing?: Tracing;
}

/**
 * Takes messages to the log, and from there to their rooms: all that arrive in one turn together.
 *
 * A message is told and acknowledged once it is durably appended, not before.
 */
export class Posting {
  readonly #store: Store;
  readonly #rooms: Rooms;
  readonly #report: PostingReport;
  readonly #observer: Observer | undefined;
  readonly #arrivals = new Gather<Pending>((batch) => this.#append(batch));
  #underWay = 0;
  #idle = Promise.withResolvers<void>();

  constructor(store: Store, rooms: Rooms, report: PostingReport, observer?: Observer) {
    this.#store = store;
    this.#rooms = rooms;
    this.#report = report;
    this.#observer = observer;
  }

  /** Posts a message in a room that is in memory. */
  post(user: User, room: Room, post: Post, settle: Settle): void {
    const { userId, username } = user;
    const { content, replyTo, file } = post;
    const id = post.id ?? crypto.randomUUID();
    const unique = post.id === undefined;
    const draft = {
      id,
      unique,
      roomId: room.roomId,
      userId,
      username,
      content,
      timestamp: Date.now(),
      replyTo,
      file,
    };
    room.leases++;
    this.#underWay++;
    this.#arrivals.add({ room, draft, settle, trace: this.#report.tracing?.begin() });
  }

  /** Resolves once everything posted so far is settled. */
  async drained(): Promise<void> {
    while (this.#underWay > 0) await this.#idle.promise;
  }

  async #append(batch: Pending[]): Promise<void> {
    const startedAt = performance.now();
    let places: Appended[] | undefined;
    if (this.#report.tracing !== undefined) { for (const { trace } of batch) trace?.appending(batch.length); }
    try {
      places = await this.#store.append(batch.map(({ draft }) => draft));
      this.#report.appended(batch.length, performance.now() - startedAt, countDuplicates(places));
    } catch (error) {
      this.#report.failed(batch.length, error);
      this.#rooms.doubt(new Set(batch.map(({ room }) => room.roomId)));
    }
    const messages: ChatMessage[] = [];
    for (let i = 0; i < batch.length; i++) {
      const message = this.#settle(batch[i], places?.[i] ?? new Refusal("unavailable"));
      if (message !== undefined) messages.push(message);
    }
    this.#rooms.tellAppended(messages);
    for (const { room } of batch) {
      room.leases--;
      this.#rooms.release(room);
    }
    this.#underWay -= batch.length;
    if (this.#underWay > 0) return;
    this.#idle.resolve();
    this.#idle = Promise.withResolvers();
  }

  /** Says what became of a draft; returns its message if it is new. */
  #settle({ draft, settle, trace }: Pending, outcome: Appended | Refusal): ChatMessage | undefined {
    settle(outcome, draft.id);
    if (outcome instanceof Refusal || outcome.duplicate) {
      trace?.end();
      return undefined;
    }
    const message = toMessage(draft, outcome);
    if (trace !== undefined) this.#report.tracing!.hand(trace, message);
    this.#observer?.appended(message);
    return message;
  }
}

function countDuplicates(places: readonly Appended[]): number {
  let count = 0;
  for (const { duplicate } of places) if (duplicate) count++;
  return count;
}

function toMessage(draft: Draft, { seq, timestamp }: Appended): ChatMessage {
  const { id, roomId, userId, username, content, replyTo, file } = draft;
  return { type: "chat", id, roomId, seq, userId, username, content, timestamp, replyTo, file };
}
