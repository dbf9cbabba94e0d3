import type { ChatMessage } from "../protocol/messages.ts";
import type { Draft } from "./store.ts";

/** The message that a draft becomes at its place in the log. */
export function placeDraft(draft: Draft, seq: number): ChatMessage {
  const { id, roomId, userId, username, content, timestamp, replyTo, file } = draft;
  const message: ChatMessage = { type: "chat", id, roomId, seq, userId, username, content, timestamp };
  if (replyTo !== undefined) message.replyTo = replyTo;
  if (file !== undefined) message.file = file;
  return message;
}

/** A name for a new life of a log. */
export function newEpoch(): string {
  return crypto.randomUUID().replaceAll("-", "").slice(0, 16);
}
