import type { Answer, Request } from "./sqlite_calls.ts";
import { SqliteDatabase } from "./sqlite_database.ts";
import { openDatabase } from "./sqlite_open.ts";

/** What is used of the worker's own global scope. */
interface Scope {
  onmessage: (event: MessageEvent<Request>) => void;
  postMessage(answer: Answer): void;
}

const scope = globalThis as unknown as Scope;
let database: SqliteDatabase | undefined;

scope.onmessage = ({ data: request }) => scope.postMessage(answer(request));

function answer(request: Request): Answer {
  if ("calls" in request) return { outcomes: database!.execute(request.calls, request.now) };
  if ("close" in request) {
    database?.[Symbol.dispose]();
    return { done: true };
  }
  const { file, retention, busyTimeoutMs } = request.open;
  try {
    database = new SqliteDatabase(openDatabase(file, busyTimeoutMs), retention);
    return { done: true };
  } catch (error) {
    return { refused: error instanceof Error ? error.message : String(error) };
  }
}
