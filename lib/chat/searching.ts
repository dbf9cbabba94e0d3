import { Refusal } from "../protocol/codes.ts";
import type { ChatMessage, Message } from "../protocol/messages.ts";
import type { SearchQuery, Store } from "../store/store.ts";
import { isDirect, isOnList } from "./access.ts";
import type { Directory } from "./directory.ts";
import type { Renew } from "./history.ts";
import type { User } from "./member.ts";
import { parseQuery } from "./search_query.ts";
import { makeSnippet } from "./snippet.ts";

export interface SearchRequest {
  readonly query: string;
  readonly roomId?: string;
  /** The time of the last result of the page before. */
  readonly before?: number;
  readonly limit?: number;
}

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;
/** A page ends once its contents take this many UTF-16 units. */
const PAGE_LENGTH = 256 * 1024;
/** What was said in one millisecond is told together, up to so many messages. */
const MAX_BURST = 1_000;
/** Pages of all rooms that are looked through for one page of those that a token reaches. */
const MAX_SIFTED_PAGES = 50;

interface Found {
  readonly messages: ChatMessage[];
  readonly more: boolean;
}

/** Looks for messages in everything a person may read, and nothing else. */
export class Searching {
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #renew: Renew;

  /** `renew` brings a message that was kept up to date before it is told. */
  constructor(store: Store, directory: Directory, renew: Renew = (message) => message) {
    this.#store = store;
    this.#directory = directory;
    this.#renew = renew;
  }

  /** One page of results, newest first. */
  async search(
    user: User,
    request: SearchRequest,
  ): Promise<Omit<Message<"search_results">, "type"> | Refusal> {
    const parsed = parseQuery(request.query);
    if (parsed instanceof Refusal) return parsed;
    const { words, from, since } = parsed;
    const roomId = request.roomId ?? parsed.in;
    const refusal = roomId === undefined ? undefined : await this.#directory.checkMember(user, roomId);
    if (refusal !== undefined) return refusal;
    const before = Math.min(parsed.before ?? Infinity, request.before ?? Infinity);
    const limit = Math.min(request.limit ?? DEFAULT_LIMIT, MAX_LIMIT);
    const userId = user.seesAll && !isDirect(roomId ?? "") ? undefined : user.userId;
    const asked = {
      ...{ userId, roomId, words, from, since, limit },
      before: before === Infinity ? undefined : before,
    };
    const { messages, more } = await (isLimited(user, roomId) ? this.#sift(user, asked) : this.#page(asked));
    const results = messages
      .map((message) => ({ ...this.#renew(message), snippet: makeSnippet(message.content, words) }));
    return { results, more };
  }

  /** A page of what stands in rooms on the list of a token, out of as many pages of all rooms as that takes. */
  async #sift(user: User, query: SearchQuery): Promise<Found> {
    let found: ChatMessage[] = [];
    let { before } = query;
    for (let pages = 0; pages < MAX_SIFTED_PAGES; pages++) {
      const { messages, more } = await this.#page({ ...query, before, limit: MAX_LIMIT });
      found = [...found, ...messages.filter(({ roomId }) => isOnList(user, roomId))];
      const end = countFitting(found, query.limit);
      if (end < found.length) return cut(found, end) ?? firstBurst(found, more);
      if (!more || messages.length === 0) return { messages: found, more };
      before = messages.at(-1)!.timestamp;
    }
    return { messages: found, more: true };
  }

  /** As the next page begins before the time of the last result, a page ends between two milliseconds. */
  async #page(query: SearchQuery): Promise<Found> {
    const { messages, more } = await this.#store.search({ ...query, limit: query.limit + 1 });
    const end = countFitting(messages, query.limit);
    if (end === messages.length) return { messages, more };
    const { timestamp } = messages[end];
    const page = cut(messages, end);
    if (page !== undefined) return page;
    // More was said in one millisecond than fits: it makes a page by itself.
    const burst = { ...query, since: timestamp, before: timestamp + 1, limit: MAX_BURST };
    const { messages: whole } = await this.#store.search(burst);
    const older = await this.#store.search({ ...query, before: timestamp, limit: 1 });
    return { messages: whole, more: older.messages.length > 0 };
  }
}

/** Whether a search may find what a token does not reach: that of one room was asked for by name. */
function isLimited({ rooms }: User, roomId: string | undefined): boolean {
  return rooms !== undefined && roomId === undefined;
}

/** The messages before the millisecond of one of them, which begins the next page; `undefined` if there are none. */
function cut(messages: ChatMessage[], at: number): Found | undefined {
  const { timestamp } = messages[at];
  const first = messages.findIndex((message) => message.timestamp === timestamp);
  return first > 0 ? { messages: messages.slice(0, first), more: true } : undefined;
}

/** What was said in the newest millisecond of a page of which that is too much. */
function firstBurst(messages: ChatMessage[], more: boolean): Found {
  const burst = messages.filter(({ timestamp }) => timestamp === messages[0].timestamp);
  return { messages: burst, more: more || burst.length < messages.length };
}

/** How many messages make a page. */
function countFitting(messages: readonly ChatMessage[], limit: number): number {
  let length = 0;
  for (let i = 0; i < messages.length; i++) {
    length += messages[i].content.length;
    if (i === limit || i > 0 && length > PAGE_LENGTH) return i;
  }
  return messages.length;
}
