import { z } from "zod";
import {
  commandId,
  fileId,
  fileName,
  mime,
  name,
  position,
  roomId,
  roomName,
  text,
  userId,
} from "./fields.ts";

const id = commandId.optional();
const password = text(256);
const visibility = z.enum(["public", "private"], "must be public or private");
const limit = z.int("must be an integer").min(1, "must be 1 or more").optional();
const time = z.int("must be milliseconds since the Unix epoch").min(0, "must be 0 or more");

/** Also one that is too large to be exact. */
const anyInteger = z.number("must be an integer").refine(Number.isInteger, "must be an integer")
  .meta({ type: "integer" });

/** What a moderator can do to somebody in a room. */
export const MODERATIONS = ["kick", "ban", "unban", "mute", "unmute", "promote", "demote"] as const;
/** Ten years: longer is for good. */
const MAX_SECONDS = 10 * 365 * 24 * 60 * 60;
/** Plain clients send whatever stands in a form; nothing there means no name of its own. */
const givenName = z.union(
  [roomName, z.literal(["", null])],
  "must be 1 to 128 characters, no control characters",
);

/** Everything a client may say, by `type`. */
export const COMMANDS = {
  // A token that is too long is a bad token, not a bad request: whoever verifies it says so.
  auth: z.object({ type: z.literal("auth"), id, token: text(Number.MAX_SAFE_INTEGER) }),
  join: z.object({
    type: z.literal("join"),
    id,
    roomId,
    roomName: givenName.optional(),
    password: password.optional(),
    // A position or an epoch that was never handed out is not an error: it is a log that cannot be continued.
    after: anyInteger.optional(),
    epoch: z.string("must be a string").optional(),
  }),
  leave: z.object({ type: z.literal("leave"), id, roomId }),
  chat: z.object({
    type: z.literal("chat"),
    id,
    roomId,
    content: text(Number.MAX_SAFE_INTEGER),
    replyTo: commandId.optional(),
    fileId: fileId.optional(),
  }),
  typing: z.object({ type: z.literal("typing"), id, roomId, isTyping: z.boolean("must be true or false") }),
  history: z.object({
    type: z.literal("history"),
    id,
    roomId,
    after: position.optional(),
    before: position.optional(),
    limit,
  }),
  receipt: z.object({
    type: z.literal("receipt"),
    id,
    roomId,
    seq: z.int("must be an integer").min(1, "must be 1 or more"),
    status: z.enum(["delivered", "read"], "must be delivered or read"),
  }),
  presence: z.object({
    type: z.literal("presence"),
    id,
    status: z.enum(["online", "away"], "must be online or away"),
  }),
  dm: z.object({
    type: z.literal("dm"),
    id,
    to: name(128),
    content: text(Number.MAX_SAFE_INTEGER),
    replyTo: commandId.optional(),
  }),
  create: z.object({
    type: z.literal("create"),
    id,
    roomId,
    roomName: roomName.optional(),
    visibility: visibility.optional(),
    password: password.optional(),
  }),
  update: z.object({
    type: z.literal("update"),
    id,
    roomId,
    roomName: roomName.optional(),
    visibility: visibility.optional(),
    password: password.nullable().optional(),
  }),
  moderate: z.object({
    type: z.literal("moderate"),
    id,
    roomId,
    action: z.enum(MODERATIONS, `must be one of ${MODERATIONS.join(", ")}`),
    userId,
    seconds: z.int("must be an integer").min(1, "must be 1 or more").max(
      MAX_SECONDS,
      "must be ten years or less",
    )
      .optional(),
    reason: text(200).optional(),
  }),
  invite: z.object({ type: z.literal("invite"), id, roomId, userId }),
  search: z.object({
    type: z.literal("search"),
    id,
    query: text(512),
    roomId: roomId.optional(),
    before: time.optional(),
    limit,
  }),
  // The id names the upload, on every connection and after a restart, and then the message that it becomes.
  file_begin: z.object({
    type: z.literal("file_begin"),
    id: commandId,
    roomId,
    name: fileName,
    size: z.int("must be an integer").min(0, "must be 0 or more"),
    mime,
    sha256: z.string("must be 64 hexadecimal digits").regex(
      /^[0-9a-fA-F]{64}$/,
      "must be 64 hexadecimal digits",
    ),
  }),
  file_end: z.object({
    type: z.literal("file_end"),
    id: commandId,
    content: z.union([z.literal(""), text(Number.MAX_SAFE_INTEGER)], "must be well-formed Unicode")
      .optional(),
  }),
  file_abort: z.object({ type: z.literal("file_abort"), id: commandId }),
  rooms: z.object({ type: z.literal("rooms"), id }),
  members: z.object({ type: z.literal("members"), id, roomId }),
  ping: z.object({ type: z.literal("ping"), id }),
};
export type CommandType = keyof typeof COMMANDS;
/** One command of a client, checked; `T` narrows it to one or several types. */
export type Command<T extends CommandType = CommandType> = { [K in T]: z.infer<(typeof COMMANDS)[K]> }[T];

/** The room that a command is about. */
export function roomOf(command: Command): string | undefined {
  return "roomId" in command ? command.roomId : undefined;
}
