import { makeToken, type TestServer, type TokenFor } from "./server.ts";

export const API_KEY = "a-key-for-tests";

/** Where a server answers. */
type Served = Pick<TestServer, "url">;

/** An answer, its body read. */
export interface ApiReply {
  readonly status: number;
  readonly headers: Headers;
  /** The JSON, `undefined` if it is none. */
  // deno-lint-ignore no-explicit-any -- answers have as many shapes as there are routes
  readonly body: any;
  readonly text: string;
}

/** Calls a server's HTTP API as one caller. */
export class ApiClient {
  readonly #url: string;
  readonly #bearer: string | undefined;

  constructor(server: Served, bearer?: string) {
    this.#url = server.url;
    this.#bearer = bearer;
  }

  /** A program with the key. */
  static withKey(server: Served): ApiClient {
    return new ApiClient(server, API_KEY);
  }

  /** Somebody with a token. */
  static async as(server: Served, userId: string, request: TokenFor = {}): Promise<ApiClient> {
    return new ApiClient(server, await makeToken(userId, request));
  }

  get(path: string): Promise<ApiReply> {
    return this.call("GET", path);
  }

  /** Posts an object as JSON, or a body as it is. */
  post(path: string, body?: object | string, headers: Record<string, string> = {}): Promise<ApiReply> {
    const type: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
    const text = typeof body === "object" ? JSON.stringify(body) : body;
    return this.call("POST", path, { body: text, headers: { ...type, ...headers } });
  }

  async call(
    method: string,
    path: string,
    init: RequestInit & { client?: Deno.HttpClient } = {},
  ): Promise<ApiReply> {
    const headers = new Headers(init.headers);
    if (this.#bearer !== undefined) headers.set("authorization", `Bearer ${this.#bearer}`);
    const response = await fetch(this.#url + path, { ...init, method, headers, redirect: "manual" });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get("content-type") ?? "") && text !== "";
    return {
      status: response.status,
      headers: response.headers,
      body: isJson ? JSON.parse(text) : undefined,
      text,
    };
  }
}
