import { z } from "zod";
import { REFUSALS } from "./codes.ts";
import { COMMANDS } from "./commands.ts";
import { commandId, name, position, roomId, text, userId, username } from "./fields.ts";
import { chatSchema, MESSAGES } from "./messages.ts";

const { content, replyTo } = COMMANDS.chat.shape;
const { before: time, query } = COMMANDS.search.shape;
const limit = COMMANDS.history.shape.limit;
const { epoch, seq, history, more } = MESSAGES.room_history.shape;
const timestamp = chatSchema.shape.timestamp;
const eventName = name(128).describe("What happened, in the words of the program that tells it");
const data = z.unknown().optional().describe("Anything that JSON can say");
const sent = z.object({ sent: z.literal(true) });
const whole = z.int().min(0);

/** What a program may send to the HTTP API. */
export const BODIES = {
  PublishRequest: object({
    content,
    id: commandId.optional().describe("Names the message: the same one again is not published again"),
    username: username.optional().describe("Shown as the author in place of the caller's own name"),
    replyTo,
  }),
  MessageRequest: object({ roomId, text: content }),
  EventRequest: object({ event: eventName, data }),
  NotificationRequest: object({
    title: text(256),
    body: z.string("must be a string").refine((body) => body.isWellFormed(), "must be well-formed Unicode"),
    data,
  }),
  DisconnectRequest: object({
    reason: text(256).optional().describe("Added to the close frame, cut to what fits"),
  }),
  TokenRequest: object({
    username,
    guestKey: text(128).optional()
      .describe("A secret of the client's own making: the same one is the same guest again"),
  }),
};

/** What a program may ask for in an address's query. */
export const QUERIES = {
  history: z.object({
    after: number(position).optional().describe("Only messages with a higher `seq`, oldest first"),
    before: number(position).optional().describe("Only messages with a lower `seq`"),
    limit: number(limit.unwrap()).optional().describe("At most so many; the server may give fewer"),
  }),
  search: z.object({
    q: query.describe('Words, "phrases", `from:`, `in:`, `before:` and `after:` with a day like 2026-11-20'),
    roomId: roomId.optional(),
    before: number(time.unwrap()).optional().describe(
      "The `timestamp` of the last result of the page before",
    ),
    limit: number(limit.unwrap()).optional(),
  }),
};

/** What the server answers over HTTP. */
export const ANSWERS = {
  Published: z.object({ id: commandId, roomId, seq, timestamp }),
  Sent: sent,
  HistoryPage: z.object({ roomId, epoch, seq, history, more }),
  RoomList: z.object({ rooms: MESSAGES.rooms.shape.rooms }),
  MemberList: MESSAGES.members.pick({ roomId: true, members: true, banned: true }),
  SearchPage: MESSAGES.search_results.pick({ results: true, more: true }),
  Disconnected: z.object({
    disconnected: whole.describe("Connections closed, on all nodes that answered in time"),
  }),
  GuestToken: z.object({ token: z.string(), userId, username, expiresAt: timestamp }),
  Health: z.object({
    status: z.enum(["ok", "degraded"]).describe(
      "`degraded` while the store takes no messages, lets nobody in, or cannot be reached",
    ),
    connections: whole,
    rooms: whole.describe("Rooms in memory"),
    store: z.string().describe("The kind of store"),
    eventLoopDelayMs: z.number().min(0).describe("The longest delay of late"),
    version: z.string(),
    uptimeMs: whole,
  }),
  Readiness: z.object({ status: z.enum(["starting", "ready", "draining"]) }),
  SocketMetrics: z.object({ activeConnections: whole, connectedSockets: whole, rooms: whole }),
  Problem: z.object({
    type: z.literal("about:blank"),
    title: z.string(),
    status: z.int().min(400).max(599),
    code: z.enum(Object.keys(REFUSALS) as [keyof typeof REFUSALS]).describe("For programs"),
    detail: z.string().optional().describe("For people: what is wrong, and where"),
    retryAfterMs: whole.optional().describe("Milliseconds until the same call can succeed"),
  }),
};

/** A number that is written as text. */
function number<T extends z.ZodType>(schema: T) {
  return z.preprocess(
    (value) => typeof value === "string" && /^-?\d{1,16}$/.test(value) ? Number(value) : value,
    schema,
  );
}

function object<T extends z.ZodRawShape>(shape: T) {
  return z.object(shape, "must be an object");
}
