import type { WorkerLine } from "../../lib/cli/worker_life.ts";
import type { Order, Report, Start } from "../../lib/cli/worker_words.ts";
import type { Reading } from "../../lib/http/census.ts";

/** A worker that does what it is told at once, until it is broken. */
export class FakeWorker implements WorkerLine {
  onmessage: WorkerLine["onmessage"] = null;
  onerror: WorkerLine["onerror"] = null;
  readonly orders: Order[] = [];
  readonly nodeId = crypto.randomUUID();
  start: Start | undefined;
  isTerminated = false;
  /** Whether it answers. */
  isWell = true;
  /** Why it does not open. */
  refusal: Extract<Report, { refused: string }> | undefined;
  reading: Reading = {
    ...{ phase: "ready", isTroubled: false, connections: 0, rooms: 0, eventLoopDelayMs: 0 },
    families: [],
  };
  /** The answer to {@linkcode FakeWorker.count}. */
  counted = Promise.withResolvers<readonly Reading[]>();

  postMessage(order: Order): void {
    this.orders.push(order);
    queueMicrotask(() => this.#follow(order));
  }

  terminate(): void {
    this.isTerminated = true;
  }

  /** Ends as an error that nobody caught ends a worker. */
  crash(message = "an accident"): void {
    this.onerror?.(new ErrorEvent("error", { message, cancelable: true }));
  }

  /** Asks how all others are doing. */
  count(): Promise<readonly Reading[]> {
    this.counted = Promise.withResolvers();
    this.#say({ count: 1, reading: this.reading });
    return this.counted.promise;
  }

  /** Has counted so much. */
  has(trips: number, connections = 0): void {
    const samples = [`trips_total ${trips}`];
    const family = { name: "trips_total", help: "Trips.", type: "counter", samples } as const;
    this.reading = { ...this.reading, connections, families: [family] };
  }

  #follow(order: Order): void {
    if (!this.isWell || this.isTerminated) return;
    if ("start" in order) {
      this.start = order.start;
      this.#say(this.refusal ?? { opened: this.nodeId });
    } else if ("listen" in order) this.#say({ listening: true });
    else if ("look" in order) this.#say({ seen: order.look, reading: this.reading });
    else if ("counted" in order) this.counted.resolve(order.readings);
    else if ("drain" in order) this.#say({ drained: true });
    else if ("close" in order) this.#say({ closed: true });
  }

  #say(report: Report): void {
    this.onmessage?.(new MessageEvent("message", { data: report }));
  }
}
