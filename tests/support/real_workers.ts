import { join } from "node:path";
import { Supervisor } from "../../lib/cli/supervisor.ts";
import type { WorkerLine } from "../../lib/cli/worker_life.ts";
import { readConfig } from "../../lib/config.ts";
import { openLog } from "../../lib/telemetry/log.ts";
import { SECRET } from "./server.ts";

const WORKER = new URL("../../lib/cli/serving_worker.ts", import.meta.url);

/** A supervisor in this process, with real workers that a test can end. */
export class RealWorkers implements AsyncDisposable {
  readonly supervisor: Supervisor;
  readonly #logged = new Map<string, PromiseWithResolvers<void>>();
  readonly #folder: string;
  readonly #workers: Worker[] = [];
  #connections = new Int32Array(0);
  port = 0;

  private constructor(folder: string, settings: Record<string, string>) {
    this.#folder = folder;
    const all: Record<string, string> = {
      ...{ WORKERS: "2", HOST: "127.0.0.1", PORT: "0", JWT_SECRET: SECRET, LOG_LEVEL: "error" },
      ...{ STORE: `sqlite:${join(folder, "parley.db")}`, FILES_DIR: join(folder, "files") },
      ...{ RATE_CHAT: "off", RATE_OTHER: "off", ...settings },
    };
    const log = openLog("info", (line) => this.#event(JSON.parse(line).event).resolve());
    this.supervisor = new Supervisor(readConfig((name) => all[name]), log, (index) => this.#start(index));
  }

  static async open(settings: Record<string, string> = {}): Promise<RealWorkers> {
    const workers = new RealWorkers(await Deno.makeTempDir({ prefix: "parley_workers_" }), settings);
    workers.port = (await workers.supervisor.open()).port;
    return workers;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  get url(): string {
    return `http://${this.address}`;
  }

  /** Resolves when the supervisor has logged such an event. */
  logged(event: string): Promise<void> {
    return this.#event(event).promise;
  }

  /** How many connections each worker has. */
  get connections(): number[] {
    return [...this.#connections];
  }

  /** Ends a worker as an error would that nobody caught. */
  end(index: number): void {
    const error = new ErrorEvent("error", { message: "ended by a test", cancelable: true });
    this.#workers[index].dispatchEvent(error);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.supervisor.drain();
    await this.supervisor[Symbol.asyncDispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }

  #event(name: string): PromiseWithResolvers<void> {
    let event = this.#logged.get(name);
    if (event === undefined) this.#logged.set(name, event = Promise.withResolvers());
    return event;
  }

  #start(index: number): WorkerLine {
    const worker = new Worker(WORKER, { type: "module" });
    const post = worker.postMessage.bind(worker);
    worker.postMessage = (order) => {
      if ("start" in order) this.#connections = new Int32Array(order.start.tally);
      post(order);
    };
    this.#workers[index] = worker;
    return worker;
  }
}
