import { openSecond } from "./sqlite_open.ts";
import { SqliteSearcher } from "./sqlite_searcher.ts";
import { serveRequests } from "./sqlite_serve.ts";

/** How long the index waits for the lock before it lets others go first: searches wait with it. */
const MAX_BUSY_MS = 10;

serveRequests(({ file, retention, busyTimeoutMs }) => {
  const searcher = new SqliteSearcher(openSecond(file, Math.min(busyTimeoutMs, MAX_BUSY_MS)), retention);
  searcher.start();
  return searcher;
});
