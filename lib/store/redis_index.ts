import type { ChatMessage } from "../protocol/messages.ts";
import { RedisUnavailable } from "../redis/redis_error.ts";
import type { RedisDatabase } from "./redis_database.ts";
import { PUT_DOCUMENTS } from "./redis_index_scripts.ts";
import { gramsFor, gramsOf, nameGram, type Pattern } from "./search_text.ts";

/** What is looked for in the index. */
export interface IndexQuery {
  readonly pattern: Pattern;
  /** The rooms to look in. */
  readonly roomIds: readonly string[];
  /** In milliseconds since the Unix epoch; this one included. */
  readonly since: number;
  /** This one excluded. */
  readonly before: number;
}

/** Where a message may stand that is looked for. */
export interface Place {
  readonly roomId: string;
  readonly seq: number;
}

/** A page of what the index has found, newest first, and whether there are more. */
export interface IndexPage {
  readonly places: Place[];
  readonly more: boolean;
}

/**
 * The index of searches that Redis keeps by itself where it has its query engine: of each message a document with its
 * room, its time, and the pieces that it is made of, which are what is looked for.
 *
 * It is written behind the logs, room by room and oldest first, and found again by nobody who cannot read the log: it
 * only says where to look. Where there is none, nothing is written.
 */
export class RedisIndex {
  readonly #database: RedisDatabase;
  #isThere = false;

  private constructor(database: RedisDatabase) {
    this.#database = database;
  }

  /** Finds out whether Redis has its query engine and lets us use it, and makes the index if there is none. */
  static async open(database: RedisDatabase, isWanted: boolean): Promise<RedisIndex> {
    const index = new RedisIndex(database);
    if (isWanted) await index.#make();
    return index;
  }

  /** Whether there is one. */
  get isThere(): boolean {
    return this.#isThere;
  }

  /** Has what is new in rooms indexed, not before a time. */
  queue(roomIds: readonly string[], dueAt = this.#database.now): Promise<unknown> {
    if (!this.#isThere || roomIds.length === 0) return Promise.resolve();
    const entries = roomIds.flatMap((roomId) => [String(dueAt), roomId]);
    return this.#database.send("ZADD", this.#database.keys.unindexed, "LT", ...entries);
  }

  /** Takes rooms in which something may be new out of the queue. */
  take(limit: number): Promise<string[]> {
    return this.#database.takeDue(this.#database.keys.unindexed, limit);
  }

  /** Up to which message each of some rooms is indexed. */
  async indexedUpTo(roomIds: readonly string[]): Promise<number[]> {
    const { keys } = this.#database;
    const asked = roomIds.map((roomId) => this.#database.send("HGET", keys.room(roomId), "indexed"));
    return (await Promise.all(asked)).map(Number);
  }

  /**
   * Adds the next messages of a room, and notes up to where it is indexed; does nothing if somebody else has.
   *
   * @param from Up to where it was
   */
  async put(roomId: string, epoch: string, from: number, to: number, messages: readonly ChatMessage[]) {
    const { keys } = this.#database;
    const documents = messages.flatMap(({ seq, timestamp, content, userId, username }) => {
      const grams = gramsOf(content).add(nameGram(userId)).add(nameGram(username));
      return [keys.document(roomId, seq), String(timestamp), [...grams].map(token).join()];
    });
    const args = [epoch, String(from), String(to), token(roomId), ...documents];
    await this.#database.run(PUT_DOCUMENTS, [keys.room(roomId)], ...args);
  }

  /**
   * Finds messages that may be what is looked for, newest first: all that are, and few that are not.
   *
   * @param offset How many to pass over
   * @returns `undefined` if the index cannot be used now, or is of no use for what is looked for
   */
  async find(query: IndexQuery, offset: number, limit: number): Promise<IndexPage | undefined> {
    const wanted = wantedText(query);
    if (!this.#isThere || wanted === undefined) return undefined;
    const { keys } = this.#database;
    const page = ["NOCONTENT", "SORTBY", "t", "DESC", "LIMIT", String(offset), String(limit)];
    try {
      const [about, reply] = await Promise.all([
        this.#database.send("FT.INFO", keys.index),
        this.#database.send("FT.SEARCH", keys.index, wanted, ...page),
      ]);
      // After a start it reads all documents before it knows them.
      if (String(fieldOf(about, "indexing")) !== "0") return undefined;
      const roomIds = new Map(query.roomIds.map((roomId) => [keys.document(roomId, ""), roomId]));
      const found = keysFound(reply);
      const places = found.flatMap((key) => {
        const split = key.lastIndexOf(":") + 1;
        const roomId = roomIds.get(key.slice(0, split));
        return roomId === undefined ? [] : [{ roomId, seq: Number(key.slice(split)) }];
      });
      return { places, more: found.length === limit };
    } catch (error) {
      if (error instanceof RedisUnavailable) throw error;
      await this.#make();
      return undefined;
    }
  }

  async #make(): Promise<void> {
    const { keys } = this.#database;
    const fields = ["r", "TAG", "t", "NUMERIC", "SORTABLE", "g", "TAG"];
    const documents = ["ON", "HASH", "PREFIX", "1", keys.documents];
    try {
      await this.#database.send("FT.CREATE", keys.index, ...documents, "SCHEMA", ...fields);
      this.#isThere = true;
    } catch (error) {
      if (error instanceof RedisUnavailable) return; // Nothing is known of it.
      this.#isThere = error instanceof Error && error.message.includes("already exists");
    }
  }
}

/** Says it in the words of the engine; `undefined` where the index would not help. */
function wantedText({ pattern, roomIds, since, before }: IndexQuery): string | undefined {
  const grams = new Set(pattern.words.flatMap(gramsFor));
  if (pattern.from !== undefined) grams.add(nameGram(pattern.from));
  if (grams.size === 0) return undefined;
  const times = `[${since === -Infinity ? "-inf" : since} ${before === Infinity ? "+inf" : `(${before}`}]`;
  const rooms = `@r:{${roomIds.map(token).join("|")}}`;
  return `${rooms} @t:${times} ${[...grams].map((gram) => `@g:{${token(gram)}}`).join(" ")}`;
}

const FIRST_TOKEN = 10 * 36 ** 4;
const TOKENS = 36 ** 5 - FIRST_TOKEN;

/**
 * A word of five letters and digits for a text, the same for ever: what the engine reads differently from version to
 * version are signs and case. Two texts rarely share one, and what is found is looked at anyway. FNV-1a, 32 bits.
 */
function token(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (FIRST_TOKEN + (hash >>> 0) % TOKENS).toString(36);
}

/** The keys in an answer: behind their number, or in newer versions each with a name. */
function keysFound(reply: unknown): string[] {
  if (Array.isArray(reply)) return reply.slice(1).map(String);
  return (fieldOf(reply, "results") as unknown[]).map((result) => String(fieldOf(result, "id")));
}

/** A field of an answer, in which names and values take turns in older versions. */
function fieldOf(reply: unknown, name: string): unknown {
  if (Array.isArray(reply)) return reply[reply.indexOf(name) + 1];
  return (reply as Record<string, unknown>)[name];
}
