/** What goes over the wire, as the protocol `parley.v1` names it; times are milliseconds since the Unix epoch. */

/** A message of a room's log. */
export type ChatMessage = {
  type: "chat";
  id: string;
  roomId: string;
  /** The place in the room's log: from 1, without gaps. */
  seq: number;
  userId: string;
  username: string;
  content: string;
  timestamp: number;
  replyTo?: string;
  file?: FileInfo;
};

/** A file that came with a message. */
export type FileInfo = { fileId: string; name: string; size: number; mime: string; url: string };

/** The first message of a connection: who one is, what the server allows, and the rooms one belongs to. */
export type Welcome = {
  type: "welcome";
  protocol: string;
  connectionId: string;
  userId: string;
  username: string;
  role: string;
  expiresAt: number;
  serverTime: number;
  heartbeatMs: number;
  limits: { messageBytes: number; fileBytes: number; historyPage: number; roomsPerConnection: number };
  rooms: RoomSummary[];
};

/** A room one belongs to, and how far one has read it. */
export type RoomSummary = {
  roomId: string;
  roomName: string;
  seq: number;
  epoch: string;
  read: number;
  unread: number;
};

/** A room that may be joined. */
export type RoomInfo = {
  roomId: string;
  roomName: string;
  members: number;
  protected: boolean;
  visibility: Visibility;
};

/** Who may see a room: everybody, or who was invited. */
export type Visibility = "public" | "private";

/** What a room is called and who may come in. */
export type RoomSettings = { roomId: string; roomName: string; visibility: Visibility; protected: boolean };

/** A room to be made. */
export type NewRoom = { roomId: string; roomName?: string; visibility?: Visibility; password?: string };

/** What may be changed about a room. */
export type RoomChanges = { roomName?: string; visibility?: Visibility; password?: string | null };

/** What can be done to somebody in a room. */
export type Moderation = "kick" | "ban" | "unban" | "mute" | "unmute" | "promote" | "demote";

/** Somebody in a room. */
export type MemberInfo = {
  userId: string;
  username: string;
  status: string;
  role: string;
  connections: number;
  delivered: number;
  read: number;
  /** When somebody who is offline was last here, if that is known. */
  lastSeen?: number;
  /** Until when they may not write, while that lasts; `null` is for good. */
  mutedUntil?: number | null;
};

/** Somebody who may not come into a room; without `until` it is for good. */
export type BannedInfo = { userId: string; username: string; until?: number };

/** The server has kept a message; `duplicate` says that it had it already. */
export type Ack = {
  type: "ack";
  id: string;
  roomId: string;
  seq: number;
  timestamp: number;
  duplicate?: boolean;
};

/** A page of a room's log, oldest message first; `seq` is the head of the log. */
export type RoomHistory = {
  type: "room_history";
  id?: string;
  roomId: string;
  epoch: string;
  seq: number;
  history: ChatMessage[];
  recovered?: boolean;
  more: boolean;
};

/** The answer to `join`. */
export type Joined = {
  type: "joined";
  id?: string;
  roomId: string;
  roomName: string;
  members: number;
  epoch: string;
  seq: number;
  role: string;
  read: number;
};

/** Something that happened to a room: `join`, `leave`, `members`, `update`, or an action of its moderators. */
export type SystemMessage = {
  type: "system";
  roomId: string;
  event: string;
  timestamp: number;
  userId?: string;
  username?: string;
  message?: string;
  members?: number;
  by?: string;
  reason?: string;
  roomName?: string;
  role?: string;
  /** How long it lasts; for good if it is not said. */
  seconds?: number;
  visibility?: Visibility;
  protected?: boolean;
};

/** Somebody began or ceased to type. */
export type Typing = {
  type: "typing";
  roomId: string;
  userId: string;
  username: string;
  isTyping: boolean;
};

/** Somebody who shares a room came, went, or stepped away. */
export type Presence = {
  type: "presence";
  userId: string;
  username: string;
  status: string;
  lastSeen?: number;
};

/** Somebody has received or read a room up to `seq`. */
export type Receipt = {
  type: "receipt";
  roomId: string;
  userId: string;
  seq: number;
  status: "delivered" | "read";
};

/** A note to this user, for instance an invitation. */
export type Notification = { type: "notification"; title: string; body: string; data?: unknown };

/** An event that a program sent through the HTTP API. */
export type ServerEvent = { type: "event"; event: string; data: unknown; roomId?: string };

/** The token ends soon. */
export type TokenExpiring = { type: "token_expiring"; expiresAt: number };

/** The token was renewed. */
export type Authenticated = {
  type: "authenticated";
  id?: string;
  userId: string;
  username: string;
  expiresAt: number;
};

/** The server goes away, and says when to come back. */
export type ServerShutdown = { type: "server_shutdown"; reconnectInMs: number };

/** A refusal; `code` is for programs, `message` for people. */
export type ErrorMessage = {
  type: "error";
  code: string;
  message: string;
  id?: string;
  roomId?: string;
  retryAfterMs?: number;
};

/** A message found by `search`, with the words around the find. */
export type SearchResult = ChatMessage & { snippet: string };

/** Where to look, and how far. */
export type SearchRequest = { roomId?: string; before?: number; limit?: number };

/** What was found. */
export type SearchPage = { results: SearchResult[]; more: boolean };

/** The answers to commands that nothing else here is named for. */
export type Reply =
  | { type: "ok"; id: string }
  | { type: "pong"; id?: string; timestamp: number }
  | { type: "left"; id?: string; roomId: string }
  | { type: "rooms"; id?: string; rooms: RoomInfo[] }
  | { type: "members"; id?: string; roomId: string; members: MemberInfo[]; banned?: BannedInfo[] }
  | { type: "search_results"; id?: string; results: SearchResult[]; more: boolean }
  | RoomSettings & { type: "created"; id?: string }
  | RoomSettings & { type: "updated"; id?: string }
  | { type: "moderated"; id?: string; roomId: string; action: Moderation; userId: string }
  | { type: "invited"; id?: string; roomId: string; userId: string }
  | {
    type: "file_ready";
    id: string;
    fileId: string;
    handle: number;
    offset: number;
    chunkBytes: number;
    window: number;
  }
  | { type: "file_progress"; id?: string; fileId: string; offset: number };

/** Everything the server says. */
export type ServerMessage =
  | ChatMessage
  | Welcome
  | Ack
  | RoomHistory
  | Joined
  | SystemMessage
  | Typing
  | Presence
  | Receipt
  | Notification
  | ServerEvent
  | TokenExpiring
  | Authenticated
  | ServerShutdown
  | ErrorMessage
  | Reply;

/** The message of one type. */
export type MessageOf<T extends ServerMessage["type"]> = Extract<ServerMessage, { type: T }>;

/** A command to the server; without `id` it gets one. */
export type Command = { type: string; id?: string; roomId?: string; [field: string]: unknown };
