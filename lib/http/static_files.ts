import { serveFile } from "@std/http/file-server";
import * as nodeModule from "node:module";
import { Asset } from "./asset.ts";
import { answerStatus } from "./problem.ts";

/** Texts, which are worth compressing. */
const TEXT_TYPES: Record<string, string> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
  ts: "text/javascript; charset=utf-8",
  webmanifest: "application/manifest+json",
};

/** Undefined in runtimes that cannot strip types. */
const stripTypes = "stripTypeScriptTypes" in nodeModule ? nodeModule.stripTypeScriptTypes : undefined;

/** Comments that have their lines to themselves. */
const COMMENT_LINES = /^\s*(?:\/\*[^]*?\*\/|\/\/.*)\n/gm;

/** The page and what belongs to it: only files that were there at the start, TypeScript as JavaScript. */
export class StaticFiles {
  readonly #root: string;
  readonly #paths: ReadonlySet<string>;
  readonly #assets = new Map<string, Promise<Asset>>();

  private constructor(root: string, paths: ReadonlySet<string>) {
    this.#root = root;
    this.#paths = paths;
  }

  /** Opens a folder; its dotfiles are left out. */
  static async open(root: string): Promise<StaticFiles> {
    const paths = new Set<string>();
    await list(root, "", paths);
    return new StaticFiles(root, paths);
  }

  /** Answers a request for a file, or `undefined` if there is none. */
  async serve(request: Request, path: string): Promise<Response | undefined> {
    const name = path === "/" ? "/index.html" : path;
    if (!this.#paths.has(name)) return undefined;
    if (request.method !== "GET" && request.method !== "HEAD") {
      return answerStatus(405, "Method not allowed", { allow: "GET, HEAD" });
    }
    const response = await (this.#asset(name)?.then((asset) => asset.answer(request)) ??
      serveFile(request, this.#root + name));
    response.headers.set("cache-control", "no-cache");
    return response;
  }

  /** The file as a text that is kept in memory, or `undefined` if it is none. */
  #asset(name: string): Promise<Asset> | undefined {
    const type = TEXT_TYPES[name.slice(name.lastIndexOf(".") + 1)];
    if (type === undefined) return undefined;
    let asset = this.#assets.get(name);
    if (asset === undefined) {
      asset = Deno.readTextFile(this.#root + name)
        .then((text) => Asset.make(type, name.endsWith(".ts") ? toScript(text) : text));
      asset.catch(() => this.#assets.delete(name));
      this.#assets.set(name, asset);
    }
    return asset;
  }
}

/** Turns a module into JavaScript; types and comments need not go over the wire. */
function toScript(source: string): string {
  if (stripTypes === undefined) {
    throw new TypeError("Cannot serve TypeScript: this runtime cannot strip types");
  }
  return stripTypes(source, { mode: "strip" }).replace(COMMENT_LINES, "");
}

async function list(root: string, folder: string, paths: Set<string>): Promise<void> {
  for await (const entry of Deno.readDir(root + folder)) {
    if (entry.name.startsWith(".")) continue;
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) await list(root, path, paths);
    else if (entry.isFile) paths.add(path);
  }
}
