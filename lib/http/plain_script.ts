import * as nodeModule from "node:module";

/** Takes the types out of a module, and leaves blanks where they were. */
export type StripTypes = (source: string) => string;

/** How this runtime does it; `undefined` where it cannot. */
export const stripTypes: StripTypes | undefined = "stripTypeScriptTypes" in nodeModule
  ? (source) => nodeModule.stripTypeScriptTypes(source, { mode: "strip" })
  : undefined;

/** Comments that have their lines to themselves. */
const COMMENT_LINES = /^\s*(?:\/\*[^]*?\*\/|\/\/.*)\n/gm;
/** Comments behind code in which no text or pattern can have begun. */
const COMMENTS_BEHIND = /^([^"'`/\n]*\S) \/\/ .*$/gm;

/** Turns a TypeScript module into JavaScript, every line in its place. */
export function toScript(source: string, strip = stripTypes): string {
  if (strip === undefined) throw new TypeError("Cannot make JavaScript: this runtime cannot strip types");
  return strip(source);
}

/** The same without what only people read: comments, and the room that types took. */
export function toShortScript(source: string, strip = stripTypes): string {
  const script = closeGaps(source, toScript(source, strip));
  return hasLongText(script) ? script : script.replace(COMMENT_LINES, "").replace(COMMENTS_BEHIND, "$1");
}

/** Takes out indentation and empty lines. */
export function unindent(script: string): string {
  return hasLongText(script) ? script : script.replace(/^\s+|[ \t]+$/gm, "");
}

/** Joins lines where a list or a block goes on anyway, and leaves out the comma behind a last entry. */
export function joinLines(script: string): string {
  if (hasLongText(script)) return script;
  // What looks like a comment at the end of a line must not come before the next one.
  const joined = script.replace(/^(?!.*\/\/)(.*),\n(?=[)\]}])/gm, "$1\n");
  return joined.replace(/^(?!.*\/\/)(.*[([{,;])\n/gm, "$1");
}

/** Narrows the blanks where types were, which are nowhere inside a text; line ends stay. */
function closeGaps(source: string, script: string): string {
  if (script.length !== source.length) return script;
  return script.replace(/[^\S\n]+(?=([^]?))/g, (gap, next: string, at: number) => {
    if (source.startsWith(gap, at)) return gap;
    return "),;(]".includes(next) ? "" : " ";
  });
}

/**
 * Whether a template may go over several lines, in which what looks like a comment or an indentation may be none; now
 * and then it only seems so.
 */
function hasLongText(script: string): boolean {
  const lines = script.split("\n").filter((line) => !/^\s*(?:\/?\*|\/\/)/.test(line));
  return lines.some((line) => (line.replace(/\\./g, "").split("`").length - 1) % 2 === 1);
}
