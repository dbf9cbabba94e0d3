import type { ChatMessage } from "../protocol/messages.ts";
import { Heap } from "./heap.ts";
import type { MemoryLog } from "./memory_log.ts";
import { NewestMessages } from "./newest_messages.ts";
import { fits, toPattern } from "./search_text.ts";
import type { SearchQuery } from "./store.ts";

/** Messages looked at in one search, which takes some 20 ms of everybody's time. */
const MAX_LOOKS = 50_000;

/** How far one log was read. */
interface Reading {
  newest: ChatMessage;
  readonly older: Iterator<ChatMessage>;
}

/** Looks through logs, the newest message of them all first; `more` if that took too long to come to the end. */
export function searchLogs(logs: Iterable<MemoryLog>, query: SearchQuery, now: number) {
  const { before = Infinity, since = -Infinity, limit } = query;
  const pattern = toPattern(query);
  const found = new NewestMessages(limit);
  const readings = new Heap<Reading>((a, b) => a.newest.timestamp > b.newest.timestamp);
  for (const log of logs) {
    const older = log.newestFirst(now);
    const newest = older.next().value;
    if (newest !== undefined) readings.push({ newest, older });
  }
  for (let looks = 0, reading; (reading = readings.first) !== undefined;) {
    const { newest: message, older } = reading;
    if (message.timestamp < since || found.outdo(message.timestamp)) break;
    if (message.timestamp < before) {
      if (looks++ === MAX_LOOKS) return found.finish(true);
      if (fits(pattern, message)) found.add(message);
    }
    const next = older.next().value;
    if (next === undefined) readings.pop();
    else {
      reading.newest = next;
      readings.settle();
    }
  }
  return found.finish();
}
