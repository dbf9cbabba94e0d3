import type { Draft, NewRoom, Retention, Store } from "../../../lib/store/store.ts";

/** What a store under test is opened with. */
export interface StoreSetting {
  readonly retention: Retention;
  readonly now: () => number;
}

/** Opens an empty store; what it needs beside goes to `stack`. */
export type OpenStore = (setting: StoreSetting, stack: AsyncDisposableStack) => Promise<Store>;

export const MINUTE_MS = 60_000;
/** The time at which a clock starts, in milliseconds since the Unix epoch. */
export const START = 1_790_000_000_000;
const UNLIMITED: Retention = { historyLimit: Infinity, historyMaxAgeMs: Infinity };
/** A range of everything. */
export const WHOLE = { limit: 10_000, maxLength: Infinity };

/** What nobody has done anything to. */
export const FRESH = { isInvited: false, bannedUntil: 0, mutedUntil: 0 };

/** A store and its clock, for the length of one test. */
export class Bench implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  store!: Store;
  now = START;

  static async open(open: OpenStore, retention: Partial<Retention> = {}): Promise<Bench> {
    const bench = new Bench();
    const setting = { retention: { ...UNLIMITED, ...retention }, now: () => bench.now };
    bench.store = bench.#stack.use(await open(setting, bench.#stack));
    return bench;
  }

  /** A draft of Zoe's of now, with an id of its own unless given one. */
  draft(roomId: string, content: string, more: Partial<Draft> = {}): Draft {
    const id = crypto.randomUUID();
    return { id, roomId, userId: "zoe", username: "Zoe", content, timestamp: this.now, ...more };
  }

  /** Appends messages, each with its text, to one room. */
  async say(roomId: string, ...contents: string[]): Promise<number[]> {
    const appended = await this.store.append(contents.map((content) => this.draft(roomId, content)));
    return appended.map(({ seq }) => seq);
  }

  async numbers(roomId: string): Promise<number[]> {
    return (await this.store.page(roomId, WHOLE)).messages.map(({ seq }) => seq);
  }

  async retainAll(): Promise<void> {
    while (await this.store.retain());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

/** The whole numbers from one to another, both included. */
export function count(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

export function newRoom(roomId: string, more: Partial<NewRoom> = {}): NewRoom {
  return { roomId, roomName: `Room ${roomId}`, visibility: "public", passwordHash: null, ...more };
}

/** Defines one test of a store; the sentence is about the store. */
export type Test = (
  sentence: string,
  run: (bench: Bench) => Promise<void>,
  retention?: Partial<Retention>,
) => void;
