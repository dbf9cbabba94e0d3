/** Where a class declares a private name: at the start of a line, as the formatter writes it. */
const DECLARED = /^[ \t]*(?:(?:static|async|get|set|\*) ?)*#([\w$]+)/gm;
/** Where one stands: declared, behind a dot, or asked for by `in`. */
const USED = /(^[ \t]*(?:(?:static|async|get|set|\*) ?)*|\.)#([\w$]+)|#([\w$]+)(?= in )/gm;

/** Gives the private names of a module's classes names of a letter or two, which nobody outside can tell from the old. */
export function shortenPrivateNames(script: string): string {
  const names = new Map<string, string>();
  for (const [, name] of script.matchAll(DECLARED)) {
    if (!names.has(name)) names.set(name, shortName(names.size));
  }
  return script.replace(USED, (use, before: string | undefined, name: string, asked: string) => {
    const short = names.get(name ?? asked);
    return short === undefined ? use : `${before ?? ""}#${short}`;
  });
}

function shortName(number: number): string {
  const letter = String.fromCharCode(97 + number % 26);
  return number < 26 ? letter : shortName(Math.floor(number / 26) - 1) + letter;
}
