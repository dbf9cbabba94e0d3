import { encodeHex } from "../kit/hex.ts";
import { type ReadText, ScriptBundle } from "./script_bundle.ts";

const STYLES = /^[ \t]*<link rel="stylesheet" href="([^":]+)">\n/gm;
const SCRIPTS = /(<script type="module" src=")([^":]+\.ts)(")/g;
/** A name that changes with what the file holds, so that it can be kept for ever. */
const HASHED = /^(.+)\.[0-9a-f]{16}(\.(?:js|css))$/;

/**
 * Makes a page light: one script for each of its script elements, and one style sheet, under names with their hash.
 * What two scripts import is in both, and each has its own.
 *
 * @param read Gives what a file of the page holds by its path, like `/index.html`; modules as JavaScript
 * @returns What to serve, by path; `/index.html` is among it
 */
export async function bundlePage(read: ReadText): Promise<Map<string, string>> {
  const made = new Map<string, string>();
  const keep = async (path: string, text: string): Promise<string> => {
    const name = path.replace(/(?=\.\w+$)/, `.${await hash(text)}`);
    made.set(name, text);
    return name;
  };
  const makeScript = async (path: string, way: readonly string[] = []): Promise<string> => {
    if (way.includes(path)) throw new Error(`Cannot bundle ${path}: it imports itself`);
    const folder = path.slice(0, path.lastIndexOf("/") + 1);
    const linkTo = async (late: string) => relative(folder, await makeScript(late, [...way, path]));
    return await keep(path.replace(/\.ts$/, ".js"), await new ScriptBundle(read, linkTo).make(path));
  };

  let html = await read("/index.html");
  const sheets = [...html.matchAll(STYLES)].filter(([, path]) => !isHashed(path));
  if (sheets.length > 0) {
    const styles = await Promise.all(sheets.map(([, path]) => read(`/${path}`)));
    const name = await keep("/style.css", shortenStyles(styles.join("")));
    const [[first, path], ...others] = sheets;
    html = html.replace(first, first.replace(path, name.slice(1)));
    for (const [other] of others) html = html.replace(other, "");
  }
  for (const [element, before, path, after] of html.matchAll(SCRIPTS)) {
    html = html.replace(element, before + (await makeScript(`/${path}`)).slice(1) + after);
  }
  return made.set("/index.html", html.replace(/^\s+/gm, ""));
}

/** Whether a file's name says what it holds, so that it never changes. */
export function isHashed(path: string): boolean {
  return HASHED.test(path);
}

/** The file that stands for one of another version: a page from a server before an update asks for that. */
export function standInFor(path: string, paths: Iterable<string>): string | undefined {
  const wanted = HASHED.exec(path);
  if (wanted === null) return undefined;
  for (const other of paths) {
    const found = HASHED.exec(other);
    if (found?.[1] === wanted[1] && found[2] === wanted[2]) return other;
  }
}

function shortenStyles(styles: string): string {
  return styles.replace(/\/\*[^]*?\*\//g, "").replace(/^\s+/gm, "");
}

function relative(folder: string, path: string): string {
  return path.startsWith(folder)
    ? `./${path.slice(folder.length)}`
    : "../".repeat(folder.split("/").length - 2) + path.slice(1);
}

async function hash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return encodeHex(new Uint8Array(digest, 0, 8));
}
