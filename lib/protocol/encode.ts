import type { ChatMessage, Message, MessageType } from "./messages.ts";
import type { Refusal } from "./codes.ts";

/** Writes one message of the server; fields that are `undefined` are left out. */
export function encode<T extends MessageType>(message: Message<T> & { type: T }): string {
  return JSON.stringify(message);
}

/** Writes a message of the log; the same text serves live delivery and history. */
export function encodeChat(message: ChatMessage): string {
  return JSON.stringify(message);
}

/** Writes a page of history from messages that are already written. */
export function encodeHistory(
  head: Omit<Message<"room_history">, "type" | "history">,
  history: readonly string[],
): string {
  const { id, roomId, epoch, seq, recovered, more } = head;
  const fields = JSON.stringify({ type: "room_history", id, roomId, epoch, seq });
  const rest = JSON.stringify({ recovered, more });
  return `${fields.slice(0, -1)},"history":[${history.join(",")}],${rest.slice(1)}`;
}

/** Writes the refusal of a command. */
export function encodeRefusal(refusal: Refusal, id?: string, roomId?: string): string {
  const { code, message, retryAfterMs } = refusal;
  return encode({ type: "error", code, message, id, roomId, retryAfterMs });
}

/** Writes a page of history for the HTTP API from messages that are already written. */
export function encodePage(
  { roomId, epoch, seq, more }: { roomId: string; epoch: string; seq: number; more: boolean },
  history: readonly string[],
): string {
  const fields = JSON.stringify({ roomId, epoch, seq });
  return `${fields.slice(0, -1)},"history":[${history.join(",")}],"more":${more}}`;
}
