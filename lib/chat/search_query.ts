import { Refusal } from "../protocol/codes.ts";

/** A query in words, taken apart. */
export interface ParsedQuery {
  readonly words: string[];
  readonly from?: string;
  readonly in?: string;
  readonly before?: number;
  readonly since?: number;
}

/** More words than this do not make a result better. */
const MAX_WORDS = 16;
const DAY_MS = 24 * 60 * 60 * 1000;
/** What people write before a name. */
const SIGNS: Record<string, RegExp> = { from: /^@/, in: /^#/ };
const TOKEN = /(?:(from|in|before|after):)?(?:"([^"]*)"?|(\S+))/giu;

/**
 * Reads what people type: words, "phrases", `from:`, `in:`, and `before:` and `after:` with a day like 2026-11-20.
 *
 * Every other sign is just part of a word, so no text is a syntax error; only a day that is none is refused.
 */
export function parseQuery(query: string): ParsedQuery | Refusal {
  const words: string[] = [];
  const filters: Record<string, string> = {};
  for (const [, filter, phrase, word] of query.matchAll(TOKEN)) {
    const name = filter?.toLowerCase();
    const text = (phrase ?? word ?? "").replace(SIGNS[name ?? ""] ?? "", "").trim();
    if (text === "") continue;
    if (name !== undefined) filters[name] = text;
    else if (words.length < MAX_WORDS) words.push(text);
  }
  const before = readDay(filters.before, 0);
  const since = readDay(filters.after, 1);
  if (Number.isNaN(before) || Number.isNaN(since)) {
    return new Refusal("bad_request", { message: "query must name days like 2026-11-20" });
  }
  if (words.length === 0 && Object.keys(filters).length === 0) {
    if (query.trim() === "") return new Refusal("bad_request", { message: "query must hold a word" });
    words.push(query.trim()); // Nothing but quotes, or a filter for nothing: then that is what is looked for.
  }
  return { words, from: filters.from, in: filters.in, before, since };
}

/** The beginning of a day (UTC), or of the one `more` days later. */
function readDay(text: string | undefined, more: number): number | undefined {
  if (text === undefined) return undefined;
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : NaN;
  const isDay = !Number.isNaN(time) && new Date(time).toISOString().startsWith(text); // There is no 31st of February.
  return isDay ? time + more * DAY_MS : NaN;
}
