import type { Identity } from "../auth/token_verifier.ts";
import { encode } from "../protocol/encode.ts";
import type { Message } from "../protocol/messages.ts";
import type { ConnectionOptions } from "./parts.ts";

/** Writes the first thing anybody is told: who they are, where they belong, and what to keep to. */
export function encodeWelcome(
  connectionId: string,
  { userId, username, role, expiresAt }: Identity,
  { heartbeatMs, limits }: ConnectionOptions,
  rooms: Message<"welcome">["rooms"],
): string {
  return encode({
    type: "welcome",
    protocol: "parley.v1",
    connectionId,
    userId,
    username,
    role,
    expiresAt,
    serverTime: Date.now(),
    heartbeatMs,
    limits,
    rooms,
  });
}
