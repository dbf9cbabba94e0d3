import { Queue } from "./queue.ts";
import { type Call, isRead, type Method, type OpenRequest, type Outcome } from "./sqlite_calls.ts";
import { SqliteLink, type StartWorker } from "./sqlite_link.ts";
import { type Store, StoreUnavailable } from "./store.ts";

/** Batches the worker has at once: one it works on, and one so that it need not wait for the next. */
const MAX_BATCHES = 2;
/** A next one that is shorter goes when the worker is free: more go with it, and each transaction costs a write. */
const MIN_NEXT_LENGTH = 16 * 1024;
/** Roughly the UTF-16 units written in one transaction. */
const LENGTH_PER_BATCH = 1024 * 1024;
/** What may wait for a disk that does not keep up. */
const MAX_WAITING_LENGTH = 32 * 1024 * 1024;
/** What a call weighs beside its contents. */
const CALL_LENGTH = 256;
const RESTART_MIN_MS = 100;
const RESTART_MAX_MS = 10_000;

/** How much goes together, and how much waits. */
export interface PipelineLimits {
  /** Reads in one batch: they hold up the writes of the next. */
  readonly readsPerBatch: number;
  /** Calls that may wait for a worker that does not keep up. */
  readonly waitingCalls: number;
}

const DEFAULT_LIMITS: PipelineLimits = { readsPerBatch: 32, waitingCalls: 20_000 };

interface Waiting {
  readonly call: Call;
  readonly length: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Takes calls to the worker of a database: all that come while it is busy go together.
 *
 * A worker that crashes is started again, after a pause in which calls are refused.
 */
export class SqlitePipeline implements AsyncDisposable {
  readonly #request: OpenRequest;
  readonly #startWorker: StartWorker;
  readonly #now: () => number;
  readonly #limits: PipelineLimits;
  readonly #writes = new Queue<Waiting>();
  readonly #reads = new Queue<Waiting>();
  #waitingLength = 0;
  #batches = 0;
  #isPosting = false;
  #link: SqliteLink | undefined;
  #restartMs = RESTART_MIN_MS;
  #restartTimer: ReturnType<typeof setTimeout> | undefined;
  #restart: Promise<void> | undefined;
  #draining: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #idle: PromiseWithResolvers<void> | undefined;

  private constructor(
    request: OpenRequest,
    startWorker: StartWorker,
    now: () => number,
    limits: PipelineLimits,
  ) {
    this.#request = request;
    this.#startWorker = startWorker;
    this.#now = now;
    this.#limits = limits;
  }

  /**
   * Starts the worker.
   *
   * @throws {Error} If the database cannot be opened
   */
  static async open(
    request: OpenRequest,
    startWorker: StartWorker,
    now: () => number,
    limits = DEFAULT_LIMITS,
  ): Promise<SqlitePipeline> {
    const pipeline = new SqlitePipeline(request, startWorker, now, limits);
    await pipeline.#connect();
    return pipeline;
  }

  /** Has a method carried out; rejects with {@linkcode StoreUnavailable} when it was not, and may be tried again. */
  call<M extends Method>(method: M, ...args: Parameters<Store[M]>): Promise<Awaited<ReturnType<Store[M]>>> {
    const call = { method, args } as Call;
    const length = lengthOf(call);
    const reason = this.#whyNot(length);
    if (reason !== undefined) return Promise.reject(new StoreUnavailable(reason));
    this.#waitingLength += length;
    return new Promise((resolve, reject) => {
      const waiting = { call, length, resolve: resolve as (value: unknown) => void, reject };
      (isRead(method) ? this.#reads : this.#writes).push(waiting);
      this.#schedule();
    });
  }

  /** Takes no more calls, and resolves once those that were accepted are finished. */
  drain(): Promise<void> {
    this.#draining ??= this.#drain();
    return this.#draining;
  }

  /** Finishes what was accepted, then closes the database and ends the worker. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.drain().then(() => this.#link?.close());
    return this.#closing;
  }

  async #drain(): Promise<void> {
    clearTimeout(this.#restartTimer);
    await this.#restart;
    if (this.#isIdle) return;
    this.#idle = Promise.withResolvers();
    await this.#idle.promise;
  }

  #whyNot(length: number): string | undefined {
    if (this.#draining !== undefined) return "The database is closed";
    if (this.#link === undefined && this.#restart === undefined) return "The database waits for a new worker";
    const calls = this.#reads.length + this.#writes.length;
    if (calls >= this.#limits.waitingCalls || this.#waitingLength + length > MAX_WAITING_LENGTH) {
      return "The database does not keep up";
    }
  }

  get #isWaiting(): boolean {
    return this.#writes.length > 0 || this.#reads.length > 0;
  }

  get #isIdle(): boolean {
    return this.#batches === 0 && !this.#isWaiting;
  }

  #schedule(): void {
    if (this.#isPosting || !this.#isTime) return;
    this.#isPosting = true;
    queueMicrotask(() => {
      this.#isPosting = false;
      while (this.#link !== undefined && this.#isTime) this.#post(this.#link);
    });
  }

  /** Whether a batch should go now. */
  get #isTime(): boolean {
    if (this.#batches === 0) return this.#isWaiting;
    return this.#batches < MAX_BATCHES && this.#waitingLength >= MIN_NEXT_LENGTH;
  }

  async #post(link: SqliteLink): Promise<void> {
    const batch = this.#takeBatch();
    this.#batches++;
    try {
      const outcomes = await link.execute(batch.map(({ call }) => call), this.#now());
      this.#restartMs = RESTART_MIN_MS;
      batch.forEach((waiting, index) => settle(waiting, outcomes[index]));
    } catch (error) {
      for (const { reject } of batch) reject(error as Error);
    }
    this.#batches--;
    if (this.#isIdle) this.#idle?.resolve();
    else this.#schedule();
  }

  #takeBatch(): Waiting[] {
    const batch: Waiting[] = [];
    for (let length = 0; length < LENGTH_PER_BATCH;) {
      const waiting = this.#writes.shift();
      if (waiting === undefined) break;
      length += waiting.length;
      batch.push(waiting);
    }
    for (let i = 0; i < this.#limits.readsPerBatch; i++) {
      const waiting = this.#reads.shift();
      if (waiting === undefined) break;
      batch.push(waiting);
    }
    for (const { length } of batch) this.#waitingLength -= length;
    return batch;
  }

  async #connect(): Promise<void> {
    const link = await SqliteLink.open(this.#startWorker, this.#request);
    this.#link = link;
    link.broken.then(() => this.#lose());
  }

  #lose(): void {
    this.#link = undefined;
    this.#refuseWaiting();
    this.#restartLater();
  }

  #refuseWaiting(): void {
    for (const queue of [this.#writes, this.#reads]) {
      for (let waiting; (waiting = queue.shift()) !== undefined;) {
        this.#waitingLength -= waiting.length;
        waiting.reject(new StoreUnavailable("The worker of the database has crashed"));
      }
    }
    if (this.#isIdle) this.#idle?.resolve();
  }

  #restartLater(): void {
    if (this.#draining !== undefined) return;
    this.#restartTimer = setTimeout(() => this.#restart = this.#tryAgain(), this.#restartMs);
    this.#restartMs = Math.min(this.#restartMs * 2, RESTART_MAX_MS);
  }

  async #tryAgain(): Promise<void> {
    try {
      await this.#connect();
      this.#schedule();
    } catch {
      this.#refuseWaiting();
      this.#restartLater();
    }
    this.#restart = undefined;
  }
}

function lengthOf(call: Call): number {
  if (call.method !== "append") return CALL_LENGTH;
  return call.args[0].reduce((sum, { content }) => sum + content.length + CALL_LENGTH, 0);
}

function settle({ resolve, reject }: Waiting, outcome: Outcome): void {
  if ("value" in outcome) resolve(outcome.value);
  else if ("unavailable" in outcome) reject(new StoreUnavailable(outcome.unavailable));
  else reject(new Error(outcome.failed));
}
