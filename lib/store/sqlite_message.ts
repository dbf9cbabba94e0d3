import type { SQLOutputValue } from "node:sqlite";
import type { ChatMessage } from "../protocol/messages.ts";
import { SEQ } from "./sqlite_schema.ts";
import { fromText } from "./sqlite_text.ts";

/** What is read of a message. */
export const MESSAGE_COLUMNS =
  `message.${SEQ} AS seq, user_id, message_id, username, content, timestamp, reply_to, file`;

/** A row of {@linkcode MESSAGE_COLUMNS}. */
export type MessageRow = [
  seq: number,
  userId: string,
  id: SQLOutputValue,
  username: string,
  content: SQLOutputValue,
  timestamp: number,
  replyTo: SQLOutputValue,
  file: string | null,
];

/** The message of a row. */
export function toMessage(roomId: string, row: MessageRow): ChatMessage {
  const [seq, userId, id, username, content, timestamp, replyTo, file] = row;
  const message: ChatMessage = {
    type: "chat",
    id: fromText(id),
    roomId,
    seq,
    userId,
    username,
    content: fromText(content),
    timestamp,
  };
  if (replyTo !== null) message.replyTo = fromText(replyTo);
  if (file !== null) message.file = JSON.parse(file);
  return message;
}
