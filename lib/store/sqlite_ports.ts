import type { SqliteRole } from "./shared_sqlite.ts";
import { SqlitePort } from "./sqlite_port.ts";

/** One isolate's ways to the workers of a database that it shares. */
export class SqlitePorts {
  readonly #connect: (role: SqliteRole, port: MessagePort) => void;
  readonly #ports = new Map<SqliteRole, SqlitePort>();

  /** @param connect Takes a port to {@linkcode SharedSqlite.connect} */
  constructor(connect: (role: SqliteRole, port: MessagePort) => void) {
    this.#connect = connect;
  }

  readonly startWorker = (): SqlitePort => this.#open("log");
  readonly startSearchWorker = (): SqlitePort => this.#open("search");

  /** The worker of that role has crashed. */
  broken(role: SqliteRole, message: string): void {
    const port = this.#ports.get(role);
    this.#ports.delete(role);
    port?.break(message);
  }

  #open(role: SqliteRole): SqlitePort {
    const { port1, port2 } = new MessageChannel();
    const port = new SqlitePort(port1);
    this.#ports.set(role, port);
    this.#connect(role, port2);
    return port;
  }
}
