/** Every refusal a command can meet: its text for people, and whether the same command may succeed later. */
export const REFUSALS = {
  invalid_json: { message: "Invalid JSON", retry: false },
  unknown_type: { message: "Unknown message type", retry: false },
  bad_request: { message: "Bad request", retry: false },
  too_large: { message: "Message too large", retry: false },
  rate_limited: { message: "Rate limit exceeded", retry: true },
  room_not_found: { message: "Room not found", retry: false },
  not_a_member: { message: "Join the room first", retry: false },
  forbidden: { message: "Not allowed", retry: false },
  wrong_password: { message: "Wrong password", retry: false },
  room_exists: { message: "Room exists already", retry: false },
  limit_exceeded: { message: "Limit exceeded", retry: false },
  user_not_found: { message: "User not found", retry: false },
  file_rejected: { message: "File rejected", retry: false },
  unavailable: { message: "Try again", retry: true },
  internal: { message: "Internal error", retry: false },
} as const;

/** The `code` of an `error`, for programs. */
export type RefusalCode = keyof typeof REFUSALS;

/** What a refusal may add to its code. */
export interface RefusalDetails {
  /** Replaces the code's own text. */
  message?: string;
  /** How long to wait before the same command can succeed. */
  retryAfterMs?: number;
}

/** An expected "no": a value that is returned, never thrown. */
export class Refusal {
  readonly code: RefusalCode;
  readonly message: string;
  readonly retryAfterMs: number | undefined;

  constructor(code: RefusalCode, details: RefusalDetails = {}) {
    this.code = code;
    this.message = details.message ?? REFUSALS[code].message;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** How a connection ends: the close code says whether the client comes back. */
export interface Ending {
  readonly code: number;
  readonly reason: string;
}

/**
 * Every ending the server chooses.
 *
 * RFC 6455 §7.4.2 leaves 4000–4999 to applications: here 4000–4499 means "come back", 4500–4999 "do not".
 */
export const ENDINGS = {
  shuttingDown: { code: 1001, reason: "Server shutting down" },
  authenticationRequired: { code: 1008, reason: "Authentication required" },
  invalidToken: { code: 1008, reason: "Invalid token" },
  expiredCredentials: { code: 1008, reason: "Token expired" },
  tooLarge: { code: 1009, reason: "Message too large" },
  internal: { code: 1011, reason: "Internal error" },
  unavailable: { code: 1013, reason: "Try again" },
  tokenExpired: { code: 4001, reason: "Token expired" },
  slowConsumer: { code: 4008, reason: "Slow consumer" },
  tooManyErrors: { code: 4009, reason: "Too many errors" },
  noHeartbeat: { code: 4010, reason: "No heartbeat" },
  disconnected: { code: 4503, reason: "Disconnected by administrator" },
  tooManyConnections: { code: 4504, reason: "Too many connections" },
} as const satisfies Record<string, Ending>;
