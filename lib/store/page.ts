import type { ChatMessage } from "../protocol/messages.ts";
import type { Page, Range } from "./store.ts";

/** What a page says about its log. */
export type LogState = Pick<Page, "epoch" | "head" | "first">;

/** The messages from `from` to `to`, oldest first if `isForward`, else newest first. */
export type ReadSpan = (from: number, to: number, isForward: boolean) => Iterable<ChatMessage>;

/** The page of a room that was never written to. */
export function emptyPage(): Page {
  return { epoch: "", head: 0, first: 1, messages: [], more: false };
}

/** As {@linkcode ReadSpan}, from afar. */
export type FetchSpan = (from: number, to: number, isForward: boolean) => AsyncIterable<ChatMessage>;

/** As {@linkcode cutPage}, of messages that have to be fetched; `fetch` is left as soon as there are enough. */
export async function fetchPage(log: LogState, range: Range, fetch: FetchSpan): Promise<Page> {
  const { low, high, isForward } = spanOf(log, range);
  const fetched: ChatMessage[] = [];
  if (low <= high) {
    let length = 0;
    for await (const message of fetch(low, high, isForward)) {
      fetched.push(message);
      length += message.content.length;
      if (length > range.maxLength) break;
    }
  }
  return cutPage(log, range, () => fetched);
}

/** Cuts the page that a range asks for out of a log; `read` is left as soon as the page is full. */
export function cutPage(log: LogState, range: Range, read: ReadSpan): Page {
  const { from, to, low, high, isForward } = spanOf(log, range);
  const messages: ChatMessage[] = [];
  let length = 0;
  if (low <= high) {
    for (const message of read(low, high, isForward)) {
      length += message.content.length;
      if (messages.length > 0 && length > range.maxLength) break;
      messages.push(message);
    }
  }
  const more = messages.length < to - from + 1;
  if (!isForward) messages.reverse();
  return { ...log, messages, more };
}

/** What a range means in a log: from where to where it runs, and the part of that which one page can hold. */
function spanOf({ first, head }: LogState, { after, before = Infinity, limit }: Range) {
  const isForward = after !== undefined;
  const from = Math.max(first, (after ?? 0) + 1);
  const to = Math.min(head, before - 1);
  const low = isForward ? from : Math.max(from, to - limit + 1);
  const high = isForward ? Math.min(to, from + limit - 1) : to;
  return { from, to, low, high, isForward };
}
