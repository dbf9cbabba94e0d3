import { SharedSqlite, type SharedSqliteOptions } from "../../../lib/store/shared_sqlite.ts";
import { SqlitePorts } from "../../../lib/store/sqlite_ports.ts";
import { SqliteStore } from "../../../lib/store/sqlite_store.ts";
import type { Retention } from "../../../lib/store/store.ts";

/** One database whose workers several stores share, as those of several isolates do. */
export class SharedDatabase implements AsyncDisposable {
  readonly #file: string;
  readonly #shared: SharedSqlite;
  readonly #ports = new Set<SqlitePorts>();

  constructor(file: string, start?: SharedSqliteOptions["start"]) {
    this.#file = file;
    this.#shared = new SharedSqlite({
      broken: (role, message) => {
        for (const ports of this.#ports) ports.broken(role, message);
      },
      start,
    });
  }

  open(retention: Retention, now?: () => number): Promise<SqliteStore> {
    const ports = new SqlitePorts((role, port) => this.#shared.connect(role, port));
    this.#ports.add(ports);
    const { startWorker, startSearchWorker } = ports;
    return SqliteStore.open(this.#file, retention, { startWorker, startSearchWorker, now });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#shared[Symbol.asyncDispose]();
  }
}
