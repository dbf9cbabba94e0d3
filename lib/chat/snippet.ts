/** What stands before and after the first hit. */
const BEFORE = 40;
const LENGTH = 160;

/** Cuts the part of a text that shows the first hit, and puts every hit between ** and **. */
export function makeSnippet(content: string, words: readonly string[]): string {
  const hits = words.length === 0 ? undefined : new RegExp(words.map(escape).join("|"), "giu");
  const first = hits === undefined ? 0 : Math.max(0, content.search(hits));
  const start = Math.max(0, first - BEFORE);
  const end = Math.min(content.length, start + LENGTH);
  const cut = content.slice(start, end).toWellFormed();
  const marked = hits === undefined ? cut : cut.replace(hits, (hit) => `**${hit}**`);
  return `${start > 0 ? "…" : ""}${marked}${end < content.length ? "…" : ""}`;
}

function escape(word: string): string {
  return word.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
