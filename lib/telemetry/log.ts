/** In rising order of urgency. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What a log line may carry. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Writes one JSON object a line. */
export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/** Longer texts are cut: what strangers wrote must not fill a disk. */
const MAX_TEXT = 500;

/** A log that writes lines of the given level and above. */
export function openLog(level: LogLevel, write: (line: string) => void = console.error): Log {
  const threshold = LOG_LEVELS.indexOf(level);
  const at = (level: LogLevel) =>
    LOG_LEVELS.indexOf(level) < threshold ? () => {} : (event: string, fields: LogFields = {}) => {
      const time = new Date().toISOString();
      write(JSON.stringify({ time, level, event, ...fields }, cut));
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** A log that writes nothing. */
export const silentLog: Log = openLog("error", () => {});

/** Says what is known of an error without ever repeating what a person wrote. */
export function describeError(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: typeof error };
  return {
    error: `${error.name}: ${error.message}`,
    stack: error.stack?.split("\n").slice(1, 6).join(" | "),
  };
}

function cut(_key: string, value: unknown): unknown {
  return typeof value === "string" && value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value;
}
