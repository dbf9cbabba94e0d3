import { serveFile } from "@std/http/file-server";
import { Asset } from "./asset.ts";
import { Compression } from "./compression.ts";
import { bundlePage, isHashed, standInFor } from "./page_bundle.ts";
import { readBuilt } from "./built_scripts.ts";
import { stripTypes, toScript, toShortScript } from "./plain_script.ts";
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
const PAGE = "/index.html";

/** How the page's own files are served. */
export interface StaticFilesOptions {
  /** Whether the page comes in one script and one style sheet, or in the files it is written in. @default true */
  readonly isBundled?: boolean;
  /** Where the modules lie as JavaScript, for a runtime that cannot make it of TypeScript. */
  readonly builtRoot?: string;
  /** Hears of it if the page could not be prepared. */
  readonly failed?: (error: unknown) => void;
}

/** The page and what belongs to it: only files that were there at the start, TypeScript as JavaScript. */
export class StaticFiles implements Disposable {
  readonly #root: string;
  readonly #paths: ReadonlySet<string>;
  readonly #options: StaticFilesOptions;
  readonly #assets = new Map<string, Promise<Asset>>();
  #page: Promise<ReadonlyMap<string, Asset>> | undefined;
  #compression: Compression | undefined;
  #preparing: Promise<void> | undefined;
  #isClosed = false;

  private constructor(root: string, paths: ReadonlySet<string>, options: StaticFilesOptions) {
    this.#root = root;
    this.#paths = paths;
    this.#options = options;
  }

  /** Opens a folder; its dotfiles are left out. */
  static async open(root: string, options: StaticFilesOptions = {}): Promise<StaticFiles> {
    const paths = new Set<string>();
    await list(root, "", paths);
    return new StaticFiles(root, paths, options);
  }

  /**
   * Makes the page as small as it gets, while whoever asks for it is answered; once, and it never rejects.
   *
   * Starts a thread before it returns: a runtime that has no file left for one ends the process.
   */
  prepare(): Promise<void> {
    return this.#preparing ??= this.#prepare();
  }

  /** Answers a request for a file, or `undefined` if there is none. */
  async serve(request: Request, path: string): Promise<Response | undefined> {
    const wanted = path === "/" ? PAGE : path;
    const page = wanted === PAGE || isHashed(wanted) ? await this.#openPage() : undefined;
    const isThere = page?.has(wanted) || this.#paths.has(wanted);
    const name = isThere ? wanted : standInFor(wanted, page?.keys() ?? []);
    if (name === undefined) return undefined;
    if (request.method !== "GET" && request.method !== "HEAD") {
      return answerStatus(405, "Method not allowed", { allow: "GET, HEAD" });
    }
    if (page?.has(name)) void this.prepare();
    const asset = page?.get(name) ?? await this.#asset(name);
    const response = await (asset?.answer(request) ?? serveFile(request, this.#root + name));
    const isForEver = name === wanted && isHashed(name);
    response.headers.set("cache-control", isForEver ? "public, max-age=31536000, immutable" : "no-cache");
    return response;
  }

  /** Stops what is under way. */
  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#compression?.[Symbol.dispose]();
  }

  async #prepare(): Promise<void> {
    const { isBundled = true } = this.#options;
    if (this.#isClosed || !isBundled || !this.#paths.has(PAGE) || typeof Worker === "undefined") return;
    try {
      // Before the page is read: meanwhile people may take every file there is.
      using compression = this.#compression = new Compression();
      const assets = [...(await this.#openPage()).values()];
      if (this.#isClosed) return;
      const compressed = await compression.run(assets.map((asset) => asset.bytes));
      compressed?.forEach((each, i) => assets[i].take(each));
    } catch (error) {
      this.#options.failed?.(error);
    }
  }

  /** The page in a few files; empty where it comes in all of them. */
  #openPage(): Promise<ReadonlyMap<string, Asset>> {
    this.#page ??= this.#makePage();
    this.#page.catch(() => this.#page = undefined);
    return this.#page;
  }

  async #makePage(): Promise<ReadonlyMap<string, Asset>> {
    const page = new Map<string, Asset>();
    const { isBundled = true } = this.#options;
    if (!isBundled || !this.#paths.has(PAGE)) return page;
    const made = await bundlePage((path) => this.#read(path));
    for (const path of this.#paths) if (isHashed(path)) made.set(path, await this.#read(path));
    for (const [path, text] of made) page.set(path, await Asset.make(typeOf(path)!, text));
    return page;
  }

  /** The file as a text that is kept in memory, or `undefined` if it is none. */
  #asset(name: string): Promise<Asset | undefined> {
    const type = typeOf(name);
    if (type === undefined) return Promise.resolve(undefined);
    let asset = this.#assets.get(name);
    if (asset === undefined) {
      asset = this.#read(name).then((text) => Asset.make(type, text));
      asset.catch(() => this.#assets.delete(name));
      this.#assets.set(name, asset);
    }
    return asset;
  }

  async #read(name: string): Promise<string> {
    const { isBundled, builtRoot } = this.#options;
    if (!name.endsWith(".ts")) return await Deno.readTextFile(this.#root + name);
    if (stripTypes === undefined && builtRoot !== undefined) return await readBuilt(builtRoot, name);
    const text = await Deno.readTextFile(this.#root + name);
    return isBundled === false ? toScript(text) : toShortScript(text);
  }
}

function typeOf(path: string): string | undefined {
  return TEXT_TYPES[path.slice(path.lastIndexOf(".") + 1)];
}

async function list(root: string, folder: string, paths: Set<string>): Promise<void> {
  for await (const entry of Deno.readDir(root + folder)) {
    if (entry.name.startsWith(".")) continue;
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) await list(root, path, paths);
    else if (entry.isFile) paths.add(path);
  }
}
