import type { ConnectionState } from "./connection.ts";
import type { OutgoingMessage } from "./outgoing.ts";
import type { Room } from "./room.ts";
import type {
  ChatMessage,
  ErrorMessage,
  Notification,
  Presence,
  Receipt,
  ServerEvent,
  ServerMessage,
  SystemMessage,
  TokenExpiring,
  Typing,
  Welcome,
} from "./types.ts";

/** What a client tells its listeners, and what is in `detail`. */
export type ParleyClientEvents = {
  state: ConnectionState;
  welcome: Welcome;
  /** Everything the server says, as it comes. */
  message: ServerMessage;
  /** A message of a joined room, live or recovered, once and in order; and of rooms not joined, as it comes. */
  chat: ChatMessage;
  /** A direct room that somebody has just written in, and which is joined now. */
  direct: Room;
  system: SystemMessage;
  typing: Typing;
  presence: Presence;
  receipt: Receipt;
  notification: Notification;
  event: ServerEvent;
  token_expiring: TokenExpiring;
  /** An error that answers no command; also when a room cannot be joined again. */
  error: ErrorMessage;
  /** A message of ours whose status changed. */
  unsent: OutgoingMessage;
  /** A room's log could not be continued: messages may lie between what was shown and what is shown now. */
  gap: { roomId: string };
};
