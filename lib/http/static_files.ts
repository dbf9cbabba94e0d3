import { serveFile } from "@std/http/file-server";
import * as nodeModule from "node:module";
import { encodeHex } from "../kit/hex.ts";
import { answerStatus } from "./problem.ts";

/** A browser module, ready to be sent. */
interface Script {
  readonly code: string;
  readonly etag: string;
}

/** Undefined in runtimes that cannot strip types. */
const stripTypes = "stripTypeScriptTypes" in nodeModule ? nodeModule.stripTypeScriptTypes : undefined;

/** The page and what belongs to it: only files that were there at the start, TypeScript as JavaScript. */
export class StaticFiles {
  readonly #root: string;
  readonly #paths: ReadonlySet<string>;
  readonly #scripts = new Map<string, Script>();

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
    const response = name.endsWith(".ts")
      ? await this.#serveScript(request, name)
      : await this.#serveFile(request, name);
    response.headers.set("cache-control", "no-cache");
    return response;
  }

  #serveFile(request: Request, name: string): Promise<Response> {
    return serveFile(request, this.#root + name);
  }

  async #serveScript(request: Request, name: string): Promise<Response> {
    const { code, etag } = this.#scripts.get(name) ?? await this.#strip(name);
    const headers = { etag, "content-type": "text/javascript; charset=utf-8" };
    if (request.headers.get("if-none-match") === etag) return new Response(null, { status: 304, headers });
    return new Response(request.method === "HEAD" ? null : code, { headers });
  }

  async #strip(name: string): Promise<Script> {
    const source = await Deno.readTextFile(this.#root + name);
    if (stripTypes === undefined) {
      throw new TypeError("Cannot serve TypeScript: this runtime cannot strip types");
    }
    const code = stripTypes(source, { mode: "strip" });
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(code)));
    const script = { code, etag: `"${encodeHex(digest.subarray(0, 12))}"` };
    this.#scripts.set(name, script);
    return script;
  }
}

async function list(root: string, folder: string, paths: Set<string>): Promise<void> {
  for await (const entry of Deno.readDir(root + folder)) {
    if (entry.name.startsWith(".")) continue;
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) await list(root, path, paths);
    else if (entry.isFile) paths.add(path);
  }
}
