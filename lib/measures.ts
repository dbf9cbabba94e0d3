import type { PostingReport } from "./chat/posting.ts";
import type { RoomReport } from "./chat/room.ts";
import type { UploadsReport } from "./chat/uploads_report.ts";
import type { StoreHealth } from "./http/store_health.ts";
import { ENDINGS, REFUSALS } from "./protocol/codes.ts";
import { COMMANDS } from "./protocol/commands.ts";
import { describeError, type Log } from "./telemetry/log.ts";
import { Metrics } from "./telemetry/metrics.ts";
import type { Tracing } from "./telemetry/tracing.ts";

/** Peers choose close codes too, and networks lose connections; whatever else they think of is one of the others. */
const CODES_OF_PEERS = [1000, 1001, 1005, 1006];
const STAGES = [
  "accept",
  "api",
  "auth",
  "close",
  "error",
  "http",
  "letter",
  "message",
  "open",
  "page",
  "rates",
  "welcome",
  "rejection",
  "shutdown",
];

/** Makes the counters, told apart by the words of the protocol. */
export function makeMetrics(): Metrics {
  const endings = new Set([...Object.values(ENDINGS).map(({ code }) => code), ...CODES_OF_PEERS]);
  return new Metrics({
    commands: Object.keys(COMMANDS),
    refusals: Object.keys(REFUSALS),
    endings: [...endings].map(String),
    stages: [...STAGES, ...Object.keys(COMMANDS)].filter((stage, i, all) => all.indexOf(stage) === i),
  });
}

/** Counts what rooms tell. */
export function reportRooms(metrics: Metrics, tracing: Tracing | undefined): RoomReport {
  return {
    tracing,
    delivered: (count) => metrics.deliveries.add(count),
    flushed: (tookMs) => metrics.fanOutTime.observeMs(tookMs),
  };
}

/** Counts what goes to the log, and notes how the store is. */
export function reportPosting(
  metrics: Metrics,
  health: StoreHealth,
  log: Log,
  tracing: Tracing | undefined,
): PostingReport {
  return {
    tracing,
    appended(count, tookMs, duplicates) {
      metrics.appended.add(count - duplicates);
      metrics.duplicates.add(duplicates);
      metrics.acks.add(count);
      metrics.appendTime.observeMs(tookMs);
      health.appended();
    },
    failed(count, error) {
      metrics.storeErrors.add(count);
      health.failed();
      log.error("append_failed", { count, ...describeError(error) });
    },
  };
}

/** Counts what becomes of files. */
export function reportUploads({ uploads, storedBytes, fileErrors }: Metrics, log: Log): UploadsReport {
  return {
    went: (step) => uploads.add(1, step),
    stored: (bytes) => storedBytes.add(bytes),
    failed(error) {
      fileErrors.add();
      log.error("files_failed", describeError(error));
    },
  };
}
