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

/** What may have slipped into the text of an error: bearers, tokens (RFC 7519), the queries and passwords of addresses. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/\bbearer[ .]+[^\s"',]+/gi, "bearer [hidden]"],
  [/\beyJ[\w-]*\.[\w-]*\.?[\w-]*/g, "[hidden]"],
  [/\b([a-z][a-z\d+.-]*:\/\/)[^\s"'/]+@/gi, "$1[hidden]@"],
  [/(\/[^\s"'?]*)\?[^\s"']+/g, "$1?[hidden]"],
];

/**
 * What JSON leaves as it is and a terminal or a reader of lines does not: control characters from 0x7f, line and
 * paragraph separators, and what turns the direction of the text.
 */
const UNSAFE = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** A log that writes lines of the given level and above. */
export function openLog(level: LogLevel, write: (line: string) => void = console.error): Log {
  const threshold = LOG_LEVELS.indexOf(level);
  const at = (level: LogLevel) =>
    LOG_LEVELS.indexOf(level) < threshold ? () => {} : (event: string, fields: LogFields = {}) => {
      const time = new Date().toISOString();
      write(JSON.stringify({ time, level, event, ...fields }, tame).replace(UNSAFE, escape));
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

function tame(_key: string, value: unknown): unknown {
  if (typeof value !== "string") return value;
  // Cut first, generously, so that nobody makes us search a long text; a secret is hidden even where it is cut.
  let text = value.slice(0, MAX_TEXT * 2);
  for (const [secret, instead] of SECRETS) text = text.replace(secret, instead);
  return text.length > MAX_TEXT || value.length > MAX_TEXT * 2 ? `${text.slice(0, MAX_TEXT)}…` : text;
}

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
