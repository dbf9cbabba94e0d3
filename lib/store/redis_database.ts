import { RecentMap } from "../kit/recent_map.ts";
import type { RedisLink } from "../redis/redis_link.ts";
import type { RedisScript } from "../redis/redis_script.ts";
import { newEpoch } from "./message.ts";
import type { RedisKeys } from "./redis_keys.ts";
import { RUN_LENGTH } from "./redis_lua.ts";
import { DROP } from "./redis_room_scripts.ts";
import { RedisWriting } from "./redis_writing.ts";

/** Rooms of which it is remembered where their logs stood. */
const MAX_SEEN = 20_000;

interface Seen {
  readonly epoch: string;
  readonly head: number;
  /** How the name of the run of Redis begins in which that was. */
  readonly run: string;
}

const NOTHING: Seen = { epoch: "", head: 0, run: "" };

/** Runs the scripts of the store, and remembers where logs stood, so that a Redis that has lost some is found out. */
export class RedisDatabase {
  readonly keys: RedisKeys;
  readonly #link: RedisLink;
  readonly #now: () => number;
  readonly #seen = new RecentMap<string, Seen>(MAX_SEEN);
  readonly #writing: RedisWriting;
  #stamp = 0;

  constructor(link: RedisLink, keys: RedisKeys, now: () => number) {
    this.#link = link;
    this.#writing = new RedisWriting(link);
    this.keys = keys;
    this.#now = now;
  }

  /** In milliseconds since the Unix epoch. */
  get now(): number {
    return this.#now();
  }

  /** A number that is higher than any before it on this node, and most likely no other node's. */
  stamp(): number {
    // Milliseconds and 11 bits below them, which together fit a double.
    const stamp = this.now * 2048 + Math.floor(Math.random() * 1024);
    return this.#stamp = Math.max(stamp, this.#stamp + 1);
  }

  send(...args: string[]): Promise<unknown> {
    return this.#link.send(...args);
  }

  run(script: RedisScript, keys: readonly string[], ...args: string[]): Promise<unknown> {
    return this.#link.run(script, keys, args);
  }

  /** Takes out of a sorted set what was due by now, before anything is done about it: whoever wants more puts it back. */
  async takeDue(list: string, limit: number): Promise<string[]> {
    const count = ["LIMIT", "0", String(limit)];
    const due = await this.send("ZRANGEBYSCORE", list, "-inf", String(this.now), ...count) as string[];
    if (due.length > 0) await this.send("ZREM", list, ...due);
    return due;
  }

  /** Takes an entry out of a sorted set, unless somebody has given it another score meanwhile. */
  drop(list: string, entry: string, score: number): Promise<unknown> {
    return this.run(DROP, [list], entry, String(score));
  }

  /** Resolves once Redis has written to its file what it has answered; rejects if it was away before that. */
  written(): Promise<void> {
    return this.#writing.wait();
  }

  /** Runs a script that begins with OPEN. */
  runIn(roomId: string, script: RedisScript, keys: readonly string[], args: readonly string[]) {
    const { server: { runId, hasAppendOnlyFile, isSuccessor }, connectionNumber } = this.#link;
    const { epoch, head, run } = this.#seen.get(roomId) ?? NOTHING;
    const isWhole = hasAppendOnlyFile === false || isSuccessor ? "0" : "1";
    const opening = [newEpoch(), runId, isWhole, epoch, `${head} ${run}`, connectionNumber];
    return this.#link.run(script, keys, [...opening, ...args]);
  }

  /** Remembers where a room's log stood a moment ago. */
  see(roomId: string, epoch: string, head: number): void {
    if (epoch === "") return;
    const seen = this.#seen.get(roomId);
    if (seen?.epoch === epoch && seen.head >= head) return;
    this.#seen.set(roomId, { epoch, head, run: this.#link.server.runId.slice(0, RUN_LENGTH) });
  }
}
