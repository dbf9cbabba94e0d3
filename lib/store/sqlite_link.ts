import type { Answer, Call, OpenRequest, Outcome, Request } from "./sqlite_calls.ts";
import { StoreUnavailable } from "./store.ts";

/** What is said to a worker, and what it says: its own channel, or a port of one that is shared. */
export interface Line {
  onmessage: ((event: MessageEvent<Answer>) => void) | null;
  onmessageerror: ((event: MessageEvent) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  postMessage(request: Request): void;
  terminate(): void;
}

/** Starts a worker that answers requests in order, or finds a way to one. */
export type StartWorker = () => Line;

/** Starts the worker in which the database is used, so that waiting for the disk stops nobody else. */
export function startSqliteWorker(): Worker {
  return new Worker(new URL("./sqlite_worker.ts", import.meta.url), { type: "module", name: "sqlite" });
}

/** Starts the worker in which is searched, so that a search stops no other call. */
export function startSqliteSearchWorker(): Worker {
  const url = new URL("./sqlite_search_worker.ts", import.meta.url);
  return new Worker(url, { type: "module", name: "sqlite_search" });
}

/** The line to one worker, for as long as that worker lives. */
export class SqliteLink {
  readonly #worker: Line;
  readonly #awaited: PromiseWithResolvers<Answer>[] = [];
  readonly #broken = Promise.withResolvers<void>();
  #isBroken = false;

  private constructor(worker: Line) {
    this.#worker = worker;
    worker.onmessage = ({ data }) => this.#awaited.shift()?.resolve(data);
    worker.onmessageerror = () => this.#break("an answer could not be read");
    worker.onerror = (event) => {
      event.preventDefault(); // Else the whole process ends with the worker.
      this.#break(event.message);
    };
  }

  /**
   * Starts a worker and opens the database in it.
   *
   * @throws {Error} If the database cannot be opened; the message is one sentence that says why and what to do
   */
  static async open(start: StartWorker, request: OpenRequest): Promise<SqliteLink> {
    const link = new SqliteLink(start());
    try {
      const answer = await link.#ask({ open: request });
      if ("refused" in answer) throw new Error(answer.refused);
      return link;
    } catch (error) {
      link.#worker.terminate();
      throw error;
    }
  }

  /** Resolves when the worker has crashed. */
  get broken(): Promise<void> {
    return this.#broken.promise;
  }

  /** Has calls carried out, after all earlier ones; rejects with {@linkcode StoreUnavailable} if the worker crashes. */
  async execute(calls: readonly Call[], now: number): Promise<readonly Outcome[]> {
    const answer = await this.#ask({ calls, now });
    return "outcomes" in answer ? answer.outcomes : [];
  }

  /** Closes the database and ends the worker. */
  async close(): Promise<void> {
    try {
      await this.#ask({ close: true });
    } finally {
      this.#worker.terminate();
    }
  }

  #ask(request: Request): Promise<Answer> {
    if (this.#isBroken) return Promise.reject(new StoreUnavailable("The worker of the database has crashed"));
    const awaited = Promise.withResolvers<Answer>();
    this.#worker.postMessage(request);
    this.#awaited.push(awaited);
    return awaited.promise;
  }

  #break(reason: string): void {
    this.#isBroken = true;
    this.#worker.terminate();
    for (const awaited of this.#awaited.splice(0)) {
      awaited.reject(new StoreUnavailable(`The worker of the database has crashed: ${reason}`));
    }
    this.#broken.resolve();
  }
}
