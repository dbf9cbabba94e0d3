import type { Answer, Call, OpenRequest, Outcome, Request } from "./sqlite_calls.ts";

/** What carries out the calls that a worker gets. */
export interface Served extends Disposable {
  execute(calls: readonly Call[], now: number): Outcome[];
}

/** What is used of the worker's own global scope. */
interface Scope {
  onmessage: (event: MessageEvent<Request>) => void;
  postMessage(answer: Answer): void;
}

/** Answers the requests that come to this worker. */
export function serveRequests(open: (request: OpenRequest) => Served): void {
  const scope = globalThis as unknown as Scope;
  let served: Served | undefined;

  scope.onmessage = ({ data: request }) => scope.postMessage(answer(request));

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
