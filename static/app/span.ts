/** Which messages of a room are on the screen: sequence numbers, both ends included; `last < first` is empty. */
export type Span = { first: number; last: number };

/** The sequence numbers a room has loaded; `newest < oldest` while there are none. */
export type Loaded = { oldest: number; newest: number };

/** At most so many messages are in the document at a time. */
export const MAX_SHOWN = 160;
const STEP = 50;

/** The end of the log. */
export function tailSpan(loaded: Loaded): Span {
  return { first: Math.max(loaded.oldest, loaded.newest - MAX_SHOWN + 1), last: loaded.newest };
}

/** The page of messages that holds one of them, with some before it. */
export function spanAround(seq: number, loaded: Loaded): Span {
  const first = Math.max(loaded.oldest, Math.min(seq - STEP, loaded.newest - MAX_SHOWN + 1));
  return { first, last: Math.min(loaded.newest, first + MAX_SHOWN - 1) };
}

/** Moves towards older messages; the far end is dropped when too many are shown. */
export function olderSpan(span: Span, loaded: Loaded): Span {
  const first = Math.max(loaded.oldest, span.first - STEP);
  return { first, last: Math.min(span.last, first + MAX_SHOWN - 1) };
}

/** Moves towards newer messages; the far end is dropped when too many are shown. */
export function newerSpan(span: Span, loaded: Loaded): Span {
  const last = Math.min(loaded.newest, span.last + STEP);
  return { first: Math.max(span.first, last - MAX_SHOWN + 1), last };
}

/**
 * Follows the log after it changed. At the end of the log (`pinned`) the span moves with it; elsewhere it takes new
 * messages while there is room for them and then stays, so that nothing moves under a reader's eyes.
 */
export function followSpan(span: Span, before: Loaded, after: Loaded, pinned: boolean): Span {
  if (pinned || span.last < after.oldest) return tailSpan(after);
  const first = Math.max(span.first, after.oldest);
  const wasAtEnd = span.last >= before.newest;
  const last = wasAtEnd ? Math.min(after.newest, Math.max(span.last, first + MAX_SHOWN - 1)) : span.last;
  return { first, last: Math.min(last, after.newest) };
}
