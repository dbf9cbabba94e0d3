import type { ChatMessage } from "../protocol/messages.ts";
import type { SearchQuery } from "./store.ts";

/** A text as searches compare it: the case of letters makes no difference, in any script that has one. */
export function fold(text: string): string {
  const lower = text.toWellFormed().toLowerCase();
  // The two letters whose lower case depends on what stands beside them, or takes two signs.
  return lower.replaceAll("ς", "σ").replaceAll("i\u0307", "i");
}

/** What a message must be to be found; the time and the room are looked at elsewhere. */
export interface Pattern {
  readonly words: readonly string[];
  readonly from: string | undefined;
}

export function toPattern({ words, from }: SearchQuery): Pattern {
  return { words: words.map(fold), from };
}

/** Whether a message says every word, and is from whom it should be. */
export function fits(
  { words, from }: Pattern,
  message: Pick<ChatMessage, "userId" | "username" | "content">,
): boolean {
  if (from !== undefined && message.userId !== from && message.username !== from) return false;
  if (words.length === 0) return true;
  const content = fold(message.content);
  return words.every((word) => content.includes(word));
}

/**
 * The pieces of a text by which it is indexed, without repetition and free of ASCII.
 *
 * They are all signs beyond ASCII, all pairs, and all triples of signs that stand in a row, so that every part of a
 * word can be found. Scripts with thousands of signs need no triples, which only pay where signs are few; blanks are
 * left out but between two signs, for phrases.
 */
export function gramsOf(content: string): Set<string> {
  const grams = new Set<string>();
  let [first, second] = [BLANK, BLANK];
  for (const sign of toGrams(fold(content))) {
    if (sign !== BLANK) {
      if (isTelling(sign)) grams.add(sign);
      if (second !== BLANK) grams.add(second + sign);
      if (first !== BLANK && isTriple(first, second, sign)) grams.add(first + second + sign);
    }
    [first, second] = [second, sign];
  }
  return grams;
}

/** The pieces that every text with the word is indexed by; none for a single letter. */
export function gramsFor(word: string): string[] {
  const grams = new Set<string>();
  const signs = [...toGrams(fold(word))];
  for (let i = 0; i < signs.length; i++) {
    const [sign, second = BLANK, third = BLANK] = signs.slice(i, i + 3);
    if (sign === BLANK) continue;
    const isFirst = i === 0 || signs[i - 1] === BLANK;
    if (third !== BLANK && isTriple(sign, second, third)) grams.add(sign + second + third);
    else if (second === BLANK) {
      if (isFirst && isTelling(sign)) grams.add(sign);
    } else if (third !== BLANK || isFirst) grams.add(sign + second);
    else if (!isTriple(signs[i - 1], sign, second)) grams.add(sign + second);
  }
  return [...grams];
}

/** A name as a piece that no text has. */
export function nameGram(name: string): string {
  return `u${toGrams(name.toWellFormed())}`;
}

/** A blank, as {@linkcode toGrams} writes it. */
const BLANK = "\u0120";
const OFFSET = 0x100;

/** Moves ASCII out of the way: the tokenizer of the index takes everything else as letters. */
function toGrams(text: string): string {
  return text.replace(/\s/g, " ").replace(
    /[\0-\x7f]/g,
    (sign) => String.fromCharCode(sign.charCodeAt(0) + OFFSET),
  );
}

/** Whether a sign alone is worth an entry: those of ASCII stand in nearly every text. */
function isTelling(sign: string): boolean {
  return sign >= "\u0180";
}

function isTriple(first: string, second: string, third: string): boolean {
  return !isWide(first) && !isWide(second) && !isWide(third);
}

/** Whether a sign is of the scripts of China, Japan and Korea, or an emoji: one of thousands. */
function isWide(sign: string): boolean {
  return sign >= "\u2e80";
}
