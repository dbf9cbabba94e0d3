import type { RedisLink } from "../../../lib/redis/redis_link.ts";

/**
 * What a store asks of the query engine of a Redis, done in this process: Debian's Redis has none.
 *
 * The same tests run against a real one where `REDIS_SEARCH_MODULE` names the file of its module.
 */
export class QueryEngine {
  /** Whether it still reads the documents, and would not find all of them. */
  isReading = false;
  #hasIndex = false;
  readonly #link: RedisLink;
  readonly #documents: string;

  constructor(link: RedisLink) {
    this.#link = link;
    this.#documents = `${link.prefix}document:`;
  }

  /** The link to a Redis that has this engine. */
  get link(): RedisLink {
    const link = this.#link;
    return {
      get prefix() {
        return link.prefix;
      },
      get hasIndex() {
        return link.hasIndex;
      },
      get server() {
        return link.server;
      },
      get connectionNumber() {
        return link.connectionNumber;
      },
      send: (...command: string[]) =>
        command[0].startsWith("FT.") ? this.#do(command) : link.send(...command),
      run: link.run.bind(link),
    } as unknown as RedisLink;
  }

  async #do([name, , ...args]: string[]): Promise<unknown> {
    if (name === "FT.CREATE") {
      if (this.#hasIndex) throw new Error("Redis refuses a command: Index already exists");
      this.#hasIndex = true;
      return "OK";
    }
    if (!this.#hasIndex) throw new Error("Redis refuses a command: no such index");
    if (name === "FT.DROPINDEX") return this.#hasIndex = false;
    if (name === "FT.INFO") return ["index_name", "x", "indexing", this.isReading ? "1" : "0"];
    const [query, noContent, sortBy, t, descending, limit, offset, count] = args;
    const words = [noContent, sortBy, t, descending, limit];
    if (words.join(" ") !== "NOCONTENT SORTBY t DESC LIMIT") throw new Error(`Not known: ${words}`);
    const found = this.isReading ? [] : (await this.#read()).filter(({ fields }) => fits(query, fields));
    found.sort((a, b) => Number(b.fields.t) - Number(a.fields.t));
    return [
      found.length,
      ...found.slice(Number(offset), Number(offset) + Number(count)).map(({ key }) => key),
    ];
  }

  async #read() {
    const keys = await this.#link.send("KEYS", `${this.#documents}*`) as string[];
    return await Promise.all(keys.map(async (key) => {
      const [r, t, g] = await this.#link.send("HMGET", key, "r", "t", "g") as string[];
      return { key, fields: { r, t, g } };
    }));
  }
}

/** Whether a document is what a query of the form `@r:{a|b} @t:[from to] @g:{c} @g:{d}` asks for. */
function fits(query: string, { r, t, g }: { r: string; t: string; g: string }): boolean {
  const [, rooms, from, to, grams] = /^@r:\{(.*?)\} @t:\[(\S+) (\S+)\]((?: @g:\{\w+\})+)$/.exec(query)!;
  const pieces = new Set(g.split(","));
  const bound = (text: string) => Number(text.replace("(", "").replace("inf", "Infinity"));
  return rooms.split("|").includes(r) && Number(t) >= bound(from) &&
    (to.startsWith("(") ? Number(t) < bound(to) : Number(t) <= bound(to)) &&
    [...grams.matchAll(/\{(\w+)\}/g)].every(([, gram]) => pieces.has(gram));
}
