import { element } from "./dom.ts";
import { findLinks } from "./links.ts";

/** A piece of a message: plain text, an address, code in a line or a block of it, or the reader's own name. */
export type Piece = { kind: "text" | "link" | "code" | "block" | "mention"; text: string };

// Between backticks, which are \x60: three of them, or one.
const CODE = /\x60{3}(?:[\w+#-]{0,20}\n)?([^]*?)\n?\x60{3}|\x60([^\x60\n]+)\x60/g;
const EMOJI_ONLY =
  /^(?:[\p{Extended_Pictographic}\p{Emoji_Modifier}\u200d\ufe0f]|\p{Regional_Indicator}{2}|\s)+$/u;
const MOST_EMOJI_LENGTH = 24;

/** Takes a message apart. Whatever is not understood is plain text. */
export function piecesOf(content: string, myName: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of content.matchAll(CODE)) {
    const [all, block, code] = match;
    if (block === "" || all === "``````") continue;
    addPlain(pieces, content.slice(end, match.index), myName);
    pieces.push(block === undefined ? { kind: "code", text: code } : { kind: "block", text: block });
    end = match.index + all.length;
    // A block stands on lines of its own, whose ends are not to be seen twice.
    if (block !== undefined && content[end] === "\n") end++;
  }
  addPlain(pieces, content.slice(end), myName);
  return pieces;
}

/** Draws a message; all of it is text. */
export function drawRichText(content: string, myName: string): (Node | string)[] {
  return piecesOf(content, myName).map(({ kind, text }) => {
    switch (kind) {
      case "link":
        return element("a", { href: text, target: "_blank", rel: "noopener noreferrer nofollow" }, text);
      case "code":
        return element("code", {}, text);
      case "block":
        return element("pre", { tabindex: 0 }, element("code", {}, text));
      case "mention":
        return element("mark", {}, text);
      case "text":
        return text;
    }
  });
}

/** Whether a message is a few emoji and nothing else. */
export function isEmoji(content: string): boolean {
  return content.length <= MOST_EMOJI_LENGTH && EMOJI_ONLY.test(content) && content.trim() !== "";
}

function addPlain(pieces: Piece[], text: string, myName: string): void {
  for (const piece of findLinks(text)) {
    if (piece.url !== undefined) pieces.push({ kind: "link", text: piece.text });
    else if (myName === "") pieces.push({ kind: "text", text: piece.text });
    else addMentions(pieces, piece.text, myName);
  }
}

function addMentions(pieces: Piece[], text: string, myName: string): void {
  let end = 0;
  for (const match of text.matchAll(mentionOf(myName))) {
    if (match.index > end) pieces.push({ kind: "text", text: text.slice(end, match.index) });
    pieces.push({ kind: "mention", text: match[0] });
    end = match.index + match[0].length;
  }
  if (end < text.length) pieces.push({ kind: "text", text: text.slice(end) });
}

/** Finds `@` and a name in a text; one that goes on in other letters is another name. */
function mentionOf(username: string): RegExp {
  const name = username.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  // Scripts without blanks between words do not end a name with one.
  const end = /[\p{Script=Latin}\p{N}_]$/u.test(username) ? "(?![\\p{Script=Latin}\\p{N}_])" : "";
  return new RegExp(`@${name}${end}`, "giu");
}

/** Whether a text speaks to this person. */
export function mentions(content: string, username: string): boolean {
  return username !== "" && mentionOf(username).test(content);
}
