import { SqliteDatabase } from "./sqlite_database.ts";
import { openDatabase } from "./sqlite_open.ts";
import { serveRequests } from "./sqlite_serve.ts";

serveRequests(({ file, retention, busyTimeoutMs }) =>
  new SqliteDatabase(openDatabase(file, busyTimeoutMs), retention)
);
