import type { Config } from "../config.ts";
import type { Reading } from "../http/census.ts";
import { CRASHES } from "../http/readings.ts";
import { SharedTally } from "../kit/shared_tally.ts";
import { within } from "../kit/wait.ts";
import { makeMetrics } from "../measures.ts";
import { makeSecret } from "../server.ts";
import { SharedMemoryLimits } from "../store/shared_memory_limits.ts";
import { SharedSqlite, type SqliteRole } from "../store/shared_sqlite.ts";
import { addUp, type Family, onlyCounts, takeDown } from "../telemetry/family.ts";
import { describeError, type Log } from "../telemetry/log.ts";
import { findPort } from "./listening.ts";
import { type Keeper, WorkerLife, type WorkerLine } from "./worker_life.ts";
import type { Start } from "./worker_words.ts";

/** How workers are looked after. */
const BEAT_MS = 1_000;
const MAX_OPENING_MS = 60_000;
/** Whoever asks how the process is doing waits for a worker no longer than this. */
const MAX_LOOK_MS = 500;
/** A worker that ends soon after its start is replaced later and later. */
const MIN_PAUSE_MS = 100;
const MAX_PAUSE_MS = 10_000;
const SOON_MS = 60_000;
/** What is closed no longer than this. */
const MAX_CLOSING_MS = 5_000;
/** What can be counted at the same time: so much for each connection there may be, within some ten megabytes. */
const COUNTS_PER_CONNECTION = 4;
const MAX_COUNTS = 250_000;

/** A place for a worker, whose life may end, and what follows it. */
interface Place {
  life: WorkerLife | undefined;
  startedAt: number;
  pauseMs: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/**
 * Starts as many workers as the settings say, all of them behind one port, and replaces those that end or hang.
 *
 * The runtime cannot interrupt a worker that never comes back to its event loop: such a one is replaced, yet keeps its
 * connections, and its share of new ones, for as long as the process runs.
 */
export class Supervisor implements Keeper, AsyncDisposable {
  readonly #log: Log;
  readonly #startWorker: (index: number) => WorkerLine;
  readonly #shared: Omit<Start, "index">;
  readonly #places: Place[];
  readonly #database = new SharedSqlite({
    broken: (role, reason) => {
      this.#log.error("database_worker_ended", { role, reason });
      for (const { life } of this.#places) life?.tell({ broken: role, reason });
    },
  });
  #beating: ReturnType<typeof setInterval> | undefined;
  #port = 0;
  #crashes = 0;
  readonly #metrics = makeMetrics();
  /** What those have counted that are gone. */
  #past: readonly Family[] = [];
  #isEnding = false;

  /** @param startWorker Starts the worker of that index; for tests, something that stands in for one */
  constructor(config: Config, log: Log, startWorker: (index: number) => WorkerLine = startServingWorker) {
    const { jwt, maxConnections, workers } = config;
    this.#log = log;
    this.#startWorker = startWorker;
    this.#shared = {
      config: { ...config, jwt: { ...jwt, secret: jwt.secret ?? makeSecret() } },
      channel: `parley ${crypto.randomUUID()}`,
      startedAt: Date.now(),
      limits: SharedMemoryLimits.allocate(Math.min(maxConnections * COUNTS_PER_CONNECTION, MAX_COUNTS)),
      tally: SharedTally.allocate(workers),
    };
    this.#places = Array.from(
      { length: workers },
      () => ({ life: undefined, startedAt: 0, pauseMs: MIN_PAUSE_MS, timer: undefined }),
    );
  }

  /**
   * Starts the workers, and has them listen.
   *
   * @returns The address
   * @throws {ConfigError} If a setting keeps them from that
   */
  async open(): Promise<Deno.NetAddr> {
    const { config: { host, port } } = this.#shared;
    const lives = this.#places.map((_, index) => this.#begin(index));
    try {
      await Promise.all(lives.map((life) => life.opened));
      this.#port = findPort({ host, port });
      await Promise.all(lives.map((life) => life.listen(this.#port)));
    } catch (error) {
      if (this.#isEnding) await new Promise(() => {}); // The end is on its way.
      throw error;
    }
    this.#beating = setInterval(() => this.#beat(), BEAT_MS);
    return { transport: "tcp", hostname: host, port: this.#port };
  }

  /** Sends all clients home; takes no longer than the settings allow. */
  async drain(): Promise<void> {
    this.#end();
    const drained = this.#lives.map((life) => life.drain().catch(() => {}));
    await within(this.#shared.config.shutdownTimeoutMs, Promise.all(drained));
  }

  /** Ends the workers, and closes the database. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#end();
    await Promise.all(this.#lives.map((life) => life.close(MAX_CLOSING_MS)));
    await this.#database[Symbol.asyncDispose]();
  }

  /** Counts and logs an error of the supervisor itself that nobody caught. */
  surprised(stage: string, error: unknown): void {
    this.#metrics.surprises.add(1, stage);
    this.#log.error("surprise", { stage, ...describeError(error) });
  }

  connect(role: SqliteRole, port: MessagePort): void {
    this.#database.connect(role, port);
  }

  async count(asker: WorkerLife): Promise<readonly Reading[]> {
    const others = this.#places.map(({ life }) => life).filter((life) => life !== asker);
    const readings = await Promise.all(others.map((life) => life?.look(MAX_LOOK_MS)));
    return [...readings.map((reading) => reading ?? ABSENT), { ...ABSENT, families: this.#families }];
  }

  /** Replaces a worker that has ended, as it would one that crashed. */
  ended(life: WorkerLife, reason: string): void {
    const place = this.#places[life.index];
    if (place.life !== life) return;
    life.terminate();
    place.life = undefined;
    new SharedTally(this.#shared.tally, life.index).set(0);
    this.#past = addUp([this.#past, onlyCounts(life.reading?.families ?? [])]);
    if (this.#isEnding || this.#port === 0) return; // Nobody is served, or the start has failed.
    this.#crashes++;
    this.#log.error("worker_ended", { worker: life.index, reason });
    for (const other of this.#lives) other.tell({ lost: life.nodeId });
    const isSoon = Date.now() - place.startedAt < SOON_MS;
    place.pauseMs = isSoon ? Math.min(MAX_PAUSE_MS, place.pauseMs * 2) : MIN_PAUSE_MS;
    place.timer = setTimeout(() => this.#replace(life.index), place.pauseMs);
  }

  get #lives(): WorkerLife[] {
    return this.#places.flatMap(({ life }) => life ?? []);
  }

  /** What is counted beside what the workers have counted that are there. */
  get #families(): readonly Family[] {
    const samples = [`${CRASHES} ${this.#crashes}`];
    const crashes: Family = { name: CRASHES, help: "", type: "counter", samples };
    return addUp([this.#past, [crashes, ...takeDown([this.#metrics.surprises])]]);
  }

  #begin(index: number): WorkerLife {
    const place = this.#places[index];
    const start = { ...this.#shared, index };
    place.startedAt = Date.now();
    return place.life = new WorkerLife(this.#startWorker(index), start, this);
  }

  async #replace(index: number): Promise<void> {
    const life = this.#begin(index);
    try {
      const isReady = await within(MAX_OPENING_MS, life.opened.then(() => life.listen(this.#port)));
      if (isReady) this.#log.warn("worker_replaced", { worker: index });
      else this.ended(life, "it does not open");
    } catch {
      // It has ended again, and is replaced again.
    }
  }

  /** Replaces nobody from now on. */
  #end(): void {
    this.#isEnding = true;
    clearInterval(this.#beating);
    for (const { timer } of this.#places) clearTimeout(timer);
  }

  #beat(): void {
    for (const life of this.#lives) life.beat();
  }
}

/** Who is not there: a worker that is being replaced, or has not been heard of yet, and all there will be no more. */
const ABSENT: Reading = {
  phase: "starting",
  isTroubled: false,
  connections: 0,
  rooms: 0,
  eventLoopDelayMs: 0,
  families: [],
};

function startServingWorker(index: number): Worker {
  const url = new URL("./serving_worker.ts", import.meta.url);
  return new Worker(url, { type: "module", name: `worker ${index}` });
}
