import { within } from "../kit/wait.ts";
import type { Answer } from "./sqlite_calls.ts";
import { startSqliteSearchWorker, startSqliteWorker } from "./sqlite_link.ts";

/** What a worker is for. */
export type SqliteRole = "log" | "search";

/** How workers are started, and who hears of their end. */
export interface SharedSqliteOptions {
  /** A worker has crashed: who has a port to it needs another. */
  broken(role: SqliteRole, message: string): void;
  readonly start?: Readonly<Record<SqliteRole, () => Worker>>;
}

const START = { log: startSqliteWorker, search: startSqliteSearchWorker };
/** A search that has not ended by then is cut off. */
const MAX_CLOSING_MS = 3_000;

/**
 * The workers of one database, for several isolates of one process.
 *
 * So all of them write in the same transactions, and none waits for a lock that another holds.
 */
export class SharedSqlite implements AsyncDisposable {
  readonly #options: SharedSqliteOptions;
  readonly #workers = new Map<SqliteRole, Worker>();

  constructor(options: SharedSqliteOptions) {
    this.#options = options;
  }

  /** Leads a port to the worker of that role, which is started if there is none. */
  connect(role: SqliteRole, port: MessagePort): void {
    let worker = this.#workers.get(role);
    if (worker === undefined) this.#workers.set(role, worker = this.#start(role));
    worker.postMessage({ connect: port }, [port]);
  }

  /** Finishes what was asked for, closes the database, and ends the workers. */
  async [Symbol.asyncDispose](): Promise<void> {
    // The last connection leaves the file without a log beside it, if it is the one that writes.
    for (const role of ["search", "log"] as const) {
      const worker = this.#workers.get(role);
      this.#workers.delete(role);
      if (worker === undefined) continue;
      await within(MAX_CLOSING_MS, close(worker));
      worker.terminate();
    }
  }

  #start(role: SqliteRole): Worker {
    const worker = (this.#options.start ?? START)[role]();
    worker.onerror = (event) => {
      event.preventDefault(); // Else the whole process ends with the worker.
      worker.terminate();
      if (this.#workers.get(role) === worker) this.#workers.delete(role);
      this.#options.broken(role, event.message);
    };
    return worker;
  }
}

function close(worker: Worker): Promise<Answer> {
  return new Promise((resolve) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.postMessage({ close: true });
  });
}
