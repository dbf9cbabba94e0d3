/** A piece of a text: plain, or a web address. */
export type TextPiece = { text: string; url?: string };

const ADDRESS = /https?:\/\/[^\s<>"'\x60\u3000-\u303f\uff00-\uffef]+/gi;
const TRAILING = new Set(".,:;!?)]}*_~\u2026");
const MAX_LINKS = 100;

/** Splits a text into plain pieces and web addresses (http and https, at most 100); joined again they are the text. */
export function findLinks(text: string): TextPiece[] {
  const pieces: TextPiece[] = [];
  let end = 0;
  let links = 0;
  for (const match of text.matchAll(ADDRESS)) {
    if (links === MAX_LINKS) break;
    const address = trimAddress(match[0]);
    if (!URL.canParse(address)) continue;
    if (match.index > end) pieces.push({ text: text.slice(end, match.index) });
    pieces.push({ text: address, url: address });
    end = match.index + address.length;
    links++;
  }
  if (end < text.length) pieces.push({ text: text.slice(end) });
  return pieces;
}

/** Punctuation after an address belongs to the sentence, a closing bracket only if none was opened. */
function trimAddress(found: string): string {
  // Counted by hand from the end: a pattern would take quadratic time on a long row of dots.
  let end = found.length;
  while (end > 0 && TRAILING.has(found[end - 1])) end--;
  let open = 0;
  for (let at = 0; at < end; at++) {
    if (found[at] === "(") open++;
    else if (found[at] === ")") open--;
  }
  for (; open > 0 && found[end] === ")"; open--) end++;
  return found.slice(0, end);
}
