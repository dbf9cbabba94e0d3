import { within } from "../kit/wait.ts";

/** The database cannot be reached, is too busy, or did not answer in time; whether a write was done is not known. */
export class KvUnavailable extends Error {
  override readonly name = "KvUnavailable";
}

/** Reads from the first key on or after it, up to before another. */
export type Span = { readonly start: Deno.KvKey; readonly end: Deno.KvKey } | { readonly prefix: Deno.KvKey };

/** How long one call may take, and the same is tried again and again. */
const PATIENCE_MS = 2_500;
const MIN_PAUSE_MS = 4;
const MAX_PAUSE_MS = 250;
/** The keys that one read may name, by the database's own limit. */
const KEYS_PER_READ = 10;

/** A key-value database behind calls that end in time: each answers, or rejects with {@linkcode KvUnavailable}. */
export class KvLink implements Disposable {
  readonly #kv: Deno.Kv;
  readonly #patienceMs: number;
  /** Ends every pause between two tries. */
  readonly #closing = Promise.withResolvers<void>();
  #isClosed = false;

  /** A link to a database, which it closes in the end. */
  constructor(kv: Deno.Kv, patienceMs = PATIENCE_MS) {
    this.#kv = kv;
    this.#patienceMs = patienceMs;
  }

  async get<T>(key: Deno.KvKey): Promise<Deno.KvEntryMaybe<T>> {
    return await this.#read(() => this.#kv.get<T>(key));
  }

  /** Reads any number of keys, in their order; every ten of them, from the first, are of one moment. */
  async getMany(keys: readonly Deno.KvKey[]): Promise<Deno.KvEntryMaybe<unknown>[]> {
    const reads: Promise<Deno.KvEntryMaybe<unknown>[]>[] = [];
    for (let i = 0; i < keys.length; i += KEYS_PER_READ) {
      const group = keys.slice(i, i + KEYS_PER_READ);
      reads.push(this.#read(() => this.#kv.getMany<unknown[]>(group)));
    }
    return (await Promise.all(reads)).flat();
  }

  /** Reads a span in the order of its keys, or backward, `batch` entries at a time, each batch of one moment. */
  async *list<T>(span: Span, batch: number, reverse = false): AsyncGenerator<Deno.KvEntry<T>> {
    let cursor: string | undefined;
    for (;;) {
      const from = cursor;
      const read = async () => {
        const entries = this.#kv.list<T>(span, { limit: batch, batchSize: batch, cursor: from, reverse });
        const found: Deno.KvEntry<T>[] = [];
        for await (const entry of entries) found.push(entry);
        return { found, next: entries.cursor };
      };
      const { found, next } = await this.#read(read);
      yield* found;
      if (found.length < batch) return;
      cursor = next;
    }
  }

  /** Commits what is asked for; `undefined` where a check did not hold. */
  async commit(
    ask: (atomic: Deno.AtomicOperation) => void,
  ): Promise<{ readonly versionstamp: string } | undefined> {
    const atomic = this.#kv.atomic();
    ask(atomic);
    const result = await this.#inTime(() => atomic.commit());
    return result.ok ? result : undefined;
  }

  /**
   * Repeats an attempt until it gives something: after a commit that lost to another, and after one whose fate is not
   * known. An attempt MUST therefore begin with reading, and find what an earlier one has done.
   */
  async untilDone<T>(attempt: (tries: number) => Promise<{ readonly done: T } | undefined>): Promise<T> {
    const giveUpAt = performance.now() + this.#patienceMs;
    let problem = new KvUnavailable("Too many write to the same keys at once");
    for (let tries = 0;; tries++) {
      try {
        const outcome = await attempt(tries);
        if (outcome !== undefined) return outcome.done;
      } catch (error) {
        if (!(error instanceof KvUnavailable)) throw error;
        problem = error;
      }
      if (this.#isClosed || performance.now() > giveUpAt) throw problem;
      const pauseMs = Math.random() * Math.min(MAX_PAUSE_MS, MIN_PAUSE_MS * 2 ** tries);
      await within(pauseMs, this.#closing.promise);
    }
  }

  /** A symbol that becomes the versionstamp of a commit, as the last part of a key. */
  commitVersionstamp(): symbol {
    return this.#kv.commitVersionstamp();
  }

  /** Tells when a key may have changed; ends or breaks off as the database likes. */
  watch(key: Deno.KvKey): ReadableStream<unknown> {
    return this.#kv.watch([key]);
  }

  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#closing.resolve();
    this.#kv.close();
  }

  /** Reading twice does no harm, and helps where a file is locked for a moment. */
  async #read<T>(read: () => Promise<T>): Promise<T> {
    return await this.untilDone(async () => ({ done: await this.#inTime(read) }));
  }

  async #inTime<T>(call: () => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new KvUnavailable("The database is closed");
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => reject(new KvUnavailable("The database did not answer")),
      this.#patienceMs,
    );
    try {
      return await Promise.race([call(), late]);
    } catch (cause) {
      if (cause instanceof KvUnavailable) throw cause;
      throw new KvUnavailable(cause instanceof Error ? cause.message : String(cause), { cause });
    } finally {
      clearTimeout(timer);
    }
  }
}
