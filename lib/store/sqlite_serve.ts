import { Gather } from "../kit/turn.ts";
import type { Answer, Call, Connect, OpenRequest, Outcome, Request } from "./sqlite_calls.ts";

/** What carries out the calls that a worker gets. */
export interface Served extends Disposable {
  execute(calls: readonly Call[], now: number): Outcome[];
}

/** Where requests come from, and answers go to. */
interface Asker {
  postMessage(answer: Answer): void;
}

/** What is used of the worker's own global scope. */
interface Scope extends Asker {
  onmessage: (event: MessageEvent<Request | Connect>) => void;
}

/** Calls of one isolate among several. */
interface Arrival {
  readonly asker: Asker;
  readonly calls: readonly Call[];
  readonly now: number;
}

/** Answers the requests that come to this worker, and to the ports it is given. */
export function serveRequests(open: (request: OpenRequest) => Served): void {
  const scope = globalThis as unknown as Scope;
  /** What several isolates ask for in one turn is carried out at once. */
  const arrivals = new Gather<Arrival>(executeAll);
  let served: Served | undefined;

  scope.onmessage = ({ data }) => {
    if ("connect" in data) listen(data.connect);
    else scope.postMessage(answer(data));
  };

  function listen(port: MessagePort): void {
    port.onmessage = ({ data: request }: MessageEvent<Request>) => {
      if ("calls" in request) arrivals.add({ ...request, asker: port });
      else if ("open" in request && served !== undefined) port.postMessage({ done: true });
      else if ("open" in request) port.postMessage(answer(request));
      else {
        port.postMessage({ done: true });
        port.close();
      }
    };
  }

  function executeAll(all: readonly Arrival[]): void {
    const now = Math.max(...all.map(({ now }) => now));
    const outcomes = served!.execute(all.flatMap(({ calls }) => calls), now);
    let done = 0;
    for (const { asker, calls } of all) {
      asker.postMessage({ outcomes: outcomes.slice(done, done += calls.length) });
    }
  }

  function answer(request: Request): Answer {
    if ("calls" in request) return { outcomes: served!.execute(request.calls, request.now) };
    if ("close" in request) {
      served?.[Symbol.dispose]();
      return { done: true };
    }
    try {
      served = open(request.open);
      return { done: true };
    } catch (error) {
      return { refused: error instanceof Error ? error.message : String(error) };
    }
  }
}
