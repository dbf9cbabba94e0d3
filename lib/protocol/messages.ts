import { z } from "zod";
import { commandId, epoch, position, roomId, roomName, userId, username } from "./fields.ts";
import { REFUSALS } from "./codes.ts";
import { MODERATIONS } from "./commands.ts";

const timestamp = z.int().describe("Milliseconds since the Unix epoch");
const durationMs = z.int().min(0).describe("Milliseconds");
const count = z.int().min(0);
const role = z.enum(["owner", "admin", "member"]);
const status = z.enum(["online", "away", "offline"]);
const id = commandId.optional();
const visibility = z.enum(["public", "private"]);
const cursor = z.enum(["delivered", "read"]);
/** What a room looks like to who may change it. */
const settings = { id, roomId, roomName, visibility, protected: z.boolean() };

/** A file that came with a message. */
export const fileSchema = z.object({
  fileId: z.string(),
  name: z.string(),
  size: count,
  mime: z.string(),
  url: z.string().describe("Lets its reader in without a token, for about an hour"),
});
export type FileInfo = z.infer<typeof fileSchema>;

/** A message of a room's log, live or from history. */
export const chatSchema = z.object({
  type: z.literal("chat"),
  id: commandId,
  roomId,
  seq: position,
  userId,
  username,
  content: z.string(),
  timestamp,
  replyTo: z.string().optional(),
  file: fileSchema.optional(),
});
export type ChatMessage = z.infer<typeof chatSchema>;

const memberSchema = z.object({
  userId,
  username,
  status,
  role,
  connections: count,
  delivered: position,
  read: position,
  lastSeen: timestamp.optional().describe("When somebody who is offline was last here, if that is known"),
  mutedUntil: timestamp.nullable().optional().describe("While they are muted; `null` for good"),
});
export type MemberInfo = z.infer<typeof memberSchema>;

const bannedSchema = z.object({
  userId,
  username,
  until: timestamp.optional().describe("Left out for good"),
});
export type BannedInfo = z.infer<typeof bannedSchema>;

const roomSchema = z.object({
  roomId,
  roomName,
  members: count.describe("People who are in the room now"),
  protected: z.boolean().describe("A password is needed to join"),
  visibility,
});
export type RoomInfo = z.infer<typeof roomSchema>;

/** Everything the server may say, by `type`. */
export const MESSAGES = {
  welcome: z.object({
    type: z.literal("welcome"),
    protocol: z.literal("parley.v1"),
    connectionId: z.string(),
    userId,
    username,
    role: z.enum(["admin", "user"]),
    expiresAt: timestamp,
    serverTime: timestamp,
    heartbeatMs: durationMs,
    limits: z.object({
      messageBytes: count,
      fileBytes: count,
      historyPage: count,
      roomsPerConnection: count,
    }),
    rooms: z.array(z.object({ roomId, roomName, seq: position, epoch, read: position, unread: count })),
  }),
  authenticated: z.object({ type: z.literal("authenticated"), id, userId, username, expiresAt: timestamp }),
  room_history: z.object({
    type: z.literal("room_history"),
    id,
    roomId,
    epoch,
    seq: position.describe("The head of the log when this page was read"),
    history: z.array(chatSchema),
    recovered: z.boolean().optional().describe("In answer to `join`: whether the page continues at `after`"),
    more: z.boolean(),
  }),
  joined: z.object({
    type: z.literal("joined"),
    id,
    roomId,
    roomName,
    members: count,
    epoch,
    seq: position,
    role,
    read: position,
  }),
  left: z.object({ type: z.literal("left"), id, roomId }),
  ack: z.object({
    type: z.literal("ack"),
    id,
    roomId,
    seq: position,
    timestamp,
    duplicate: z.literal(true).optional(),
  }),
  ok: z.object({ type: z.literal("ok"), id: commandId }),
  chat: chatSchema,
  system: z.object({
    type: z.literal("system"),
    roomId,
    event: z.string(),
    userId: userId.optional(),
    username: username.optional(),
    by: userId.optional().describe("Who did it, where that is somebody else"),
    reason: z.string().optional(),
    seconds: count.optional(),
    roomName: roomName.optional(),
    visibility: visibility.optional(),
    protected: z.boolean().optional(),
    message: z.string().optional(),
    members: count.optional(),
    timestamp,
  }),
  receipt: z.object({ type: z.literal("receipt"), roomId, userId, seq: position, status: cursor }),
  presence: z.object({
    type: z.literal("presence"),
    userId,
    username,
    status,
    lastSeen: timestamp.optional(),
  }),
  created: z.object({ type: z.literal("created"), ...settings, epoch, seq: position }),
  updated: z.object({ type: z.literal("updated"), ...settings }),
  moderated: z.object({
    type: z.literal("moderated"),
    id,
    roomId,
    action: z.enum(MODERATIONS),
    userId,
    seconds: count.optional(),
    reason: z.string().optional(),
  }),
  invited: z.object({ type: z.literal("invited"), id, roomId, userId }),
  notification: z.object({
    type: z.literal("notification"),
    title: z.string(),
    body: z.string(),
    data: z.unknown().optional(),
  }),
  event: z.object({
    type: z.literal("event"),
    event: z.string(),
    data: z.unknown().optional(),
    roomId: roomId.optional(),
  }),
  search_results: z.object({
    type: z.literal("search_results"),
    id,
    results: z.array(chatSchema.extend({ snippet: z.string().describe("The hits stand between ** and **") })),
    more: z.boolean(),
  }),
  typing: z.object({ type: z.literal("typing"), roomId, userId, username, isTyping: z.boolean() }),
  rooms: z.object({ type: z.literal("rooms"), id, rooms: z.array(roomSchema) }),
  members: z.object({
    type: z.literal("members"),
    id,
    roomId,
    members: z.array(memberSchema),
    banned: z.array(bannedSchema).optional().describe("For who may let them come back"),
  }),
  pong: z.object({ type: z.literal("pong"), id, timestamp }),
  file_ready: z.object({
    type: z.literal("file_ready"),
    id: commandId,
    fileId: z.string(),
    handle: count.describe("Stands at the beginning of every chunk"),
    offset: count.describe("Where to go on; the whole size if nothing needs to be sent"),
    chunkBytes: count.describe("The most data one chunk may hold"),
    window: count.describe("How many chunks may be on their way unconfirmed"),
  }),
  file_progress: z.object({
    type: z.literal("file_progress"),
    fileId: z.string(),
    offset: count.describe("The bytes that are kept"),
  }),
  token_expiring: z.object({ type: z.literal("token_expiring"), expiresAt: timestamp }),
  server_shutdown: z.object({ type: z.literal("server_shutdown"), reconnectInMs: durationMs }),
  error: z.object({
    type: z.literal("error"),
    code: z.enum(Object.keys(REFUSALS) as [keyof typeof REFUSALS]),
    message: z.string(),
    id,
    roomId: roomId.optional(),
    retryAfterMs: durationMs.optional(),
  }),
};
export type MessageType = keyof typeof MESSAGES;
/** What the server says under one `type`. */
export type Message<T extends MessageType> = z.infer<(typeof MESSAGES)[T]>;
