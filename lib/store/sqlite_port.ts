import type { Request } from "./sqlite_calls.ts";
import type { Line } from "./sqlite_link.ts";

/** The way to a worker that another isolate has started, which also says when it has crashed. */
export class SqlitePort implements Line {
  onmessage: Line["onmessage"] = null;
  onmessageerror: Line["onmessageerror"] = null;
  onerror: Line["onerror"] = null;
  readonly #port: MessagePort;

  constructor(port: MessagePort) {
    this.#port = port;
    port.onmessage = (event) => this.onmessage?.(event);
    port.onmessageerror = (event) => this.onmessageerror?.(event);
  }

  postMessage(request: Request): void {
    this.#port.postMessage(request);
  }

  /** The worker behind it has crashed. */
  break(message: string): void {
    this.onerror?.(new ErrorEvent("error", { message }));
  }

  /** Leaves the worker to the others. */
  terminate(): void {
    this.#port.close();
  }
}
