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

/** Cuts the page that a range asks for out of a log; `read` is left as soon as the page is full. */
export function cutPage(log: LogState, range: Range, read: ReadSpan): Page {
  const { after, before = Infinity, limit, maxLength } = range;
  const isForward = after !== undefined;
  const from = Math.max(log.first, (after ?? 0) + 1);
  const to = Math.min(log.head, before - 1);
  const span = isForward ? [from, Math.min(to, from + limit - 1)] : [Math.max(from, to - limit + 1), to];
  const messages: ChatMessage[] = [];
  let length = 0;
  if (span[0] <= span[1]) {
    for (const message of read(span[0], span[1], isForward)) {
      length += message.content.length;
      if (messages.length > 0 && length > maxLength) break;
      messages.push(message);
    }
  }
  const more = messages.length < to - from + 1;
  if (!isForward) messages.reverse();
  return { ...log, messages, more };
}
