import type { TokenVerifier } from "../auth/token_verifier.ts";
import type { Observer } from "../chat/observer.ts";
import type { Turn } from "../kit/turn.ts";
import type { Message } from "../protocol/messages.ts";
import type { Log } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Connections } from "./connections.ts";
import type { Chat, Dispatch } from "./dispatch.ts";
import type { InboxOptions } from "./inbox.ts";
import type { RateLimits } from "./rate_limits.ts";

export interface ConnectionOptions extends InboxOptions {
  /** Who has not signed in by then is closed. */
  readonly authTimeoutMs: number;
  /** Every peer is pinged this often, and closed after twice as long without a sign of life. */
  readonly heartbeatMs: number;
  readonly maxSendBufferBytes: number;
  /** What a client is told in its welcome. */
  readonly limits: Message<"welcome">["limits"];
}

/** What every connection is given to work with. */
export interface ConnectionParts {
  readonly connections: Connections;
  readonly chat: Chat;
  readonly dispatch: Dispatch;
  readonly verifier: TokenVerifier;
  readonly rates: RateLimits;
  readonly turn: Turn;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly observer?: Observer;
  readonly options: ConnectionOptions;
}
