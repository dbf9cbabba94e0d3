import { KvRoomLeft, MAX_TEXT_LENGTH, sizeOfTexts } from "../kv/kv_room_left.ts";
import type { ChatMessage, FileInfo } from "../protocol/messages.ts";
import { messageKey, sentKey } from "./kv_keys.ts";
import { placeDraft } from "./message.ts";
import type { Draft } from "./store.ts";

/** The value of a message's key. */
export interface KvMessage {
  readonly id: string;
  /** Set if the server made the id. */
  readonly unique?: true;
  readonly userId: string;
  readonly username: string;
  /** The first piece, if there are more. */
  readonly content: string;
  /** How many pieces of the content follow, if any. */
  readonly more?: number;
  readonly timestamp: number;
  readonly replyTo?: string;
  readonly file?: FileInfo;
  /** Names the commit that brought it; only in the first message of each. */
  readonly commit?: string;
}

/** Writes a draft at its place, in as many values as its content needs. */
export function setMessage(
  atomic: Deno.AtomicOperation,
  draft: Draft,
  seq: number,
  commit: string | undefined,
): void {
  const { roomId, id, unique, userId, username, content, timestamp, replyTo, file } = draft;
  const more = countPieces(content) - 1;
  const value: KvMessage = {
    ...{ id, userId, username, content: content.slice(0, MAX_TEXT_LENGTH), timestamp },
    ...unique && { unique: true },
    ...more > 0 && { more },
    ...replyTo !== undefined && { replyTo },
    ...file !== undefined && { file },
    ...commit !== undefined && { commit },
  };
  const key = messageKey(roomId, seq);
  atomic.set(key, value);
  for (let i = 1; i <= more; i++) {
    atomic.set([...key, i], content.slice(i * MAX_TEXT_LENGTH, (i + 1) * MAX_TEXT_LENGTH));
  }
  if (!unique) atomic.set(sentKey(roomId, userId, id), [seq, timestamp]);
}

/** Takes what a draft needs out of a commit; tells whether there was enough. */
export function takeRoom(left: KvRoomLeft, draft: Draft): boolean {
  const { roomId, id, userId, username, content, replyTo, file } = draft;
  const key = messageKey(roomId, 0);
  let fits = left.take(key, sizeOfTexts(id, userId, username, content, replyTo, JSON.stringify(file)));
  for (let i = countPieces(content); i > 1; i--) fits = left.take([...key, 0], sizeOfTexts()) && fits;
  return left.take(sentKey(roomId, userId, id), sizeOfTexts()) && fits;
}

/** The messages whose entries are given, in ascending or descending order of their keys. */
export async function* readMessages(
  roomId: string,
  entries: AsyncIterable<Deno.KvEntry<unknown>>,
): AsyncGenerator<ChatMessage> {
  const reader = new PieceReader(roomId);
  for await (const entry of entries) {
    const message = reader.read(entry);
    if (message !== undefined) yield message;
  }
}

/** Whether an entry is a message or, being longer, a piece of one. */
export function isWhole(key: Deno.KvKey): boolean {
  return typeof key.at(-2) !== "number";
}

function countPieces(content: string): number {
  return Math.max(1, Math.ceil(content.length / MAX_TEXT_LENGTH));
}

/** Puts messages together; the pieces come after their message, or before it. */
class PieceReader {
  readonly #roomId: string;
  #seq = 0;
  #first: KvMessage | undefined;
  #pieces: string[] = [];
  #count = 0;

  constructor(roomId: string) {
    this.#roomId = roomId;
  }

  read({ key, value }: Deno.KvEntry<unknown>): ChatMessage | undefined {
    const isFirst = isWhole(key);
    const seq = Number(key.at(isFirst ? -1 : -2));
    if (seq !== this.#seq) {
      [this.#seq, this.#first, this.#pieces, this.#count] = [seq, undefined, [], 0];
    }
    if (isFirst) this.#first = value as KvMessage;
    else {
      this.#pieces[Number(key.at(-1)) - 1] = value as string;
      this.#count++;
    }
    if (this.#first === undefined || this.#count < (this.#first.more ?? 0)) return undefined;
    const { content } = this.#first;
    const draft = { ...this.#first, roomId: this.#roomId, content: content + this.#pieces.join("") };
    return placeDraft(draft, seq);
  }
}
