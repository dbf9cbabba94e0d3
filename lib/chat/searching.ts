import { Refusal } from "../protocol/codes.ts";
import type { Message } from "../protocol/messages.ts";
import type { Store } from "../store/store.ts";
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
    const { messages, more } = await this.#store.search({
      ...{ userId, roomId, words, from, since, limit },
      before: before === Infinity ? undefined : before,
    });
    const results = messages.filter((message) => isOnList(user, message.roomId))
      .map((message) => ({ ...this.#renew(message), snippet: makeSnippet(message.content, words) }));
    return { results, more };
  }
}
