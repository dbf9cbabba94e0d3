import { ConfigError } from "../config.ts";
import type { Reading } from "../http/census.ts";
import { within } from "../kit/wait.ts";
import type { SqliteRole } from "../store/shared_sqlite.ts";
import type { Order, Report, Start } from "./worker_words.ts";

/** The line to a worker that serves. */
export interface WorkerLine {
  onmessage: ((event: MessageEvent<Report>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  postMessage(order: Order): void;
  terminate(): void;
}

/** What a life has to be told of. */
export interface Keeper {
  /** Gathers the readings of all others. */
  count(life: WorkerLife): Promise<readonly Reading[]>;
  connect(role: SqliteRole, port: MessagePort): void;
  /** It has ended without being asked to, or does not answer any more. */
  ended(life: WorkerLife, reason: string): void;
}

/** A worker that has left so many beats in a row unanswered hangs: it is looked once a second. */
const MAX_MISSED_BEATS = 10;

/** One worker, from its start to its end. */
export class WorkerLife {
  readonly index: number;
  readonly #line: WorkerLine;
  readonly #keeper: Keeper;
  readonly #steps = {
    opened: Promise.withResolvers<void>(),
    listening: Promise.withResolvers<void>(),
    drained: Promise.withResolvers<void>(),
    closed: Promise.withResolvers<void>(),
  };
  readonly #looks = new Map<number, (reading: Reading) => void>();
  #reading: Reading | undefined;
  #number = 0;
  #missedBeats = 0;
  #nodeId = "";
  #isServing = false;
  #hasEnded = false;

  /** Starts the worker. */
  constructor(line: WorkerLine, start: Start, keeper: Keeper) {
    this.index = start.index;
    this.#line = line;
    this.#keeper = keeper;
    line.onmessage = ({ data }) => this.#hear(data);
    line.onerror = (event) => {
      event.preventDefault(); // Else the whole process ends with the worker.
      this.#end(event.message);
    };
    for (const { promise } of Object.values(this.#steps)) promise.catch(() => {}); // Not every step is waited for.
    line.postMessage({ start });
  }

  /** How it was doing when it was last heard of. */
  get reading(): Reading | undefined {
    return this.#reading;
  }

  /** Names it among the nodes; empty until it has opened. */
  get nodeId(): string {
    return this.#nodeId;
  }

  /** Resolves when its parts are open; this and the like reject if it ends before. */
  get opened(): Promise<void> {
    return this.#steps.opened.promise;
  }

  /** Has it listen, and resolves when it does. */
  listen(port: number): Promise<void> {
    this.tell({ listen: port });
    return this.#steps.listening.promise;
  }

  /** Sends its clients home, if it has any. */
  async drain(): Promise<void> {
    if (!this.#isServing) return;
    this.tell({ drain: true });
    await this.#steps.drained.promise;
  }

  /** Has it close its parts, and then ends it. */
  async close(timeoutMs: number): Promise<void> {
    if (this.#isServing) {
      this.tell({ close: true });
      await within(timeoutMs, this.#steps.closed.promise).catch(() => {});
    }
    this.terminate();
  }

  /** How it is doing now, or, if it does not say within that time, how it was. */
  async look(timeoutMs: number): Promise<Reading | undefined> {
    const number = ++this.#number;
    await within(
      timeoutMs,
      new Promise((resolve) => {
        this.#looks.set(number, resolve);
        this.tell({ look: number });
      }),
    );
    this.#looks.delete(number);
    return this.#reading;
  }

  /** Looks whether it still answers; to be called once a second while it serves. */
  beat(): void {
    if (!this.#isServing) return;
    if (++this.#missedBeats > MAX_MISSED_BEATS) return this.#end("it does not answer");
    this.tell({ look: ++this.#number });
  }

  tell(order: Order): void {
    if (!this.#hasEnded) this.#line.postMessage(order);
  }

  /** Ends it at once, without telling anybody; `reason` is for who waits for a step of it. */
  terminate(reason = "it was told to end"): void {
    this.#hasEnded = true;
    this.#line.terminate();
    const error = new Error(`A worker has ended: ${reason}`);
    for (const { reject } of Object.values(this.#steps)) reject(error);
  }

  #hear(report: Report): void {
    if (this.#hasEnded) return;
    if ("seen" in report) this.#see(report.seen, report.reading);
    else if ("count" in report) void this.#count(report.count, report.reading);
    else if ("store" in report) this.#keeper.connect(report.store, report.port);
    else if ("refused" in report) this.#refuse(report.refused, report.isSetting);
    else {
      if ("opened" in report) this.#nodeId = report.opened;
      this.#isServing ||= "listening" in report;
      for (const [name, { resolve }] of Object.entries(this.#steps)) if (name in report) resolve();
    }
  }

  #see(number: number, reading: Reading): void {
    this.#missedBeats = 0;
    this.#reading = reading;
    this.#looks.get(number)?.(reading);
  }

  async #count(number: number, own: Reading): Promise<void> {
    this.#reading = own;
    this.tell({ counted: number, readings: await this.#keeper.count(this) });
  }

  #refuse(reason: string, isSetting: boolean): void {
    const error = isSetting ? new ConfigError(reason) : new Error(reason);
    for (const { reject } of Object.values(this.#steps)) reject(error);
    this.#end(reason);
  }

  #end(reason: string): void {
    if (this.#hasEnded) return;
    this.terminate(reason);
    this.#keeper.ended(this, reason);
  }
}
